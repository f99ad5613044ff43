"""What bookings, tickets, payments and refunds look like from outside."""

from datetime import datetime
from typing import ClassVar, Self

from adapters.http.views import MoneyView, TaxView, View, moment
from application.queries.bookings import BookingInFull
from domain.booking import Booking, BookingStatus
from domain.payment import Payment, PaymentStatus
from domain.pricing import PriceLine, Quote
from domain.refund import Refund
from domain.ticket import Ticket

_GUIDE_STATUS = {
    BookingStatus.HELD: "Pending",
    BookingStatus.AWAITING_PAYMENT: "Pending",
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.CANCELLED: "Cancelled",
    BookingStatus.EXPIRED: "Cancelled",
}
_GUIDE_PAYMENT = {PaymentStatus.CAPTURED: "Completed", PaymentStatus.FAILED: "Failed"}

_BOOKING_ID = "bkg_01arz3ndektsv4rrffq69g5fav"
_TICKET_ID = "tkt_01arz3ndektsv4rrffq69g5fav"
_EVENT_ID = "evt_01arz3ndektsv4rrffq69g5fav"
_PAYMENT_ID = "pay_01arz3ndektsv4rrffq69g5fav"
_PRICE = {"amount": "499.00", "amount_minor": 49900, "currency": "INR"}
_TWICE = {"amount": "998.00", "amount_minor": 99800, "currency": "INR"}
_TAX = {"amount": "152.24", "amount_minor": 15224, "currency": "INR"}
_ZERO = {"amount": "0.00", "amount_minor": 0, "currency": "INR"}


class LineView(View, frozen=True):
    """`total` is what is paid: `unit_price` times `quantity` less `discount`, with `tax_included` in it."""

    EXAMPLE: ClassVar = {
        "ticket_type_id": "tty_01arz3ndektsv4rrffq69g5fav",
        "name": "Stalls",
        "unit_price": _PRICE,
        "quantity": 2,
        "discount": _ZERO,
        "tax_included": _TAX,
        "total": _TWICE,
        "tax": TaxView.EXAMPLE,
    }

    ticket_type_id: str
    name: str
    unit_price: MoneyView
    quantity: int
    discount: MoneyView
    tax_included: MoneyView
    total: MoneyView
    tax: TaxView | None

    @classmethod
    def of(cls, line: PriceLine) -> Self:
        return cls(
            line.ticket_type_id,
            line.name,
            MoneyView.of(line.unit_price),
            line.quantity,
            MoneyView.of(line.discount),
            MoneyView.of(line.tax_included),
            MoneyView.of(line.total),
            TaxView.of(line.tax),
        )


class BookingView(View, frozen=True):
    """`status` is Pending, Confirmed or Cancelled; `phase` says it more finely."""

    EXAMPLE: ClassVar = {
        "id": _BOOKING_ID,
        "event_id": _EVENT_ID,
        "buyer_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "buyer_name": "Asha Rao",
        "buyer_email": "asha@example.com",
        "ticket_count": 2,
        "lines": [LineView.EXAMPLE],
        "total": _TWICE,
        "discount": _ZERO,
        "tax_included": _TAX,
        "promo_code": None,
        "status": "Pending",
        "phase": "held",
        "created_at": "2026-11-22T12:00:00Z",
        "hold_expires_at": "2026-11-22T12:15:00Z",
        "confirmed_at": None,
        "ended_reason": "",
    }

    id: str
    event_id: str
    buyer_id: str
    buyer_name: str
    buyer_email: str
    ticket_count: int
    lines: list[LineView]
    total: MoneyView
    discount: MoneyView
    tax_included: MoneyView
    promo_code: str | None
    status: str
    phase: str
    created_at: datetime | None
    hold_expires_at: datetime | None
    confirmed_at: datetime | None
    ended_reason: str

    @classmethod
    def of(cls, booking: Booking) -> Self:
        return cls.in_phase(booking, booking.status)

    @classmethod
    def in_phase(cls, booking: Booking, status: BookingStatus) -> Self:
        lines = [LineView.of(line) for line in booking.lines]
        # Most bookings have one line, whose sums are theirs: every booking that is made is written out here.
        only = lines[0] if len(lines) == 1 else None
        return cls(
            id=booking.id,
            event_id=booking.event_id,
            buyer_id=booking.buyer_id,
            buyer_name=booking.buyer_name,
            buyer_email=booking.buyer_email,
            ticket_count=booking.ticket_count,
            lines=lines,
            total=MoneyView.of(booking.price),
            discount=only.discount if only else MoneyView.of(booking.discount),
            tax_included=only.tax_included if only else MoneyView.of(booking.tax_included),
            promo_code=booking.promo_code or None,
            status=_GUIDE_STATUS[status],
            phase=status,
            created_at=moment(booking.created_at),
            hold_expires_at=moment(booking.hold_expires_at),
            confirmed_at=moment(booking.confirmed_at),
            ended_reason=booking.ended_reason,
        )


