"""Holding places and paying for them."""

from datetime import datetime
from typing import Annotated, Any, Self

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.http.answering import answer_once
from adapters.http.policy import Policy, allow
from adapters.http.views import Body, MoneyView, PageView, View, moment
from application.access import Actor
from application.deeds import Deeds
from application.queries.bookings import BookingInFull
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.booking import Booking, BookingStatus
from domain.payment import Payment, PaymentStatus, Refund
from domain.pricing import PriceLine
from domain.ticket import Ticket

_GUIDE_STATUS = {
    BookingStatus.HELD: "Pending",
    BookingStatus.AWAITING_PAYMENT: "Pending",
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.CANCELLED: "Cancelled",
    BookingStatus.EXPIRED: "Cancelled",
}
_GUIDE_PAYMENT = {PaymentStatus.CAPTURED: "Completed", PaymentStatus.FAILED: "Failed"}

Quantity = Annotated[int, msgspec.Meta(ge=1, le=20)]
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class WantedBody(Body, frozen=True):
    ticket_type_id: Identifier
    quantity: Quantity


class BookBody(Body, frozen=True):
    """Prices are not asked for: they are computed here."""

    event_id: Identifier
    tickets: Annotated[list[WantedBody], msgspec.Meta(min_length=1, max_length=20)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None


class CancelBody(Body, frozen=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "cancelled by the buyer"


class LineView(View, frozen=True):
    ticket_type_id: str
    name: str
    unit_price: MoneyView
    quantity: int
    discount: MoneyView
    tax_included: MoneyView
    total: MoneyView

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
        )


class BookingView(View, frozen=True):
    """`status` is Pending, Confirmed or Cancelled; `phase` says it more finely."""

    id: str
    event_id: str
    buyer_id: str
    buyer_name: str
    buyer_email: str
    ticket_count: int
    lines: list[LineView]
    total: MoneyView
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
        return cls(
            id=booking.id,
            event_id=booking.event_id,
            buyer_id=booking.buyer_id,
            buyer_name=booking.buyer_name,
            buyer_email=booking.buyer_email,
            ticket_count=booking.ticket_count,
            lines=[LineView.of(line) for line in booking.lines],
            total=MoneyView.of(booking.price),
            status=_GUIDE_STATUS[status],
            phase=status,
            created_at=moment(booking.created_at),
            hold_expires_at=moment(booking.hold_expires_at),
            confirmed_at=moment(booking.confirmed_at),
            ended_reason=booking.ended_reason,
        )


class TicketView(View, frozen=True):
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

    id: str
    booking_id: str
    gateway: str
    amount: MoneyView
    status: str
    phase: str
    pay_url: str | None
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
            created_at=moment(payment.created_at),
            captured_at=moment(payment.captured_at),
        )


class RefundView(View, frozen=True):
    id: str
    payment_id: str
    amount: MoneyView
    status: str
    reason: str
    created_at: datetime | None

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(
            refund.id,
            refund.payment_id,
            MoneyView.of(refund.amount),
            refund.status,
            refund.reason,
            moment(refund.created_at),
        )


class BookingInFullView(View, frozen=True):
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


class BookingController(Controller):
    path = "/bookings"
    tags = ("Bookings",)

    @post("/", opt=allow(Policy.SIGNED_IN))
    async def book(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[BookBody],
        actor: NamedDependency[Actor],
        deeds: NamedDependency[Deeds],
    ) -> Response[BookingView]:
        """Hold places until `hold_expires_at`. Free places are confirmed at once."""
        command = BookPlacesCommand(
            data.event_id, tuple((wanted.ticket_type_id, wanted.quantity) for wanted in data.tickets), data.name
        )
        return await answer_once(
            request, actor, lambda once: deeds.book_places(actor, command, once), BookingView.of, 201
        )

    @get("/", opt=allow(Policy.SIGNED_IN))
    async def mine(
        self,
        actor: NamedDependency[Actor],
        deeds: NamedDependency[Deeds],
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Annotated[int, msgspec.Meta(ge=1, le=100)]] = 20,
    ) -> PageView[BookingView]:
        """Your own bookings, newest first."""
        return PageView.of(await deeds.bookings.mine(actor, cursor, limit), BookingView.of)

    @get("/{booking_id:str}", opt=allow(Policy.SIGNED_IN))
    async def show(
        self, booking_id: FromPath[str], actor: NamedDependency[Actor], deeds: NamedDependency[Deeds]
    ) -> BookingInFullView:
        """One booking with its tickets, payments and refunds."""
        return BookingInFullView.of(await deeds.bookings.show(actor, booking_id))

    @post("/{booking_id:str}/payment", opt=allow(Policy.SIGNED_IN))
    async def pay(
        self,
        request: Request[Any, Any, Any],
        booking_id: FromPath[str],
        actor: NamedDependency[Actor],
        deeds: NamedDependency[Deeds],
    ) -> Response[PaymentView]:
        """Open the page where the booking is paid: send the buyer to `pay_url`."""
        return await answer_once(
            request, actor, lambda once: deeds.start_payment(actor, booking_id, once), PaymentView.of, 201
        )

    @post("/{booking_id:str}/cancellation", opt=allow(Policy.SIGNED_IN), status_code=200)
    async def cancel(
        self,
        request: Request[Any, Any, Any],
        booking_id: FromPath[str],
        data: JSONBody[CancelBody],
        actor: NamedDependency[Actor],
        deeds: NamedDependency[Deeds],
    ) -> Response[BookingView]:
        """Give the places back. What was paid is refunded in full; codes stop opening doors."""
        command = CancelBookingCommand(booking_id, data.reason)
        return await answer_once(
            request,
            actor,
            lambda once: deeds.cancel_booking(actor, command, once),
            BookingView.of,
            200,
            required=False,
        )
