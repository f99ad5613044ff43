from typing import Protocol


class PasswordHasher(Protocol):
    """Turns passwords into what may be stored. Slow on purpose, and never on the event loop."""

    async def hash(self, password: str) -> str:
        """A salted hash that names its own parameters."""

    async def verify(self, password_hash: str, password: str) -> bool:
        """Whether the password fits. With an empty hash it takes as long and says no."""

    def is_weak(self, password_hash: str) -> bool:
        """Whether today's parameters are stronger than those of this hash."""
