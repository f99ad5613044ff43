"""Buying without an account."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from adapters.http.answering import key_of
from adapters.http.api.accounts import EmailBody, TokenBody, cookie_of
from adapters.http.api.booking_views import BookingView
from adapters.http.api.bookings import ONCE, WISH, WantedBody
from adapters.http.call import Call
from adapters.http.fields import Email, Identifier, PromoText, ShortText
from adapters.http.guest_holds import hold_as_guest
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, DoneView, View, moment
from application.limits import ASK_FOR_MAIL, GUEST_HOLD, USE_LINK
from application.opening import SignedIn
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.guest_bookings import GuestBookingCommand

_MAIL_IS_COMING = "if there are bookings with this address, a mail is on its way"


class GuestBookBody(Body, frozen=True):
    """As for a booking, and who it is for."""

    EXAMPLE: ClassVar = {
        "email": "asha@example.com",
        "name": "Asha Rao",
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "tickets": [WantedBody.EXAMPLE],
    }

    email: Email
    name: ShortText
    event_id: Identifier
    tickets: Annotated[list[WantedBody], msgspec.Meta(min_length=1, max_length=20)]
    promo_code: PromoText | None = None

    def command(self) -> GuestBookingCommand:
        wanted = tuple((kind.ticket_type_id, kind.quantity) for kind in self.tickets)
        wish = BookPlacesCommand(self.event_id, wanted, promo_code=self.promo_code or "")
        return GuestBookingCommand(self.email, self.name, wish)


class GuestBookingView(View, frozen=True):
    """`token` opens this one booking for a day, and is told this once. The link in the mail opens all of them."""

    EXAMPLE: ClassVar = {
        "token": "m3Jv1yYgq0WbC4uKfH2nTz8sXaPdL6eRiO9tGkVwQxE",
        "expires_at": "2026-12-02T12:00:00Z",
        "booking": BookingView.EXAMPLE,
    }

    token: str
    expires_at: datetime | None
    booking: BookingView


class GuestSessionView(View, frozen=True):
    """`token` opens the bookings of one address for a day."""

    EXAMPLE: ClassVar = {
        "token": "m3Jv1yYgq0WbC4uKfH2nTz8sXaPdL6eRiO9tGkVwQxE",
        "expires_at": "2026-12-02T12:00:00Z",
    }

    token: str
    expires_at: datetime | None

    @classmethod
    def of(cls, opened: SignedIn) -> Self:
        return cls(opened.secret, moment(opened.expires_at))


class GuestBookingController(Controller):
    path = "/guest-bookings"
    tags = ("Bookings",)

    @post(
        "/",
        status_code=201,
        **route(
            Policy.ANYONE,
            "Hold places without an account",
            *WISH,
            *ONCE,
            "being_erased",
            "invalid_value",
            limit=GUEST_HOLD,
        ),
    )
    async def book(self, request: Call, data: JSONBody[GuestBookBody]) -> Response[GuestBookingView]:
        """Pay with the `token` as Bearer, or with the cookie. The answer is the same whoever has the address."""
        key, body = key_of(request, required=True), await request.body()
        booking, opened = await hold_as_guest(request, data.command(), key, body)
        view = GuestBookingView(opened.secret, moment(opened.expires_at), BookingView.of(booking))
        return Response(view, cookies=[cookie_of(request, opened)])


class GuestLinkController(Controller):
    tags = ("Bookings",)

    @post(
        "/guest-links",
        status_code=202,
        **route(Policy.ANYONE, "Ask for a link to your bookings", "invalid_value", limit=ASK_FOR_MAIL),
    )
    async def ask(self, request: Call, data: JSONBody[EmailBody]) -> DoneView:
        """For those who booked without an account. The answer is the same whether the address is known."""
        await request.deeds.ask_for_guest_link(data.email)
        return DoneView(_MAIL_IS_COMING)

    @post(
        "/guest-sessions",
        status_code=201,
        **route(Policy.ANYONE, "Open your bookings", "token_invalid", limit=USE_LINK),
    )
    async def open(self, request: Call, data: JSONBody[TokenBody]) -> Response[GuestSessionView]:
        """With the token of the mail, which works once: see, pay, cancel and give back your bookings for a day."""
        opened = await request.deeds.open_guest_session.by_link(data.token)
        return Response(GuestSessionView.of(opened), cookies=[cookie_of(request, opened)])
