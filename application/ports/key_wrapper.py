"""A port to the keys that wrap other keys: a file on this machine, or a key service."""

from typing import Protocol

from application.ports.vault import SealBroken
from domain.identity_document import SealedKey

__all__ = ["KeyWrapper", "SealBroken"]


class KeyWrapper(Protocol):
    """Wraps data keys under a key-encryption key that never leaves it, and which an id names.

    During a rotation there are two: the new one wraps, and both unwrap. OSError or TimeoutError means that it did
    not answer.
    """

    async def wrap(self, name: str, data_key: bytes) -> SealedKey:
        """Under the current key, bound to that name. Two calls differ."""

    async def unwrap(self, name: str, sealed: SealedKey) -> bytes:
        """What was wrapped for that name; SealBroken if its key is gone, or it was changed or given another name."""

    async def current_key_id(self) -> str:
        """Which key wraps now."""

    async def rotate(self) -> str:
        """Wrap with a new key from now on, in every process; its id. What was wrapped before stays readable."""

    async def retire(self) -> tuple[str, ...]:
        """Destroy every key but the current one, for good; their ids. What is still wrapped by them is lost."""
