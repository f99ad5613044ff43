"""Money that goes back: what it would be, asking for it, and the second person's word."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from adapters.http.answering import answer_once
from adapters.http.api.booking_views import RefundView
from adapters.http.call import Call
from adapters.http.fields import Cursor, Identifier, Limit, Price, ShortText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, MoneyView, PageView, View, moment
from application.limits import QUOTE, REFUND
from application.use_cases.refund_booking import RefundCommand, RefundQuote
from domain.api_key import Scope
from domain.dispute import Dispute, DisputeStatus
from domain.refund import RefundStatus

_ONCE = ("idempotency_key_required", "idempotency_key_reused", "request_running", "stale_version")
_REFUSALS = (
    *("not_found", "not_allowed", "booking_over", "nothing_to_refund", "refund_too_large", "payment_disputed"),
    *("refund_window_closed", "beyond_refund_policy", "partial_refund_unsupported", "ticket_used", "amount_not_exact"),
    "tickets_not_made",
)
Tickets = Annotated[list[Identifier], msgspec.Meta(max_length=20)]
Status = Annotated[
    RefundStatus, QueryParameter(name="status", description="Such as `awaiting_approval`, `failed` or `succeeded`")
]
State = Annotated[DisputeStatus | None, QueryParameter(name="status", description="`open`, `won` or `lost`")]


class RefundBody(Body, frozen=True):
    """An `amount`, and the tickets stay valid; or `ticket_ids`, which are withdrawn; or neither: all that is left."""

    EXAMPLE: ClassVar = {"reason": "one of us is ill", "ticket_ids": ["tkt_01arz3ndektsv4rrffq69g5fav"]}

    reason: ShortText
    amount: Price | None = None
    ticket_ids: Tickets = msgspec.field(default_factory=list)

    def command(self, booking_id: str) -> RefundCommand:
        return RefundCommand(booking_id, self.reason, self.amount, tuple(self.ticket_ids))


class RefundQuoteView(View, frozen=True):
    """What would go back. `kept` is what the event's policy keeps of the price."""

    EXAMPLE: ClassVar = {
        "amount": {"amount": "449.00", "amount_minor": 44900, "currency": "INR"},
        "kept": {"amount": "50.00", "amount_minor": 5000, "currency": "INR"},
        "ticket_ids": ["tkt_01arz3ndektsv4rrffq69g5fav"],
        "until": "2026-12-03T13:30:00Z",
        "ends_booking": False,
        "needs_approval": False,
    }

    amount: MoneyView
    kept: MoneyView
    ticket_ids: list[str]
    until: datetime | None
    ends_booking: bool
    needs_approval: bool

    @classmethod
    def of(cls, quote: RefundQuote) -> Self:
        return cls(
            amount=MoneyView.of(quote.amount),
            kept=MoneyView.of(quote.kept),
            ticket_ids=[ticket.id for ticket in quote.tickets],
            until=moment(quote.until),
            ends_booking=quote.ends_booking,
            needs_approval=quote.needs_approval,
        )


class RejectionBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"reason": "the tickets were used"}

    reason: ShortText


class DisputeView(View, frozen=True):
    """A buyer asked their bank to take the money back."""

    EXAMPLE: ClassVar = {
        "id": "dsp_01arz3ndektsv4rrffq69g5fav",
        "payment_id": "pay_01arz3ndektsv4rrffq69g5fav",
        "booking_id": "bkg_01arz3ndektsv4rrffq69g5fav",
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "gateway": "stripe",
        "gateway_reference": "dp_1",
        "amount": {"amount": "998.00", "amount_minor": 99800, "currency": "INR"},
        "fee": None,
        "reason": "fraudulent",
        "status": "open",
        "policy": "block",
        "opened_at": "2026-12-10T09:00:00Z",
        "closed_at": None,
    }

    id: str
    payment_id: str
    booking_id: str
    event_id: str
    gateway: str
    gateway_reference: str
    amount: MoneyView
    fee: MoneyView | None
    reason: str
    status: str
    policy: str
    opened_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        return cls(
            id=dispute.id,
            payment_id=dispute.payment_id,
            booking_id=dispute.booking_id,
            event_id=dispute.event_id,
            gateway=dispute.gateway,
            gateway_reference=dispute.gateway_reference,
            amount=MoneyView.of(dispute.amount),
            fee=MoneyView.of(dispute.fee) if dispute.fee else None,
            reason=dispute.reason,
            status=dispute.status,
            policy=dispute.policy,
            opened_at=moment(dispute.opened_at),
            closed_at=moment(dispute.closed_at),
        )


