"""Argon2id, the password hash of RFC 9106, through argon2-cffi."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher as Argon2
from argon2 import Type, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from attrs import define, field

from application.password_policy import normal_form

MEMORY_KIB: Final = 46 * 1024
"""With one pass and one lane, the first choice of OWASP's Password Storage Cheat Sheet."""
PASSWORD_CHARS_MAX: Final = 4_096
"""Nothing longer is stored, so nothing longer can fit. Keeps a huge body from being normalized."""


def _cores() -> int:
    return os.cpu_count() or 1


@define(eq=False)
class Argon2Hasher:
    """Hashes in threads, as many at a time as there are cores, and so in a known amount of memory."""

    memory_kib: int = MEMORY_KIB
    passes: int = 1
    lanes: int = 1
    threads_max: int = field(factory=_cores)
    _argon2: Argon2 = field(init=False, repr=False)
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._argon2 = Argon2(time_cost=self.passes, memory_cost=self.memory_kib, parallelism=self.lanes, type=Type.ID)
        self._pool = ThreadPoolExecutor(self.threads_max, thread_name_prefix="argon2")

    async def hash(self, password: str) -> str:
        """See PasswordHasher."""
        if len(password) > PASSWORD_CHARS_MAX:
            raise ValueError(f"a password of more than {PASSWORD_CHARS_MAX} characters came past the policy")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hash, password)

    async def verify(self, password_hash: str, password: str) -> bool:
        """See PasswordHasher."""
        if len(password) > PASSWORD_CHARS_MAX:
            password_hash, password = "", ""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._verify, password_hash, password)

    def is_weak(self, password_hash: str) -> bool:
        """See PasswordHasher. A hash stronger than today's stays, which argon2's own check would replace."""
        try:
            stored = extract_parameters(password_hash)
        except InvalidHashError:
            return True
        if stored.type is not Type.ID or stored.version < ARGON2_VERSION:
            return True
        return (
            stored.memory_cost < self.memory_kib
            or stored.time_cost < self.passes
            or stored.salt_len < self._argon2.salt_len
            or stored.hash_len < self._argon2.hash_len
        )

    def _hash(self, password: str) -> str:
        return self._argon2.hash(_normal(password))

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, _normal(password))
        except VerifyMismatchError:
            return False
        except (Argon2Error, ValueError):
            # Nobody may learn from the time it takes that there is no such account, or that its hash is broken.
            self._hash(password)
            return False


def _normal(password: str) -> bytes:
    return normal_form(password).encode("utf-8", "surrogatepass")
