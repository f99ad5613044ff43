"""Key-encryption keys in a private folder, for one machine with any number of processes."""

import asyncio
from pathlib import Path
from typing import Final

from attrs import define

from adapters.sealing import aead
from adapters.sealing.file_keyring import FileKeyring
from application.ports.key_wrapper import SealBroken
from application.ports.randomness import Randomness
from domain.identity_document import SealedKey

ID_PREFIX: Final = "file:"


def build(folder: Path, randomness: Randomness) -> "FileKeyWrapper":
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
        for number, key in self._keyring.keys().items():
            if _id(number) == sealed.key_id:
                return aead.opened(key, _bound(number, name), sealed.blob)
        raise SealBroken(f"the key {sealed.key_id!r} under which it was wrapped is not here")

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


def _bound(number: int, name: str) -> str:
    return f"data-key|{_id(number)}|{name}"
