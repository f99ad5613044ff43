"""The door log. It only ever grows: an undo is an entry too, by a named person with a reason."""

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from domain.facts import Aggregate
from domain.ids import AccountId, AdmissionId, BookingId, EventId, TicketId
from domain.ticket import Entry
from domain.time import is_aware


class AdmissionOutcome(StrEnum):
    ADMITTED = "admitted"
    REFUSED = "refused"
    UNDONE = "undone"


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
    first_entry: Entry | None = None
    """When and where a ticket was used that is refused for it."""
