"""One's own API keys: making one, a new secret for one, and ending one."""

from collections.abc import Awaitable
from typing import Final

from litestar import Controller, get, post

from adapters.http.call import Call
from adapters.http.pages.forms import Form, form_of, query_of
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.policy import NEEDS_FRESH, Policy
from application.queries.api_keys import KeyStanding
from application.use_cases.api_keys import KeyPlan, NewKey
from domain.api_key import DAYS_DEFAULT, NAME_MAX, Scope
from domain.errors import DomainError, InvalidValue

_SIGNED_IN: Final = {"policy": Policy.SIGNED_IN}
_FRESH: Final = {"policy": Policy.SIGNED_IN, NEEDS_FRESH: True}
KEYS: Final = "/me/api-keys"
_SHOWN: Final = 20
_SCOPES: Final = {
    Scope.EVENTS_READ: "see your events",
    Scope.EVENTS_WRITE: "write, edit and publish your events",
    Scope.BOOKINGS_READ: "see bookings and tickets",
    Scope.BOOKINGS_WRITE: "ask for prices, hold places and pay for them",
    Scope.DOOR: "scan tickets at the door",
    Scope.REPORTS_READ: "read your figures",
}


class KeyPages(Controller):
    path = KEYS

    @get("/", opt=_SIGNED_IN)
    async def show(self, request: Call) -> Ready:
        return await _keys_page(request)

    @post("/", opt=_FRESH)
    async def create(self, request: Call) -> Ready:
        """The secret, this once: no redirect could carry it."""
        form = await form_of(request)
        return await _told(request, _made(request, form))

    @post("/rotation", opt=_FRESH)
    async def rotate(self, request: Call) -> Ready:
        """A new secret. The old one goes on for a day, so that no program stops."""
        key_id = (await form_of(request)).raw("key")
        return await _told(request, request.deeds.rotate_api_key(request.actor, key_id))

    @post("/end", opt=_SIGNED_IN)
    async def end(self, request: Call) -> Ready:
        key_id = (await form_of(request)).raw("key")
        try:
            await request.deeds.revoke_api_key(request.actor, key_id)
        except DomainError as error:
            return await _keys_page(request, refusal_status(error), str(error))
        return see_other(KEYS)


async def _made(request: Call, form: Form) -> NewKey:
    scopes = tuple(scope for scope in Scope if form.raw(scope))
    if not scopes:
        raise InvalidValue("choose what the key is to be for")
    days = form.words("days")
    if not (days.isascii() and days.isdigit()):
        raise InvalidValue("say for how many days the key is to be good")
    return await request.deeds.create_api_key(
        request.actor, KeyPlan(form.words("name", NAME_MAX), scopes, int(days[:4]), form.words("event") or None)
    )


async def _told(request: Call, deed: Awaitable[NewKey]) -> Ready:
    try:
        new = await deed
    except DomainError as error:
        return await _keys_page(request, refusal_status(error), str(error))
    return page(request, "new_key.html", 200, (NO_STORE,), new=new)


async def _keys_page(request: Call, status: int = 200, problem: str = "") -> Ready:
    found = await request.deeds.api_keys.own(request.actor, query_of(request).raw("cursor") or None, _SHOWN)
    return page(
        request,
        "api_keys.html",
        status,
        found=[(one.key, one.standing, one.standing is KeyStanding.ACTIVE) for one in found.items],
        next_cursor=found.next_cursor,
        scopes=[(str(scope), words) for scope, words in _SCOPES.items()],
        words={str(scope): words for scope, words in _SCOPES.items()},
        days=DAYS_DEFAULT,
        problem=problem,
    )
