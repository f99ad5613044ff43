"""Named points between two steps, where a crash must do no harm. In production nothing happens there."""

from enum import StrEnum
from typing import Protocol


class Point(StrEnum):
    """Where tests kill the process."""

    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    BEFORE_GATEWAY = "before_gateway"
    AFTER_GATEWAY = "after_gateway"
    AFTER_LEASE = "after_lease"
    AFTER_REACTION = "after_reaction"
    AFTER_SEND = "after_send"


class Passing(Protocol):
    """Told of each point as it is passed."""

    def __call__(self, point: Point, /) -> None: ...


def unwatched(_point: Point, /) -> None:
    """Nobody watches."""
