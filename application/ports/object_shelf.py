"""Putting stored objects aside, for those object stores that keep cheaper what is seldom read."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class ObjectShelf(Protocol):
    """Marks what hardly anybody looks at any more. It can be read as before, at once."""

    async def set_aside(self, key: str) -> None:
        """Again is no error, nor is nothing there. ObjectStoreUnavailable if nobody answers."""
