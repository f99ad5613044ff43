import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from attrs import field, frozen

MEDIA_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "bin": "application/octet-stream",  # what is sealed, and so of no type that a reader could know
}
FOUND_MAX: Final = 1_000
"""How many keys are listed at a time."""
_FOLDER: Final = re.compile(r"(?:[A-Za-z0-9_-]{1,100}/){1,8}")
_KEY: Final = re.compile(r"(?:[A-Za-z0-9_-]{1,100}/){0,8}[A-Za-z0-9_-]{1,100}\.([a-z]{3})")


class ObjectMissing(Exception):
    """Nothing is stored under that key."""


class ObjectStoreUnavailable(Exception):
    """The store did not answer, or has no room left. Nothing half-written can be read."""


class ObjectRefused(ValueError):
    """Not a key that we make, or content whose type is not what the key's ending says. A mistake of ours."""


@frozen
class StoredObject:
    data: bytes = field(repr=False)
    media_type: str


def media_type_of(key: str) -> str:
    """What the ending of a key says about its content; ObjectRefused unless it is a key such as we make.

    Only the last part has a dot. So no part is `.` or `..`, nothing is hidden, and no key is another one's folder.
    """
    match = _KEY.fullmatch(key)
    if match is None or match[1] not in MEDIA_TYPES:
        raise ObjectRefused(f"{key[:120]!r} is not the key of a stored object")
    return MEDIA_TYPES[match[1]]


def check_fits(key: str, content: StoredObject) -> None:
    """ObjectRefused unless this content may lie under this key."""
    told = media_type_of(key)
    if content.media_type != told:
        raise ObjectRefused(f"{key} holds {told}, not {content.media_type!r}")


def check_folder(folder: str) -> None:
    """ObjectRefused unless keys such as we make can lie below it."""
    if _FOLDER.fullmatch(folder) is None:
        raise ObjectRefused(f"{folder[:120]!r} is no folder of stored objects")


class ObjectStore(Protocol):
    """Keeps files under keys such as `public/events/evt_…/img_….jpg`, which we make and users never do.

    ObjectRefused for a key or a content that is not such, from every method.
    """

    async def put(self, key: str, content: StoredObject) -> None:
        """Store whole, or not at all; what was there is replaced."""

    async def get(self, key: str) -> StoredObject:
        """ObjectMissing if there is none."""

    async def delete(self, key: str) -> None:
        """Remove; nothing there is no error."""

    async def put_before(self, folder: str, at: datetime) -> Sequence[str]:
        """Keys below a folder such as `incoming/` that were put before then; of very many only some."""
