"""The door log. It only ever grows: an undo is an entry too, by a named person with a reason."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.account import ERASED_NAME
from domain.errors import DomainError
from domain.facts import Aggregate
from domain.ids import AccountId, AdmissionId, BookingId, EventId, TicketId
from domain.ticket import Entry
from domain.time import is_aware


class AdmissionOutcome(StrEnum):
    ADMITTED = "admitted"
    REFUSED = "refused"
    UNDONE = "undone"


class ScanNumberReused(DomainError):
    """The device gave one number to two scans of different codes: neither answer may stand for the other."""

    code = "scan_number_reused"


@frozen
class Admission(Aggregate):
    """One line of the door log."""

    id: AdmissionId
    event_id: EventId
    at: datetime = field(validator=is_aware)
    gate: str
    by: AccountId
    outcome: AdmissionOutcome
    reason: str = ""
    """The code of the rule that refused, or the words of the person who undid."""
    message: str = ""
    booking_id: BookingId | None = None
    ticket_ids: tuple[TicketId, ...] = ()
    holder_name: str = ""
    remaining: int = 0
    """How many of a group's tickets may still enter."""
    code_hash: str = ""
    """Which code was shown, so that a scan sent again can be told from another one under the same number."""
    first_entry: Entry | None = None
    """When and where a ticket was used that is refused for it."""

    def forget_holder(self) -> Self:
        """Without the name, and without what somebody wrote who undid it: the code of a rule names nobody."""
        reason = "" if self.outcome is AdmissionOutcome.UNDONE else self.reason
        return evolve(self, holder_name=ERASED_NAME if self.holder_name else "", reason=reason)
