from typing import Protocol

from domain.identity_document import SealedKey


class Envelopes(Protocol):
    """Seals each content under a random key of its own, which is wrapped by a key-encryption key.

    Whoever destroys the wrapped key has destroyed the content, wherever copies of it lie.
    """

    async def seal(self, name: str, content: bytes) -> tuple[bytes, SealedKey]:
        """Unreadable and unchangeable, and bound to that name."""

    async def open(self, name: str, sealed: bytes, key: SealedKey) -> bytes:
        """What was sealed under that name; SealBroken if it was changed, or its key is gone."""

    async def current_key_id(self) -> str:
        """Which key-encryption key wraps now."""

    async def rewrap(self, name: str, key: SealedKey) -> SealedKey:
        """The same data key under the current key-encryption key: the content stays as it is."""

    async def rotate(self) -> str:
        """Wrap with a new key-encryption key from now on; its id."""

    async def retire(self) -> tuple[str, ...]:
        """Destroy the earlier key-encryption keys; their ids."""
