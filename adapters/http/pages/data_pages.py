"""What we know about somebody, for that person; and the password that nobody else has seen."""

from typing import Any, Final

import msgspec
from litestar import Controller, get, post

from adapters.http.api.accounts import cookie_of
from adapters.http.api.own_data import AS_FILE
from adapters.http.authentication import session_cookie
from adapters.http.call import Call
from adapters.http.limited import FORM_LIMIT
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.own_paths import HOME, own_path
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.policy import NEEDS_FRESH, Policy
from application.limits import EXPORT
from application.password_policy import PASSWORD_MIN
from domain.consent import ConsentPlace
from domain.email_address import EMAIL_MAX
from domain.errors import DomainError

DATA: Final = "/me/data"
NEW_PASSWORD: Final = "/sign-in/password"  # noqa: S105 - the address of a page
_SIGNED_IN: Final = {"policy": Policy.SIGNED_IN}
_FRESH: Final = {"policy": Policy.SIGNED_IN, NEEDS_FRESH: True}
_JSON: Final = (b"content-type", b"application/json")
_NAMED: Final = 20
"""How many reasons a page names why an account is still needed."""


class DataPages(Controller):
    path = DATA

    @get("/", opt=_SIGNED_IN)
    async def show(self, request: Call) -> Ready:
        return await _data_page(request, is_saved=query_of(request).raw("done") == "saved")

    @post("/consent", opt=_SIGNED_IN)
    async def consent(self, request: Call) -> Ready:
        """A box that is not ticked says no."""
        marketing = bool((await form_of(request)).raw("marketing"))
        await request.deeds.give_consent(request.actor, ConsentPlace.PAGE, marketing=marketing)
        return see_other(f"{DATA}?done=saved")

    @post("/file", opt=_FRESH | {FORM_LIMIT: EXPORT})
    async def export(self, request: Call) -> Ready:
        """A form, for looking at a page is never counted."""
        document = await request.deeds.export_person.mine(request.actor)
        named = [(name.lower().encode(), value.encode()) for name, value in AS_FILE.items()]
        return Ready(200, msgspec.json.encode(document), [_JSON, NO_STORE, *named])

    @post("/erasure", opt=_FRESH)
    async def erase(self, request: Call) -> Ready:
        typed = (await form_of(request)).words("confirm", EMAIL_MAX)
        try:
            await request.deeds.erase_account.mine(request.actor, typed)
        except DomainError as error:
            return await _data_page(request, refusal_status(error), str(error))
        return see_other(HOME, session_cookie(request.base_url_of_ours, "", 0))


async def _data_page(request: Call, status: int = 200, problem: str = "", *, is_saved: bool = False) -> Ready:
    _, belongings = await request.deeds.erase_account.preview(request.actor)
    given = await request.deeds.give_consent.mine(request.actor)
    values: dict[str, Any] = {
        "counts": [(name.replace("_", " ").capitalize(), count) for name, count in belongings.counts.items()],
        "obstacles": belongings.obstacles[:_NAMED],
        "consent": given[0] if given else None,
    }
    return page(request, "data.html", status, problem=problem, is_saved=is_saved, **values)


class NewPasswordPages(Controller):
    """For who came in with a password that somebody else has seen. Everybody else goes on."""

    path = NEW_PASSWORD

    @get("/", opt={"policy": Policy.PASSWORD_GIVEN})
    async def ask(self, request: Call) -> Ready:
        next_path = own_path(query_of(request).raw("next"))
        return _password_page(request, next_path) if request.actor.must_change else see_other(next_path)

    @post("/", opt={"policy": Policy.PASSWORD_GIVEN})
    async def choose(self, request: Call) -> Ready:
        form = await form_of(request)
        next_path = own_path(form.raw("next"))
        if not request.actor.must_change:
            return see_other(next_path)
        try:
            signed_in = await request.deeds.change_password(request.actor, form.raw("password"))
        except DomainError as error:
            return _password_page(request, next_path, refusal_status(error), str(error))
        return see_other(next_path, cookie_of(request, signed_in))


def _password_page(request: Call, next_path: str, status: int = 200, problem: str = "") -> Ready:
    return page(request, "new_password.html", status, next_path=next_path, problem=problem, password_min=PASSWORD_MIN)
