"""Where somebody is signed in, and signing out there."""

from typing import Final

from litestar import Controller, get, post

from adapters.http.api.accounts import cookie_of
from adapters.http.authentication import session_cookie
from adapters.http.call import Call
from adapters.http.pages.forms import form_of
from adapters.http.pages.own_paths import HOME
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import page
from adapters.http.policy import Policy
from domain.errors import DomainError

_SIGNED_IN: Final = {"policy": Policy.SIGNED_IN}
SESSIONS: Final = "/me/sessions"


class SessionPages(Controller):
    path = SESSIONS

    @get("/", opt=_SIGNED_IN)
    async def show(self, request: Call) -> Ready:
        return await self._page(request)

    async def _page(self, request: Call, status: int = 200, problem: str = "") -> Ready:
        found = await request.deeds.own_sessions(request.actor)
        return page(request, "sessions.html", status, found=found, problem=problem)

    @post("/end", opt=_SIGNED_IN)
    async def end(self, request: Call) -> Ready:
        name = (await form_of(request)).raw("session")
        try:
            is_here = await request.deeds.end_own_sessions.one(request.actor, name)
        except DomainError as error:
            return await self._page(request, refusal_status(error), str(error))
        return see_other(HOME, session_cookie(request.base_url_of_ours, "", 0)) if is_here else see_other(SESSIONS)

    @post("/end-others", opt=_SIGNED_IN)
    async def end_others(self, request: Call) -> Ready:
        """All but this browser's, which goes on under a new secret."""
        signed_in = await request.deeds.end_own_sessions.others(request.actor)
        return see_other(SESSIONS, cookie_of(request, signed_in))
