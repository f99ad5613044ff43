"""Erasure: an account is no more, and piece by piece nothing is left that names its person."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.errors import NotAllowedNow
from domain.facts import Aggregate
from domain.ids import AccountId
from domain.time import is_aware

SETTLED_AFTER: Final = timedelta(minutes=15)
"""What was under way when the account ended has been stored by then, and every listing shows it."""
LOOK_MAX: Final = timedelta(minutes=5)
"""How long somebody may look for what still needs the person. One that died in between holds nobody up for longer."""


class ErasureRefused(NotAllowedNow):
    """Something still needs the person: a booking for an event to come, an event of theirs, or money that moves."""

    code = "erasure_refused"


class BeingErased(NotAllowedNow):
    """Nothing that would need the person is begun while somebody looks whether they may go, or once they have gone."""

    code = "being_erased"


class ErasureState(StrEnum):
    RUNNING = "running"
    DONE = "done"


@frozen
class Erasure(Aggregate):
    """The forgetting of one person. Its id is the account's: an account is erased once."""

    id: AccountId
    asked_by: str
    """In the words of the audit."""
    started_at: datetime = field(validator=is_aware)
    finished_at: datetime | None = None

    @property
    def state(self) -> ErasureState:
        return ErasureState.RUNNING if self.finished_at is None else ErasureState.DONE

    def swept(self, found: int, at: datetime) -> Self:
        """Somebody looked everywhere. It is over when there was nothing, and nothing can come any more."""
        if found or self.finished_at is not None or at < self.started_at + SETTLED_AFTER:
            return self
        return evolve(self, finished_at=at)
