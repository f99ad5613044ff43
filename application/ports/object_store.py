from typing import Protocol

from attrs import field, frozen


class ObjectMissing(Exception):
    """Nothing is stored under that key."""


class ObjectStoreUnavailable(Exception):
    """The store did not answer, or has no room left. Nothing half-written can be read."""


@frozen
class StoredObject:
    data: bytes = field(repr=False)
    media_type: str


class ObjectStore(Protocol):
    """Keeps files under keys such as `public/events/evt_…/img_….jpg`, which we make and users never do."""

    async def put(self, key: str, content: StoredObject) -> None:
        """Store whole, or not at all; what was there is replaced."""

    async def get(self, key: str) -> StoredObject:
        """ObjectMissing if there is none."""

    async def delete(self, key: str) -> None:
        """Remove; nothing there is no error."""
