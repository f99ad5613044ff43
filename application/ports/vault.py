"""A port to what keeps stored words unreadable for whoever only has the store."""

from typing import Protocol


class SealBroken(Exception):
    """What was sealed cannot be opened: its key is gone, or somebody changed it or put it under another name."""


class Vault(Protocol):
    """Seals what others sent us, so that a copy of the store, such as a backup, tells nothing of it."""

    def seal(self, name: str, content: bytes) -> bytes:
        """Unreadable and unchangeable, and bound to that name. Two calls differ."""

    def open(self, name: str, sealed: bytes) -> bytes:
        """What was sealed under that name, under any key that is still there; SealBroken otherwise."""

    def rotate(self) -> int:
        """Seal with a new key from now on, in every process; its number. Every earlier one still opens."""
