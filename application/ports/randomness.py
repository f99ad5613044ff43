from typing import Protocol


class Randomness(Protocol):
    """The only source of chance. In production it is the operating system's, fit for secrets."""

    def token_bytes(self, count: int) -> bytes:
        """That many unguessable bytes."""

    def uniform(self, low: float, high: float) -> float:
        """A number between the two, for jitter."""
