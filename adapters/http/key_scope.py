"""What an API key opens: the routes that declare a scope of its, and nothing else."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from application.deeds import Deeds
from application.errors import KeyNotLetIn
from application.limits import API_KEY
from domain.api_key import ApiKey, Scope

SCOPE: Final = "scope"
"""In the `opt` of a route that keys are let into. A route without it is for people alone."""


async def admit_key(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler, key: ApiKey) -> None:
    """KeyNotLetIn where the key may not be; LimitReached if it asks too often."""
    deeds: Deeds = connection.app.state.deeds
    await deeds.limits.check(API_KEY, key.id)
    check_scope(handler.opt.get(SCOPE), key, connection.scope["path_params"])


def check_scope(wanted: Scope | None, key: ApiKey, path_params: dict[str, Any]) -> None:
    """A key for one event opens what stands under that event alone: there the path itself says which it is."""
    if wanted is None:
        raise KeyNotLetIn("this is for people: no API key opens it")
    if wanted not in key.scopes:
        raise KeyNotLetIn(f"this key has not the scope {wanted}")
    if key.event_id is not None and path_params.get("event_id") != key.event_id:
        raise KeyNotLetIn("this key is for one event, and opens what is under /events/ and its id")
