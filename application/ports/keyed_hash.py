from typing import Protocol


class KeyedHash(Protocol):
    """Names that only we can make: without our key, nobody can tell which text one belongs to, nor make another."""

    def of(self, purpose: str, text: str) -> str:
        """The same for the same text, in every process. Each purpose has a key of its own."""