class BookingRefundController(Controller):
    path = "/bookings/{booking_id:str}/refunds"
    tags = ("Bookings",)

    @post("/quote", status_code=200, **route(Policy.BUYER, "What a refund would be", *_REFUSALS, limit=QUOTE))
    async def quote(self, request: Call, booking_id: FromPath[str], data: JSONBody[RefundBody]) -> RefundQuoteView:
        """Nothing changes. It is refused for the same reasons as the refund itself."""
        return RefundQuoteView.of(await request.deeds.refund_booking.quote(request.actor, data.command(booking_id)))

    @post(
        "/",
        **route(
            Policy.BUYER,
            "Refund a booking",
            *(*_REFUSALS, *_ONCE, "second_factor_needed", "too_many_requests"),
            needs_fresh=True,
        ),
    )
    async def refund(
        self, request: Call, booking_id: FromPath[str], data: JSONBody[RefundBody]
    ) -> Response[RefundView]:
        """Within the event's policy for its organizer and, where the policy says so, for the buyer; by administrators
        always. Above the installation's limit it is `awaiting_approval` until a second administrator agrees.
        """
        deeds, actor, command = request.deeds, request.actor, data.command(booking_id)
        return await answer_once(
            request, lambda once: deeds.refund_booking(actor, command, once), RefundView.of, 201, limit=REFUND
        )


class RefundController(Controller):
    path = "/refunds"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "List refunds of one state", "invalid_cursor"))
    async def list_all(
        self, request: Call, wanted: Status = RefundStatus.AWAITING_APPROVAL, cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[RefundView]:
        """Newest first."""
        return PageView.of(await request.deeds.money.refunds(request.actor, wanted, cursor, limit), RefundView.of)

    @get("/{refund_id:str}", **route(Policy.SIGNED_IN, "Show a refund", "not_found", scope=Scope.BOOKINGS_READ))
    async def show(self, request: Call, refund_id: FromPath[str]) -> RefundView:
        """For whoever may see its booking."""
        return RefundView.of(await request.deeds.money.refund(request.actor, refund_id))

    @post(
        "/{refund_id:str}/approval",
        status_code=200,
        **route(
            Policy.ADMIN,
            "Agree to a refund",
            "not_found",
            "not_allowed",
            "already_decided",
            "stale_version",
            needs_fresh=True,
        ),
    )
    async def approve(self, request: Call, refund_id: FromPath[str]) -> RefundView:
        """By another person than the one who asked for it. Then it is sent, and its tickets are withdrawn."""
        return RefundView.of(await request.deeds.approve_refund.approve(request.actor, refund_id))

    @post(
        "/{refund_id:str}/rejection",
        status_code=200,
        **route(Policy.ADMIN, "Refuse a refund", "not_found", "already_decided", "stale_version", needs_fresh=True),
    )
    async def reject(self, request: Call, refund_id: FromPath[str], data: JSONBody[RejectionBody]) -> RefundView:
        """Nothing is sent, and the amount may be refunded again."""
        return RefundView.of(await request.deeds.approve_refund.reject(request.actor, refund_id, data.reason))


class DisputeController(Controller):
    path = "/disputes"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "List disputes", "invalid_cursor"))
    async def list_all(
        self, request: Call, wanted: State = None, cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[DisputeView]:
        """Newest first."""
        return PageView.of(await request.deeds.money.disputes(request.actor, wanted, cursor, limit), DisputeView.of)
