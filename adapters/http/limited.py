"""How often a route may be asked, counted before it is reached."""

from typing import Any, Final

from litestar.connection import ASGIConnection

from adapters.http.source import source_of
from application.access import Actor
from application.deeds import Deeds
from application.limits import By, Limit

LIMIT: Final = "limit"
"""In the `opt` of a handler. What is answered once for a key counts inside its deed instead: a repetition of a request
gets the answer that was given, limit or not.
"""


async def check_limit(connection: ASGIConnection[Any, Any, Any, Any], actor: Actor, limit: Limit) -> None:
    """LimitReached of whoever asks too often."""
    deeds: Deeds = connection.app.state.deeds
    if limit.by is By.SOURCE or actor.account is None:
        await deeds.limits.check(limit, source_of(connection.scope, connection.app.state.trusted_proxies))
    else:
        await deeds.limits.check_person(limit, actor)
