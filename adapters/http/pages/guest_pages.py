"""Buying without an account, and finding what was bought so."""

from hashlib import sha256
from typing import Final

from litestar import Controller, get, post
from litestar.params import FromPath

from adapters.http.api.accounts import cookie_of
from adapters.http.call import Call
from adapters.http.guest_holds import hold_as_guest
from adapters.http.limited import FORM_LIMIT
from adapters.http.pages.event_pages import Choice
from adapters.http.pages.forms import Form, form_of, query_of
from adapters.http.pages.page_problems import refusal_headers, refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.policy import Policy
from application.errors import NotFound
from application.limits import ASK_FOR_MAIL, GUEST_HOLD, USE_LINK
from application.use_cases.guest_bookings import GuestBookingCommand
from domain.email_address import EMAIL_MAX
from domain.errors import DomainError, InvalidValue

_ANYONE: Final = {"policy": Policy.ANYONE}
_KEY_LENGTH_MAX: Final = 60


class GuestHoldPages(Controller):
    path = "/events/{event_id:str}"

    @post("/guest", opt=_ANYONE)
    async def ask(self, request: Call, event_id: FromPath[str]) -> Ready:
        """Who the tickets are for. Nothing is taken yet."""
        return await _guest_page(request, event_id, await form_of(request))

    @post("/guest-hold", opt={**_ANYONE, FORM_LIMIT: GUEST_HOLD})
    async def hold(self, request: Call, event_id: FromPath[str]) -> Ready:
        """Take places, and on to the booking, which this browser may open from now on."""
        form, body = await form_of(request), await request.body()
        try:
            name = form.words("name")
            if not name:
                raise InvalidValue("say who the tickets are for")
            wish = Choice.of(form).command(event_id)
            command = GuestBookingCommand(form.words("email", EMAIL_MAX), name, wish)
            # What was chosen is part of the key: a form changed and sent again is another request.
            key = f"{form.words('key', _KEY_LENGTH_MAX)} {sha256(body).hexdigest()}"
            booking, opened = await hold_as_guest(request, command, key, body)
        except NotFound:
            raise
        except DomainError as error:
            return await _guest_page(request, event_id, form, error)
        return see_other(f"/bookings/{booking.id}", cookie_of(request, opened))


async def _guest_page(request: Call, event_id: str, form: Form, error: DomainError | None = None) -> Ready:
    shown = await request.deeds.events.show(request.actor, event_id)
    choice = Choice.of(form)
    return page(
        request,
        "guest_hold.html",
        200 if error is None else refusal_status(error),
        (NO_STORE,) if error is None else refusal_headers(error),
        event=shown.event,
        kept=choice.fields(),
        chosen=[(kind.name, choice.counts[kind.id]) for kind in shown.event.ticket_types if kind.id in choice.counts],
        name=form.fields.get("name", "")[:200],
        email=form.fields.get("email", "")[:EMAIL_MAX],
        problem="" if error is None else str(error),
    )


class GuestPages(Controller):
    path = "/guest"

    @get("/", opt=_ANYONE)
    async def show(self, request: Call) -> Ready:
        """Where a link is asked for."""
        return page(request, "guest_link.html", token="", email="", problem="")

    @post("/", opt={**_ANYONE, FORM_LIMIT: ASK_FOR_MAIL})
    async def send_link(self, request: Call) -> Ready:
        """The answer is the same whether the address is known."""
        email = (await form_of(request)).words("email", EMAIL_MAX)
        try:
            await request.deeds.ask_for_guest_link(email)
        except DomainError as error:
            status, headers = refusal_status(error), refusal_headers(error)
            return page(request, "guest_link.html", status, headers, token="", email=email, problem=str(error))
        return see_other("/mail-sent")

    @get("/open", opt=_ANYONE)
    async def ask_to_open(self, request: Call) -> Ready:
        """Changes nothing: mail programs open links before people do."""
        return page(request, "guest_link.html", token=query_of(request).raw("token"), email="", problem="")

    @post("/open", opt={**_ANYONE, FORM_LIMIT: USE_LINK})
    async def open(self, request: Call) -> Ready:
        token = (await form_of(request)).raw("token")
        try:
            opened = await request.deeds.open_guest_session.by_link(token)
        except DomainError as error:
            return page(request, "guest_link.html", refusal_status(error), token="", email="", problem=str(error))
        return see_other("/bookings", cookie_of(request, opened))
