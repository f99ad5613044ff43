"""How often a route may be asked, counted before it is reached."""

from typing import Any, Final

from attrs import define
from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Send

from adapters.http.authentication import check_same_site
from adapters.http.source import source_of
from application.access import Actor
from application.deeds import Deeds
from application.limits import By, Limit

LIMIT: Final = "limit"
"""In the `opt` of a route for programs. What is answered once for a key counts inside its deed instead: a repetition of
a request gets the answer that was given, limit or not.
"""
FORM_LIMIT: Final = "form_limit"
"""In the `opt` of a page: forms of other sites are refused before they count."""

_PAGES_SAY: Final = frozenset({b"origin", b"sec-fetch-site"})
"""What browsers tell of the page that makes a request, and programs do not."""

Connection = ASGIConnection[Any, Any, Any, Any]


@define(eq=False)
class LimitedForms:
    """Behind the check that a form comes from a page of ours."""

    _app: ASGIApp

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        limit = scope["route_handler"].opt.get(FORM_LIMIT)
        if limit is not None:
            await check_limit(Connection(scope, receive, send), scope["user"], limit)
        await self._app(scope, receive, send)


async def check_limit(connection: Connection, actor: Actor, limit: Limit) -> None:
    """LimitReached of whoever asks too often."""
    deeds: Deeds = connection.app.state.deeds
    if limit.by is not By.SOURCE and actor.account is not None:
        await deeds.limits.check_person(limit, actor)
    else:
        await deeds.limits.check(limit, source_of(connection.scope, connection.app.state.trusted_proxies))


async def check_limit_of_program(connection: Connection, actor: Actor, limit: Limit) -> None:
    """The same; CrossSite where another site's page would use up the budget of those who look at it."""
    if limit.by is By.SOURCE and not _PAGES_SAY.isdisjoint(name for name, _ in connection.scope["headers"]):
        check_same_site(connection, connection.app.state.base_url)
    await check_limit(connection, actor, limit)
