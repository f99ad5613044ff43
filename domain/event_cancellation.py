"""The calling off of an event: every booking ended and refunded once, however often the work is interrupted."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.checks import text
from domain.errors import NotAllowedNow
from domain.ids import EventId
from domain.time import is_aware

REASON_CHARS_MAX = 500


class CancellationState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


@frozen
class EventCancellation:
    """Whether the work goes on, and who has it in hand. Its id is the event's: an event is called off once."""

    id: EventId
    reason: str = field(validator=text(REASON_CHARS_MAX))
    """In words for the buyers; empty if none was given."""
    started_by: str
    started_at: datetime = field(validator=is_aware)
    state: CancellationState = CancellationState.RUNNING
    leased_until: datetime | None = None
    """Until when one process works on it: others leave it alone, and take over if that one has died."""
    finished_at: datetime | None = None
    version: int = 0

    @property
    def words(self) -> str:
        """Why a booking ended, for its buyer."""
        return f"the event was cancelled: {self.reason}" if self.reason else "the event was cancelled"

    def is_free(self, at: datetime) -> bool:
        """Whether there is work that no process has in hand."""
        return self.state is CancellationState.RUNNING and (self.leased_until is None or at >= self.leased_until)

    def leased(self, until: datetime) -> Self:
        return evolve(self, leased_until=until)

    def released(self) -> Self:
        return evolve(self, leased_until=None)

    def pause(self) -> Self:
        """Stop after the booking in hand; pausing twice is no error."""
        self._check_not_done()
        return evolve(self, state=CancellationState.PAUSED, leased_until=None)

    def resume(self) -> Self:
        """Go on; resuming twice is no error."""
        self._check_not_done()
        return evolve(self, state=CancellationState.RUNNING)

    def done(self, at: datetime) -> Self:
        """No booking of the event lives any more, and none can come."""
        return evolve(self, state=CancellationState.DONE, leased_until=None, finished_at=at)

    def _check_not_done(self) -> None:
        if self.state is CancellationState.DONE:
            raise NotAllowedNow("every booking of the event has ended already")
