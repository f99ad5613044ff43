"""Believable records for tests of what people read."""

from datetime import timedelta
from typing import Any

from attrs import evolve

from domain.account import Account
from domain.allotment import Take
from domain.booking import Booking, BookingStatus
from domain.event import AllotmentName, Event, EventStatus, Schedule, TicketType, Venue
from domain.ids import AccountId, AllotmentId, BookingId, EventId, PaymentId, RefundId, TicketId, TicketTypeId
from domain.money import Money
from domain.pricing import PriceLine
from domain.refund import Refund, RefundStatus
from domain.ticket import Ticket
from tests.support.fake_clock import NOON

PRICE = Money(125_000, "INR")
ALLOTMENT = AllotmentId("alt_1")
ADULT = TicketTypeId("tt_1")


def an_account(**changes: Any) -> Account:
    usual: dict[str, Any] = {"id": AccountId("acc_1"), "email": "ada@example.org", "name": "Ada", "created_at": NOON}
    return Account(**(usual | changes))


def an_event(title: str = "Jazz night", venue: Venue | None = None, **changes: Any) -> Event:
    starts_at = NOON + timedelta(days=30, minutes=30)
    event = Event(
        id=EventId("evt_1"),
        organizer_id=AccountId("acc_2"),
        title=title,
        description="Blue notes.",
        category="music",
        venue=venue or Venue("Town hall", "1 Main Road", "Pune"),
        schedule=Schedule(starts_at, starts_at + timedelta(hours=3), "Asia/Kolkata"),
        currency="INR",
        allotments=(AllotmentName(ALLOTMENT, "Hall"),),
        ticket_types=(TicketType(ADULT, "Adult", PRICE, ALLOTMENT),),
        created_at=NOON,
        status=EventStatus.PUBLISHED,
    )
    return evolve(event, **changes)


def a_booking(event: Event, count: int = 3, **changes: Any) -> Booking:
    zero = Money.zero("INR")
    booking = Booking(
        id=BookingId("bkg_1"),
        event_id=event.id,
        organizer_id=event.organizer_id,
        buyer_id=AccountId("acc_1"),
        buyer_name="Ada",
        buyer_email="ada@example.org",
        lines=(PriceLine(ADULT, "Adult", PRICE, count, zero, zero, PRICE * count),),
        takes=(Take(ALLOTMENT, count),),
        price=PRICE * count,
        created_at=NOON,
        hold_expires_at=NOON + timedelta(minutes=15),
        status=BookingStatus.CONFIRMED,
        group_token="GROUP-TOKEN" if count > 1 else "",
    )
    return evolve(booking, **changes)


def tickets_of(booking: Booking, event: Event, **changes: Any) -> list[Ticket]:
    return [
        evolve(
            Ticket(
                id=TicketId(f"tkt_{number}"),
                booking_id=booking.id,
                event_id=event.id,
                organizer_id=event.organizer_id,
                buyer_id=booking.buyer_id,
                ticket_type_id=ADULT,
                ticket_type="Adult",
                holder_name=booking.buyer_name,
                number=number,
                token=f"TOKEN-{number}",
                valid_from=event.schedule.doors_open_at,
                valid_until=event.schedule.closes_at,
            ),
            **changes,
        )
        for number in range(1, booking.ticket_count + 1)
    ]


def a_refund(booking: Booking, amount: Money = PRICE) -> Refund:
    return Refund(
        id=RefundId("ref_1"),
        payment_id=PaymentId("pay_1"),
        booking_id=booking.id,
        gateway="sandbox",
        amount=amount,
        reason="asked for",
        created_at=NOON,
        status=RefundStatus.SUCCEEDED,
    )
