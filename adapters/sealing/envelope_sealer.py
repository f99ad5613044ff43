"""A data key for each content: AES-256-GCM, in a thread, since ten megabytes take a while."""

import asyncio
from typing import Final

from attrs import frozen

from adapters.sealing import aead
from application.ports.key_wrapper import KeyWrapper
from application.ports.randomness import Randomness
from domain.identity_document import SealedKey

_KEY_BYTES: Final = 32


@frozen
class EnvelopeSealer:
    """Envelopes over any KeyWrapper."""

    wrapper: KeyWrapper
    randomness: Randomness

    async def seal(self, name: str, content: bytes) -> tuple[bytes, SealedKey]:
        """See Envelopes."""
        data_key = self.randomness.token_bytes(_KEY_BYTES)
        sealed = await asyncio.to_thread(aead.sealed, data_key, name, content, self.randomness)
        return sealed, await self.wrapper.wrap(name, data_key)

    async def open(self, name: str, sealed: bytes, key: SealedKey) -> bytes:
        """See Envelopes."""
        return await asyncio.to_thread(aead.opened, await self.wrapper.unwrap(name, key), name, sealed)

    async def current_key_id(self) -> str:
        """See Envelopes."""
        return await self.wrapper.current_key_id()

    async def rewrap(self, name: str, key: SealedKey) -> SealedKey:
        """See Envelopes."""
        return await self.wrapper.wrap(name, await self.wrapper.unwrap(name, key))

    async def rotate(self) -> str:
        """See Envelopes."""
        return await self.wrapper.rotate()

    async def retire(self) -> tuple[str, ...]:
        """See Envelopes."""
        return await self.wrapper.retire()
