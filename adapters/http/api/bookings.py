"""Holding places and paying for them."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.answering import answer_once
from adapters.http.api.booking_views import BookingInFullView, BookingView, PaymentView, QuoteView
from adapters.http.call import Call
from adapters.http.fields import Cursor, Identifier, Limit, PromoText, Quantity, ShortText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView
from application.limits import HOLD, QUOTE, REFUND
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.api_key import Scope

ReturnedText = Annotated[str, msgspec.Meta(max_length=500, pattern="^[!-~]*$")]
WISH = (
    *(
        "not_found",
        "sold_out",
        "buyer_limit_reached",
        "live_holds_reached",
        "order_limit_reached",
        "unknown_ticket_type",
    ),
    *("event_not_on_sale", "sale_closed", "promo_code_unknown", "promo_code_not_yet", "promo_code_over"),
    *("promo_code_not_for_tickets", "promo_code_used_up", "promo_code_limit_reached"),
)
ONCE = ("idempotency_key_required", "idempotency_key_reused", "request_running", "stale_version")


class WantedBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"ticket_type_id": "tty_01arz3ndektsv4rrffq69g5fav", "quantity": 2}

    ticket_type_id: Identifier
    quantity: Quantity


class BookBody(Body, frozen=True):
    """Prices are not asked for: they are computed here."""

    EXAMPLE: ClassVar = {
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "tickets": [WantedBody.EXAMPLE],
        "name": "Asha Rao",
        "promo_code": "EARLY-20",
    }

    event_id: Identifier
    tickets: Annotated[list[WantedBody], msgspec.Meta(min_length=1, max_length=20)]
    name: ShortText | None = None
    promo_code: PromoText | None = None

    def command(self) -> BookPlacesCommand:
        wanted = tuple((kind.ticket_type_id, kind.quantity) for kind in self.tickets)
        return BookPlacesCommand(self.event_id, wanted, self.name, self.promo_code or "")


class QuoteBody(Body, frozen=True):
    """A wish as for a booking."""

    EXAMPLE: ClassVar = {
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "tickets": [WantedBody.EXAMPLE],
        "promo_code": "EARLY-20",
    }

    event_id: Identifier
    tickets: Annotated[list[WantedBody], msgspec.Meta(min_length=1, max_length=20)]
    promo_code: PromoText | None = None

    def command(self) -> BookPlacesCommand:
        wanted = tuple((kind.ticket_type_id, kind.quantity) for kind in self.tickets)
        return BookPlacesCommand(self.event_id, wanted, promo_code=self.promo_code or "")


class ReturnBody(Body, frozen=True):
    """What the provider's script handed to your page, as it is."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "fields": {"razorpay_payment_id": "pay_1", "razorpay_order_id": "order_1", "razorpay_signature": "9ef4d"}
    }

    fields: Annotated[dict[Identifier, ReturnedText], msgspec.Meta(max_length=20)]


class CancelBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"reason": "we cannot come"}

    reason: ShortText = "cancelled by the buyer"


