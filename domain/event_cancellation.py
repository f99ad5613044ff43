"""The calling off of an event: every booking cancelled and refunded once, however often the work is interrupted."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.errors import NotAllowedNow
from domain.ids import EventId
from domain.time import is_aware


class CancellationState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


@frozen
class EventCancellation:
    """How far it is. Its id is the event's: an event is called off once."""

    id: EventId
    reason: str
    started_by: str
    started_at: datetime = field(validator=is_aware)
    state: CancellationState = CancellationState.RUNNING
    bookings: int = 0
    """How many were cancelled so far."""
    finished_at: datetime | None = None
    version: int = 0

    def pause(self) -> Self:
        """Stop after the booking in hand; pausing twice is no error."""
        self._check_not_done()
        return evolve(self, state=CancellationState.PAUSED)

    def resume(self) -> Self:
        """Go on; resuming twice is no error."""
        self._check_not_done()
        return evolve(self, state=CancellationState.RUNNING)

    def did(self, bookings: int) -> Self:
        return evolve(self, bookings=self.bookings + bookings)

    def done(self, at: datetime) -> Self:
        return evolve(self, state=CancellationState.DONE, finished_at=at)

    def _check_not_done(self) -> None:
        if self.state is CancellationState.DONE:
            raise NotAllowedNow("every booking of the event was cancelled already")
