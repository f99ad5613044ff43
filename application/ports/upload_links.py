"""A port to links by which a file comes into the object store past whoever serves requests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol, runtime_checkable

from attrs import frozen


@frozen
class ExpectedFile:
    """The one file that a link is for."""

    key: str
    """Where it will lie; the ending says of which type it is."""
    size: int
    """In bytes."""
    sha256: bytes


@frozen
class UploadLink:
    """Where the file is sent to by PUT, with these headers as they stand."""

    url: str
    headers: Mapping[str, str]


@runtime_checkable
class UploadLinks(Protocol):
    """Makes links for those who may not write to the store otherwise. Whoever has one may use it, more than once."""

    async def upload_link(self, expected: ExpectedFile, life: timedelta) -> UploadLink:
        """Good for these bytes under this key, and for nothing else, until its life is over.

        ObjectRefused for a key that we do not make; ObjectStoreUnavailable if none can be made now.
        """
