"""Ticket: admits one person. Its code can be reissued; every earlier code is dead from that commit."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.account import ERASED_NAME
from domain.booking import Booking
from domain.errors import NotAllowedNow
from domain.event import Event, EventStatus
from domain.facts import Aggregate, TicketReissued
from domain.ids import AccountId, BookingId, EventId, TicketId, TicketTypeId
from domain.ticket_code import GENERATION_MAX, CodeKind, TicketCode
from domain.time import is_aware

CLOCK_TOLERANCE: Final = timedelta(minutes=5)


class TicketStatus(StrEnum):
    VALID = "valid"
    USED = "used"
    BLOCKED = "blocked"
    """Its payment is disputed: it opens no door until that is over."""
    VOID = "void"


@frozen
class Entry:
    """When and where a ticket was used."""

    at: datetime = field(validator=is_aware)
    gate: str
    by: AccountId


class TicketVoid(NotAllowedNow):
    """The ticket was withdrawn with its booking."""

    code = "ticket_void"


class TicketBlocked(NotAllowedNow):
    """The ticket's payment is disputed."""

    code = "ticket_blocked"


class TicketUsed(NotAllowedNow):
    """The ticket has admitted somebody already."""

    code = "ticket_used"

    def __init__(self, message: str, entry: Entry | None = None) -> None:
        super().__init__(message)
        self.entry = entry
        """When and where, if the code is of one ticket."""


class CodeSuperseded(NotAllowedNow):
    """A newer code was issued for this ticket: this one is dead."""

    code = "code_superseded"


class TooEarly(NotAllowedNow):
    """The doors are not open yet."""

    code = "too_early"


class TooLate(NotAllowedNow):
    """The doors have closed for good."""

    code = "too_late"


class DoorsShut(NotAllowedNow):
    """The event admits nobody in its present state."""

    code = "doors_shut"


class TooManyReissues(NotAllowedNow):
    """A ticket's code can be replaced 254 times."""

    code = "too_many_reissues"


@frozen
class Ticket(Aggregate):
    """One person's right of entry. `entry` says when and where it was used, if it was."""

    id: TicketId
    booking_id: BookingId
    event_id: EventId
    organizer_id: AccountId
    buyer_id: AccountId
    ticket_type_id: TicketTypeId
    ticket_type: str
    holder_name: str
    number: int
    """1, 2, 3 … within its booking."""
    token: str = field(repr=False)
    valid_from: datetime = field(validator=is_aware)
    valid_until: datetime = field(validator=is_aware)
    generation: int = 1
    status: TicketStatus = TicketStatus.VALID
    entry: Entry | None = None

    def check_admits(self, generation: int) -> None:
        """CodeSuperseded, TicketVoid, TicketBlocked or TicketUsed if this code opens no door."""
        if generation != self.generation:
            raise CodeSuperseded("a newer code was issued for this ticket")
        if self.status is TicketStatus.VOID:
            raise TicketVoid("the ticket was withdrawn")
        if self.status is TicketStatus.BLOCKED:
            raise TicketBlocked("the payment for this ticket is disputed: ask the organizer")
        if self.status is TicketStatus.USED:
            raise TicketUsed(f"used {used_words(self.entry)}", self.entry)

    def admit(self, entry: Entry) -> Self:
        return evolve(self, status=TicketStatus.USED, entry=entry)

    def undo_entry(self) -> Self:
        """Make a used ticket valid again; any other stays as it is."""
        return evolve(self, status=TicketStatus.VALID, entry=None) if self.status is TicketStatus.USED else self

    def block(self) -> Self:
        """Let a valid ticket open no door; one that was used or withdrawn stays as it is."""
        return evolve(self, status=TicketStatus.BLOCKED) if self.status is TicketStatus.VALID else self

    def unblock(self) -> Self:
        return evolve(self, status=TicketStatus.VALID) if self.status is TicketStatus.BLOCKED else self

    def withdraw(self) -> Self:
        return evolve(self, status=TicketStatus.VOID)

    def forget_holder(self) -> Self:
        return evolve(self, holder_name=ERASED_NAME)

    def code(self) -> TicketCode:
        """What the QR code of the present generation says."""
        return TicketCode(
            kind=CodeKind.TICKET,
            event_id=self.event_id,
            subject=self.id,
            admits=1,
            generation=self.generation,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            booking_id=self.booking_id,
            account_id=self.buyer_id,
        )

    def next_generation(self, at: datetime) -> Self:
        """The same ticket, whose earlier codes are dead. Its new token is sealed from `code()` by the caller."""
        if self.status is TicketStatus.VOID:
            raise TicketVoid("a withdrawn ticket gets no new code")
        if self.generation == GENERATION_MAX:
            raise TooManyReissues("this ticket's code was replaced too often: cancel and book again")
        return evolve(self, generation=self.generation + 1).telling(TicketReissued(at, self.id))


def used_words(entry: Entry | None) -> str:
    """Where and when, for the person at the next gate."""
    assert entry is not None, "a used ticket says when and where"
    return f"at {entry.at.isoformat(timespec='seconds')} at gate {entry.gate}"


def group_code(booking: Booking, event: Event, generation: int) -> TicketCode:
    """A code for the whole party: admits any of its tickets that remain."""
    return TicketCode(
        kind=CodeKind.GROUP,
        event_id=event.id,
        subject=booking.id,
        admits=booking.ticket_count,
        generation=generation,
        valid_from=event.schedule.doors_open_at,
        valid_until=event.schedule.closes_at,
        booking_id=booking.id,
        account_id=booking.buyer_id,
    )


def check_doors(event: Event, valid_from: datetime, valid_until: datetime, at: datetime) -> None:
    """TooEarly, TooLate or DoorsShut if this event admits nobody now. Clocks may differ by five minutes.

    The event's own schedule counts besides the code's, so that a new date holds for codes already sent.
    """
    schedule = event.schedule
    if event.status_at(at) in {EventStatus.DRAFT, EventStatus.CANCELLED}:
        raise DoorsShut(f"the event is {event.status_at(at)}")
    if at < min(valid_from, schedule.doors_open_at) - CLOCK_TOLERANCE:
        raise TooEarly(f"doors open at {schedule.doors_open_at.isoformat()}")
    if at > max(valid_until, schedule.closes_at) + CLOCK_TOLERANCE:
        raise TooLate(f"doors closed at {schedule.closes_at.isoformat()}")
