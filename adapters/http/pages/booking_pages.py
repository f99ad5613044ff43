"""From held places to tickets in the hand."""

from typing import Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from adapters.http.api.receipts import PDF, receipt_file
from adapters.http.api.tickets import drawn
from adapters.http.call import Call
from adapters.http.pages.booking_words import BookingCard, BookingPage
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import page
from adapters.http.pages.turning import Turning
from adapters.http.pages.words import money_words
from adapters.http.policy import NEEDS_FRESH, Policy
from application.errors import NotFound
from application.limits import REFUND
from application.queries.bookings import BookingInFull
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.refund_booking import RefundCommand, RefundQuote
from domain.booking import BookingOver, BookingStatus, HoldExpired
from domain.errors import DomainError, NotAllowedNow

BOOKINGS_ON_A_PAGE: Final = 20
LOOKS_MAX: Final = 20
"""How often the page of a payment under way looks again by itself."""
_BUYER: Final = {"policy": Policy.BUYER}
_PNG: Final = "image/png"
GIVEN_UP: Final = "given up by the buyer"


class QuoteChanged(NotAllowedNow):
    """What goes back is no longer what the page said."""

    code = "quote_changed"


class BookingListPages(Controller):
    @get("/bookings", opt=_BUYER)
    async def mine(self, request: Call) -> Ready:
        """Newest first."""
        cursor = query_of(request).words("cursor", 400)
        found = await request.deeds.bookings.mine_with_events(request.actor, cursor or None, BOOKINGS_ON_A_PAGE)
        now = request.deeds.clock.now()
        return page(
            request,
            "bookings.html",
            cards=[BookingCard.of(item, now) for item in found.items],
            turning=Turning.of("/bookings", {}, cursor, found.next_cursor),
        )


class BookingPages(Controller):
    path = "/bookings/{booking_id:str}"

    @get("/", opt=_BUYER)
    async def show(self, request: Call, booking_id: FromPath[str]) -> Ready:
        """For its buyer, its organizer and administrators. While a payment is under way it looks again by itself."""
        look = query_of(request).words("look")
        looks = int(look[:4]) if look.isascii() and look.isdecimal() else 0
        full = await request.deeds.bookings.show(request.actor, booking_id)
        return _booking_page(request, full, looks, quote=await _quote(request, full))

    @post("/pay", opt=_BUYER)
    async def pay(self, request: Call, booking_id: FromPath[str]) -> Ready:
        """On to the gateway's page. Sent twice it is the same page: an attempt that is open is gone on with."""
        deeds = request.deeds
        try:
            payment = await deeds.start_payment(request.actor, booking_id)
        except NotFound:
            raise
        except (HoldExpired, BookingOver):
            return see_other(f"/bookings/{booking_id}")  # The page says it better than an error could.
        except DomainError as error:
            full = await deeds.bookings.show(request.actor, booking_id)
            return _booking_page(request, full, LOOKS_MAX, refusal_status(error), str(error))
        return see_other(payment.page_url)

    @post("/cancel", opt=_BUYER)
    async def cancel(self, request: Call, booking_id: FromPath[str]) -> Ready:
        """Give up what is held; twice is no error."""
        deeds = request.deeds
        try:
            await deeds.limits.check_person(REFUND, request.actor)
            await deeds.cancel_booking(request.actor, CancelBookingCommand(booking_id))
        except NotFound:
            raise
        except BookingOver:
            return see_other(f"/bookings/{booking_id}")
        except DomainError as error:
            full = await deeds.bookings.show(request.actor, booking_id)
            return _booking_page(request, full, LOOKS_MAX, refusal_status(error), str(error))
        return see_other(f"/bookings/{booking_id}")

    @post("/refund", opt=_BUYER | {NEEDS_FRESH: True})
    async def refund(self, request: Call, booking_id: FromPath[str]) -> Ready:
        """Give a paid booking up for what was promised: the sum that was shown must still be the one that goes back."""
        deeds = request.deeds
        form = await form_of(request)
        command = RefundCommand(booking_id, GIVEN_UP)
        try:
            await deeds.limits.check_person(REFUND, request.actor)
            quote = await deeds.refund_booking.quote(request.actor, command)
            if money_words(quote.amount) != form.words("amount"):
                raise QuoteChanged(f"by now {money_words(quote.amount)} goes back: look again before you decide")
            await deeds.refund_booking(request.actor, command)
        except NotFound:
            raise
        except DomainError as error:
            full = await deeds.bookings.show(request.actor, booking_id)
            again = await _quote(request, full)
            return _booking_page(request, full, LOOKS_MAX, refusal_status(error), str(error), quote=again)
        return see_other(f"/bookings/{booking_id}")

    @get("/receipt.pdf", media_type=PDF, opt=_BUYER)
    async def receipt(self, request: Call, booking_id: FromPath[str]) -> Response[bytes]:
        return await receipt_file(request, booking_id)

    @get("/qr.png", media_type=_PNG, opt=_BUYER)
    async def group_code(self, request: Call, booking_id: FromPath[str]) -> Response[bytes]:
        code = await request.deeds.bookings.group_code(request.actor, booking_id)
        return await drawn(request, code, _PNG, for_print=False)


@get("/tickets/{ticket_id:str}/qr.png", media_type=_PNG, opt=_BUYER)
async def ticket_code(request: Call, ticket_id: FromPath[str]) -> Response[bytes]:
    """A picture of a page: asked for with the session's cookie."""
    code = await request.deeds.bookings.ticket_code(request.actor, ticket_id)
    return await drawn(request, code, _PNG, for_print=False)


async def _quote(request: Call, full: BookingInFull) -> RefundQuote | None:
    """What its buyer would get for giving the booking up, if anything."""
    if full.status is not BookingStatus.CONFIRMED or not request.actor.is_buyer_of(full.booking):
        return None
    try:
        return await request.deeds.refund_booking.quote(request.actor, RefundCommand(full.booking.id, GIVEN_UP))
    except DomainError:
        return None


def _booking_page(
    request: Call,
    full: BookingInFull,
    looks: int,
    status: int = 200,
    problem: str = "",
    *,
    quote: RefundQuote | None = None,
) -> Ready:
    shown = BookingPage.of(full, request.actor, request.deeds.clock.now(), quote)
    look_again = f"/bookings/{full.booking.id}?look={looks + 1}" if shown.is_waiting and looks < LOOKS_MAX else ""
    # Soon at first, for who has just paid, and then less often.
    pause_s = 2 if looks < LOOKS_MAX // 2 else 6
    return page(
        request,
        "booking.html",
        status,
        shown=shown,
        look_again=look_again,
        pause_s=pause_s,
        problem=problem,
        is_guest=request.actor.guest is not None,
    )