class QuoteView(View, frozen=True):
    """What a wish would cost now. Nothing is taken, and nothing is promised."""

    EXAMPLE: ClassVar = {
        "lines": [LineView.EXAMPLE],
        "total": _TWICE,
        "discount": _ZERO,
        "tax_included": _TAX,
        "promo_code": None,
    }

    lines: list[LineView]
    total: MoneyView
    discount: MoneyView
    tax_included: MoneyView
    promo_code: str | None

    @classmethod
    def of(cls, quoted: Quote) -> Self:
        return cls(
            [LineView.of(line) for line in quoted.lines],
            MoneyView.of(quoted.total),
            MoneyView.of(quoted.discount),
            MoneyView.of(quoted.tax_included),
            quoted.promo_code or None,
        )


class TicketView(View, frozen=True):
    """`status` is valid, used or void; a used one says when and where."""

    EXAMPLE: ClassVar = {
        "id": _TICKET_ID,
        "booking_id": _BOOKING_ID,
        "event_id": _EVENT_ID,
        "number": 1,
        "ticket_type": "Stalls",
        "holder_name": "Asha Rao",
        "status": "used",
        "generation": 1,
        "entered_at": "2026-12-04T12:10:00Z",
        "entered_gate": "North",
    }

    id: str
    booking_id: str
    event_id: str
    number: int
    ticket_type: str
    holder_name: str
    status: str
    generation: int
    entered_at: datetime | None
    entered_gate: str | None

    @classmethod
    def of(cls, ticket: Ticket) -> Self:
        return cls(
            id=ticket.id,
            booking_id=ticket.booking_id,
            event_id=ticket.event_id,
            number=ticket.number,
            ticket_type=ticket.ticket_type,
            holder_name=ticket.holder_name,
            status=ticket.status,
            generation=ticket.generation,
            entered_at=moment(ticket.entry.at) if ticket.entry else None,
            entered_gate=ticket.entry.gate if ticket.entry else None,
        )


class PaymentView(View, frozen=True):
    """`status` is Pending, Completed or Failed; `phase` says it more finely. `pay_url` is where the buyer pays."""

    EXAMPLE: ClassVar = {
        "id": _PAYMENT_ID,
        "booking_id": _BOOKING_ID,
        "gateway": "sandbox",
        "amount": _TWICE,
        "status": "Pending",
        "phase": "submitted",
        "pay_url": "https://pay.example.com/p/3f2a",
        "checkout": {},
        "created_at": "2026-11-22T12:01:00Z",
        "captured_at": None,
    }

    id: str
    booking_id: str
    gateway: str
    amount: MoneyView
    status: str
    phase: str
    pay_url: str | None
    checkout: dict[str, str]
    """What the provider's script needs, if it is paid inside your own page."""
    created_at: datetime | None
    captured_at: datetime | None

    @classmethod
    def of(cls, payment: Payment) -> Self:
        return cls(
            id=payment.id,
            booking_id=payment.booking_id,
            gateway=payment.gateway,
            amount=MoneyView.of(payment.amount),
            status=_GUIDE_PAYMENT.get(payment.status, "Pending"),
            phase=payment.status,
            pay_url=payment.page_url or None,
            checkout=dict(payment.checkout),
            created_at=moment(payment.created_at),
            captured_at=moment(payment.captured_at),
        )


class RefundView(View, frozen=True):
    EXAMPLE: ClassVar = {
        "id": "rfd_01arz3ndektsv4rrffq69g5fav",
        "booking_id": _BOOKING_ID,
        "payment_id": _PAYMENT_ID,
        "amount": _TWICE,
        "status": "pending",
        "reason": "the event was cancelled",
        "failure": "",
        "ticket_ids": [],
        "by_hand": False,
        "created_at": "2026-11-25T09:00:00Z",
    }

    id: str
    booking_id: str
    payment_id: str
    amount: MoneyView
    status: str
    reason: str
    failure: str
    """Why it was not sent or came back, in the words of the payment provider or of who decided."""
    ticket_ids: list[str]
    """The tickets that were withdrawn with it."""
    by_hand: bool
    """Whether it was started in the payment provider's own dashboard."""
    created_at: datetime | None

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(
            id=refund.id,
            booking_id=refund.booking_id,
            payment_id=refund.payment_id,
            amount=MoneyView.of(refund.amount),
            status=refund.status,
            reason=refund.reason,
            failure=refund.failure,
            ticket_ids=list(refund.ticket_ids),
            by_hand=refund.outside,
            created_at=moment(refund.created_at),
        )


class BookingInFullView(View, frozen=True):
    """A booking with all that belongs to it."""

    EXAMPLE: ClassVar = {
        "booking": BookingView.EXAMPLE,
        "tickets": [TicketView.EXAMPLE],
        "payments": [PaymentView.EXAMPLE],
        "refunds": [],
        "checked_in": True,
    }

    booking: BookingView
    tickets: list[TicketView]
    payments: list[PaymentView]
    refunds: list[RefundView]
    checked_in: bool
    """Whether all of its tickets were used."""

    @classmethod
    def of(cls, full: BookingInFull) -> Self:
        return cls(
            BookingView.in_phase(full.booking, full.status),
            [TicketView.of(ticket) for ticket in full.tickets],
            [PaymentView.of(payment) for payment in full.payments],
            [RefundView.of(refund) for refund in full.refunds],
            bool(full.tickets) and all(ticket.entry for ticket in full.tickets),
        )
