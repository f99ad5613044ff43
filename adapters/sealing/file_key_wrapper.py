"""Key-encryption keys in a secret folder, for any number of processes."""

import asyncio
from typing import Final

from attrs import define

from adapters.sealing import aead
from adapters.sealing.file_keyring import FileKeyring
from adapters.secret_folder import SecretFolder
from application.ports.key_wrapper import SealBroken
from application.ports.randomness import Randomness
from domain.identity_document import SealedKey

ID_PREFIX: Final = "file:"


def build(folder: SecretFolder, randomness: Randomness) -> "FileKeyWrapper":
    """The wrapper of that folder; an empty one gets its first key. SecretsUnusable if it is gone or others may look."""
    return FileKeyWrapper(randomness, FileKeyring.open(folder, randomness, is_precious=True))


@define(eq=False)
class FileKeyWrapper:
    """A KeyWrapper: keys are called `file:1`, `file:2`, and the newest wraps."""

    _randomness: Randomness
    _keyring: FileKeyring

    async def wrap(self, name: str, data_key: bytes) -> SealedKey:
        """See KeyWrapper."""
        keys = self._keyring.keys()
        number = max(keys)
        return SealedKey(_id(number), aead.sealed(keys[number], _bound(number, name), data_key, self._randomness))

    async def unwrap(self, name: str, sealed: SealedKey) -> bytes:
        """See KeyWrapper."""
        number = _number(sealed.key_id)
        key = self._keyring.find(number)
        if key is None:
            raise SealBroken(f"the key {sealed.key_id!r} under which it was wrapped is not here")
        return aead.opened(key, _bound(number, name), sealed.blob)

    async def current_key_id(self) -> str:
        """See KeyWrapper."""
        return _id(max(self._keyring.keys()))

    async def rotate(self) -> str:
        """See KeyWrapper."""
        return _id(await asyncio.to_thread(self._keyring.add))

    async def retire(self) -> tuple[str, ...]:
        """See KeyWrapper."""
        return tuple(map(_id, await asyncio.to_thread(self._keyring.keep_newest)))


def _id(number: int) -> str:
    return f"{ID_PREFIX}{number}"


def _number(key_id: str) -> int:
    """Zero for an id that we never gave."""
    digits = key_id.removeprefix(ID_PREFIX)
    return int(digits) if digits.isdecimal() and _id(int(digits)) == key_id else 0


def _bound(number: int, name: str) -> str:
    return f"data-key|{_id(number)}|{name}"
