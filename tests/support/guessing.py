"""Somebody who guesses at one account for a month, from everywhere, while its person signs in each day."""

from datetime import timedelta
from typing import Final

from attrs import Factory, define

from adapters.identity.argon2_hasher import Argon2Hasher
from application.errors import SignInFailed
from application.use_cases.sign_in import SignInCommand
from domain.guesses import PasswordClosed, SignInLocked
from tests.support.world import PASSWORD, World

_ASK_AGAIN: Final = timedelta(hours=1)
"""How often the attacker looks whether a closed account is open again."""


@define(eq=False)
class WatchedHasher:
    """A hasher that notes which passwords were really looked at."""

    inner: Argon2Hasher = Factory(lambda: Argon2Hasher(memory_kib=8))
    looked_at: list[str] = Factory(list)

    async def hash(self, password: str) -> str:
        return await self.inner.hash(password)

    async def verify(self, password_hash: str, password: str) -> bool:
        self.looked_at.append(password)
        return await self.inner.verify(password_hash, password)

    def is_weak(self, password_hash: str) -> bool:
        return self.inner.is_weak(password_hash)

    @property
    def guesses(self) -> int:
        return sum(password.startswith("guess") for password in self.looked_at)


@define(eq=False)
class Siege:
    """Thirty days. Each guess comes from a source that was never seen before, and as early as it may."""

    world: World
    hasher: WatchedHasher
    email: str
    device: str = ""
    locked_out: list[timedelta] = Factory(list)
    """For each day how long its person had to wait; a day if there was no end to it."""
    tries: int = 0

    async def person_signs_in(self) -> None:
        """From the device that they always use, after a slip of the finger."""
        began = self.world.clock.now()
        waited = timedelta(0)
        for password in ("correct horse battery stable", PASSWORD):
            while waited < timedelta(days=1):
                try:
                    signed_in = await self.world.deeds.sign_in(
                        SignInCommand(self.email, password, "198.51.100.7/32", self.device)
                    )
                except SignInFailed:
                    break
                except SignInLocked as locked:
                    waited += locked.wait
                    self.world.clock.advance(locked.wait)
                    continue
                except PasswordClosed:
                    waited = timedelta(days=1)
                    break
                self.device = signed_in.kept.secret
                break
        self.locked_out.append(waited)
        self.world.clock.set(began)

    async def last(self, days: int = 30) -> None:
        end = self.world.clock.now() + timedelta(days=days)
        next_day = self.world.clock.now()
        while self.world.clock.now() < end:
            if self.world.clock.now() >= next_day:
                await self.person_signs_in()
                next_day += timedelta(days=1)
            self.world.clock.advance(await self._guess())

    async def _guess(self) -> timedelta:
        """How long until it is worth asking again."""
        self.tries += 1
        source = f"2001:db8:{self.tries >> 16:x}:{self.tries & 0xFFFF:x}::/64"
        try:
            await self.world.deeds.sign_in(SignInCommand(self.email, f"guess {self.tries} of a password", source))
        except SignInLocked as locked:
            return locked.wait
        except PasswordClosed:
            return _ASK_AGAIN
        except SignInFailed:
            pass
        return timedelta(0)