class BookingController(Controller):
    path = "/bookings"
    tags = ("Bookings",)

    @post(
        "/",
        **route(
            Policy.SIGNED_IN,
            "Hold places",
            *(*WISH, *ONCE, "too_many_requests", "being_erased"),
            scope=Scope.BOOKINGS_WRITE,
        ),
    )
    async def book(self, request: Call, data: JSONBody[BookBody]) -> Response[BookingView]:
        """They are yours until `hold_expires_at`; pay before. Free places are confirmed at once."""
        command = data.command()
        deeds, actor = request.deeds, request.actor
        return await answer_once(
            request, lambda once: deeds.book_places(actor, command, once), BookingView.of, 201, limit=HOLD
        )

    @post(
        "/quote",
        status_code=200,
        **route(Policy.SIGNED_IN, "What places would cost", *WISH, limit=QUOTE, scope=Scope.BOOKINGS_WRITE),
    )
    async def quote(self, request: Call, data: JSONBody[QuoteBody]) -> QuoteView:
        """With a promotion code, if there is one, and the tax that is included. Nothing is taken."""
        return QuoteView.of(await request.deeds.quote_places(request.actor, data.command()))

    @get("/", **route(Policy.BUYER, "Your bookings", "invalid_cursor", scope=Scope.BOOKINGS_READ))
    async def mine(self, request: Call, cursor: Cursor = None, limit: Limit = 20) -> PageView[BookingView]:
        """Newest first."""
        return PageView.of(await request.deeds.bookings.mine(request.actor, cursor, limit), BookingView.of)

    @get("/{booking_id:str}", **route(Policy.BUYER, "Show a booking", "not_found", scope=Scope.BOOKINGS_READ))
    async def show(self, request: Call, booking_id: FromPath[str]) -> BookingInFullView:
        """With its tickets, payments and refunds. For its buyer, its organizer and administrators."""
        return BookingInFullView.of(await request.deeds.bookings.show(request.actor, booking_id))

    @post(
        "/{booking_id:str}/payment",
        **route(
            Policy.BUYER,
            "Pay for a booking",
            *("not_found", "hold_expired", "booking_over", "event_not_on_sale"),
            *("no_gateway", "payment_refused", "payment_unavailable", "being_erased", *ONCE),
            scope=Scope.BOOKINGS_WRITE,
        ),
    )
    async def pay(self, request: Call, booking_id: FromPath[str]) -> Response[PaymentView]:
        """Open the page where it is paid, and send the buyer to `pay_url`. Asked again, it is the same page."""
        deeds, actor = request.deeds, request.actor
        return await answer_once(
            request, lambda once: deeds.start_payment(actor, booking_id, once), PaymentView.of, 201
        )

    @post(
        "/{booking_id:str}/payment/embedded",
        **route(
            Policy.BUYER,
            "Pay for a booking inside your own page",
            *("not_found", "hold_expired", "booking_over", "event_not_on_sale"),
            *("no_gateway", "payment_refused", "payment_unavailable", "being_erased", "embedding_unsupported", *ONCE),
            scope=Scope.BOOKINGS_WRITE,
        ),
    )
    async def pay_embedded(self, request: Call, booking_id: FromPath[str]) -> Response[PaymentView]:
        """`checkout` is what the provider's own script needs. Where an attempt on its page is open, it is that one."""
        deeds, actor = request.deeds, request.actor
        return await answer_once(
            request, lambda once: deeds.start_payment(actor, booking_id, once, embedded=True), PaymentView.of, 201
        )

    @post(
        "/{booking_id:str}/payment/return",
        status_code=200,
        **route(
            Policy.BUYER,
            "Tell that the script says it is paid",
            *("not_found", "notice_not_genuine", "payment_unavailable"),
            scope=Scope.BOOKINGS_WRITE,
        ),
    )
    async def returned(self, request: Call, booking_id: FromPath[str], data: JSONBody[ReturnBody]) -> PaymentView:
        """Its signature is checked, and then the provider is asked how the payment stands."""
        return PaymentView.of(await request.deeds.return_from_checkout(request.actor, booking_id, data.fields))

    @get(
        "/{booking_id:str}/payment",
        **route(Policy.BUYER, "How the payment stands", "not_found", scope=Scope.BOOKINGS_READ),
    )
    async def payment(self, request: Call, booking_id: FromPath[str]) -> PaymentView:
        """The latest attempt. Cheap enough to be asked every few seconds."""
        return PaymentView.of(await request.deeds.bookings.latest_payment(request.actor, booking_id))

    @post(
        "/{booking_id:str}/cancellation",
        status_code=200,
        **route(
            Policy.BUYER,
            "Cancel a booking",
            *("not_found", "not_allowed", "booking_over", "idempotency_key_reused", "stale_version"),
            *("payment_disputed", "too_many_requests", "fresh_sign_in_required"),
        ),
    )
    async def cancel(
        self, request: Call, booking_id: FromPath[str], data: JSONBody[CancelBody]
    ) -> Response[BookingView]:
        """Give the places back. Codes stop opening doors. What was paid is refunded in full."""
        command = CancelBookingCommand(booking_id, data.reason)
        deeds, actor = request.deeds, request.actor
        return await answer_once(
            request,
            lambda once: deeds.cancel_booking(actor, command, once),
            BookingView.of,
            200,
            required=False,
            limit=REFUND,
        )
