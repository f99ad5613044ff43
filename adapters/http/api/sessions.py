"""Where one is signed in, and signing out elsewhere."""

from datetime import datetime
from typing import ClassVar, Self

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.api.accounts import SessionView, session_answer
from adapters.http.authentication import session_cookie
from adapters.http.call import Call
from adapters.http.fields import ShortText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, DoneView, View, moment
from application.queries.own_sessions import OpenSession
from application.use_cases.end_sessions import EVERYBODY


class OpenSessionView(View, frozen=True):
    """One place where you are signed in. `last_used_at` is exact to some minutes; `source` names a neighbourhood."""

    EXAMPLE: ClassVar = {
        "id": "ses_01arz3ndektsv4rrffq69g5fav",
        "device": "Firefox on Linux",
        "source": "198.51.100.0/24",
        "created_at": "2026-11-22T12:00:00Z",
        "last_used_at": "2026-11-22T12:30:00Z",
        "is_current": True,
    }

    id: str
    device: str
    source: str
    created_at: datetime | None
    last_used_at: datetime | None
    is_current: bool

    @classmethod
    def of(cls, found: OpenSession) -> Self:
        session = found.session
        return cls(
            id=session.name,
            device=session.device,
            source=session.source,
            created_at=moment(session.created_at),
            last_used_at=moment(session.used_last_at),
            is_current=found.is_current,
        )


class OpenSessionsView(View, frozen=True):
    """The newest first."""

    EXAMPLE: ClassVar = {"items": [OpenSessionView.EXAMPLE]}

    items: list[OpenSessionView]


class EverybodyBody(Body, frozen=True):
    """The words of the example, letter by letter."""

    EXAMPLE: ClassVar = {"confirm": EVERYBODY}

    confirm: ShortText


class OwnSessionController(Controller):
    path = "/me/sessions"
    tags = ("Accounts",)

    @get("/", **route(Policy.SIGNED_IN, "Where you are signed in"))
    async def show(self, request: Call) -> OpenSessionsView:
        """Those sessions that still hold."""
        return OpenSessionsView(
            [OpenSessionView.of(found) for found in await request.deeds.own_sessions(request.actor)]
        )

    @delete("/{session_id:str}", status_code=200, **route(Policy.SIGNED_IN, "Sign out at one place", "not_found"))
    async def end(self, request: Call, session_id: FromPath[str]) -> Response[DoneView]:
        """By its id in the list; it may be this one."""
        is_here = await request.deeds.end_own_sessions.one(request.actor, session_id)
        cookies = [session_cookie(request.base_url_of_ours, "", 0)] if is_here else []
        return Response(DoneView("signed out there"), cookies=cookies)

    @post(
        "/end-others",
        status_code=200,
        **route(Policy.SIGNED_IN, "Sign out everywhere else", "stale_version"),
    )
    async def end_others(self, request: Call) -> Response[SessionView]:
        """This session goes on under a new token. Your API keys end too."""
        return session_answer(request, await request.deeds.end_own_sessions.others(request.actor))


class EverybodyController(Controller):
    path = "/sessions"
    tags = ("Administration",)

    @post(
        "/end-everybody",
        status_code=200,
        **route(Policy.SUPERADMIN, "Sign everybody out", "confirmation_needed", needs_fresh=True),
    )
    async def end(self, request: Call, data: JSONBody[EverybodyBody]) -> DoneView:
        """Every session and API key of everybody ends at once, yours too."""
        await request.deeds.sign_everybody_out(request.actor, data.confirm)
        return DoneView("everybody is signed out")
