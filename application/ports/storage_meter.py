"""How much an object store keeps, for those that can tell. A capability apart: not every store has it."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from attrs import frozen


@frozen
class Kept:
    """What lies in one area."""

    files: int = 0
    size_bytes: int = 0
    earlier_bytes: int = 0
    """Of what was replaced or deleted, and is not forgotten yet: it costs as much."""

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(
            self.files + other.files, self.size_bytes + other.size_bytes, self.earlier_bytes + other.earlier_bytes
        )


def area_of(key: str) -> str:
    """The first two folders of a key, as `public/events`; `.` for what lies in none."""
    return "/".join(key.split("/")[:-1][:2]) or "."


@runtime_checkable
class StorageMeter(Protocol):
    """Tells how much is kept. It looks at every object: for reports, and not for a user's path."""

    async def kept(self) -> Mapping[str, Kept]:
        """By area, what is there now; areas without anything are not named.

        ObjectStoreUnavailable if nobody answers.
        """
