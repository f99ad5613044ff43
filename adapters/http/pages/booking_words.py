"""Bookings in the words of a page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self

from attrs import frozen

from adapters.http.pages.bill import Bill
from adapters.http.pages.event_words import where
from adapters.http.pages.words import money_words
from adapters.messaging.local_time import local_time, time_span
from application.access import Actor
from application.queries.bookings import BookingInFull, BookingOfEvent
from application.use_cases.refund_booking import RefundQuote
from domain.booking import HOLDING, Booking, BookingStatus
from domain.payment import OPEN, PaymentStatus
from domain.refund import Refund, RefundStatus
from domain.ticket import Ticket, TicketStatus

STATES: Final = {
    BookingStatus.HELD: "Held, not paid",
    BookingStatus.AWAITING_PAYMENT: "Waiting for payment",
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.CANCELLED: "Cancelled",
    BookingStatus.EXPIRED: "Expired",
}
_TONES: Final = {
    BookingStatus.HELD: "warn",
    BookingStatus.AWAITING_PAYMENT: "warn",
    BookingStatus.CONFIRMED: "good",
    BookingStatus.CANCELLED: "bad",
    BookingStatus.EXPIRED: "bad",
}
"""The colour beside the words."""
_REFUND_STATES: Final = {
    RefundStatus.AWAITING_APPROVAL: "waits for a second look before it is sent back",
    RefundStatus.REJECTED: "was not sent back after a second look",
    RefundStatus.RESERVED: "is being sent back",
    RefundStatus.SUBMITTED: "is being sent back",
    RefundStatus.PENDING: "is on its way back",
    RefundStatus.SUCCEEDED: "was sent back",
    RefundStatus.FAILED: "could not be sent back yet: the organizer will look into it",
}


@frozen
class BookingCard:
    """A booking in a list."""

    id: str
    title: str
    when: str
    state: str
    tone: str
    what: str
    total: str

    @classmethod
    def of(cls, found: BookingOfEvent, at: datetime) -> Self:
        booking = found.booking
        status = BookingStatus.EXPIRED if booking.has_lapsed(at) else booking.status
        return cls(
            id=booking.id,
            title=found.event.title,
            when=time_span(found.event.schedule),
            state=STATES[status],
            tone=_TONES[status],
            what=", ".join(f"{line.quantity} {line.name}" for line in booking.lines),
            total=money_words(booking.price),
        )


@frozen
class TicketCard:
    id: str
    number: int
    kind: str
    holder: str
    state: str
    shows_code: bool

    @classmethod
    def of(cls, ticket: Ticket, zone: str) -> Self:
        return cls(
            id=ticket.id,
            number=ticket.number,
            kind=ticket.ticket_type,
            holder=ticket.holder_name,
            state=_entry_words(ticket, zone),
            shows_code=ticket.status in {TicketStatus.VALID, TicketStatus.USED},
        )


def _entry_words(ticket: Ticket, zone: str) -> str:
    if ticket.status is TicketStatus.VOID:
        return "Withdrawn: it opens no door"
    if ticket.status is TicketStatus.BLOCKED:
        return "Blocked while its payment is disputed: it opens no door"
    if ticket.entry is None:
        return "Not used yet"
    return f"Used on {local_time(ticket.entry.at, zone)}, at gate {ticket.entry.gate}"


@frozen
class GivingUp:
    """What goes back for a booking that its buyer gives up."""

    amount: str
    kept: str
    """What the event's policy keeps; empty if nothing."""
    until: str

    @classmethod
    def of(cls, quote: RefundQuote, zone: str) -> Self:
        return cls(
            amount=money_words(quote.amount),
            kept=money_words(quote.kept) if quote.kept else "",
            until=local_time(quote.until, zone) if quote.until else "",
        )


@frozen
class BookingPage:
    """A booking with all that its page says."""

    booking: Booking
    phase: str
    state: str
    tone: str
    title: str
    when: str
    doors: str
    where: str
    total: str
    bill: Bill
    deadline: str
    time_left: str
    is_buyer: bool
    is_paying: bool
    """An attempt to pay is under way: news may come at any moment."""
    last_payment_failed: bool
    tickets: Sequence[TicketCard]
    has_group_code: bool
    refunds: Sequence[str]
    giving_up: GivingUp | None
    """What this person would get for the booking; None if nothing, or if that is for others to decide."""

    @property
    def may_pay(self) -> bool:
        return self.is_buyer and self.phase in HOLDING

    @property
    def is_waiting(self) -> bool:
        """Whether it is worth looking again soon."""
        if self.phase == BookingStatus.AWAITING_PAYMENT:
            return self.is_paying
        return self.phase == BookingStatus.CONFIRMED and not self.tickets

    @classmethod
    def of(cls, full: BookingInFull, actor: Actor, at: datetime, quote: RefundQuote | None = None) -> Self:
        booking, event, zone = full.booking, full.event, full.event.schedule.zone
        current = [payment for payment in full.payments if payment.id == booking.payment_id]
        return cls(
            booking=booking,
            phase=full.status,
            state=STATES[full.status],
            tone=_TONES[full.status],
            title=event.title,
            when=time_span(event.schedule),
            doors=local_time(event.schedule.doors_open_at, zone),
            where=where(event),
            total=money_words(booking.price),
            bill=Bill.of(booking.lines, booking.price),
            deadline=local_time(booking.hold_expires_at, zone),
            time_left=_time_left(booking.hold_expires_at, at),
            is_buyer=actor.is_buyer_of(booking),
            is_paying=any(payment.status in OPEN for payment in current),
            last_payment_failed=any(payment.status is PaymentStatus.FAILED for payment in current),
            tickets=[TicketCard.of(ticket, zone) for ticket in full.tickets],
            has_group_code=full.status is BookingStatus.CONFIRMED
            and bool(booking.group_token)
            and booking.ticket_count > 1,
            refunds=[_refund_words(refund) for refund in full.refunds],
            giving_up=None if quote is None else GivingUp.of(quote, zone),
        )


def _time_left(until: datetime, at: datetime) -> str:
    minutes = int((until - at).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute from now"
    return "one minute from now" if minutes == 1 else f"{minutes} minutes from now"


def _refund_words(refund: Refund) -> str:
    return f"{refund.amount} {_REFUND_STATES[refund.status]}"
