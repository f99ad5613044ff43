from typing import Protocol

from application.ports.object_store import StoredObject
from domain.errors import InvalidValue


class PictureRefused(InvalidValue):
    """Not a picture that we take: the content decides, not the name."""

    code = "picture_refused"


class Pictures(Protocol):
    """Makes uploaded pictures safe to show."""

    async def clean(self, data: bytes) -> StoredObject:
        """The same picture, decoded and written anew as JPEG or PNG, without metadata; PictureRefused otherwise."""
