"""The door log. It only ever grows: an undo is an entry too, by a named person with a reason."""

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

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
