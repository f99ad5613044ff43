"""What a request may carry: nothing that its route does not take. What we would overlook is refused, not ignored."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import define, frozen
from litestar.exceptions import HTTPException
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Send

from adapters.http.policy import Policy

TAKES_BODY: Final = "takes_body"
"""In the `opt` of a handler that reads the body itself, where Litestar sees no `data`."""
IS_STRICT: Final = "is_strict"
"""In the `opt` of the routes for programs. Pages take what browsers and links in mails bring."""
_TAKES: Final = "takes"
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})


@frozen
class Takes:
    """What one route takes."""

    body: bool
    queries: frozenset[str] | None
    """By name; None: any."""


def note_what_is_taken(routes: Iterable[BaseRoute]) -> None:
    """Write down beside each strict handler what its signature says, once, so that a request costs a look-up."""
    for route in routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler, model in route.route_handler_map.values():
            # Litestar makes handlers for OPTIONS, which have no policy and are never asked.
            if handler.opt.get(IS_STRICT) and "policy" in handler.opt:
                body = "data" in handler.parsed_fn_signature.parameters or bool(handler.opt.get(TAKES_BODY))
                names = frozenset(known.field_alias for known in model.expected_query_params)
                # Whoever rings a gateway's webhook may add what it likes: the signature decides.
                handler.opt[_TAKES] = Takes(body, None if handler.opt["policy"] is Policy.GATEWAY else names)


@define(eq=False)
class Asked:
    """Behind the policy and in front of every strict route: strangers learn nothing of what it takes."""

    _app: ASGIApp

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        await self._app(scope, await only_what_is_taken(scope, receive), send)


async def only_what_is_taken(scope: Any, receive: Receive) -> Receive:
    """Where the rest of the request comes from; HTTPException 400 if it carries what its route does not take."""
    takes: Takes | None = scope["route_handler"].opt.get(_TAKES)
    if takes is None:
        return receive
    if scope["query_string"] and takes.queries is not None:
        _check_queries(scope["query_string"], takes.queries)
    if takes.body or scope["method"] in _WITHOUT_BODY:
        return receive
    return await _without_body(scope, receive)


def _check_queries(query: bytes, known: frozenset[str]) -> None:
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            raise HTTPException(f"the query has an unknown parameter: {name[:60]!r}", status_code=400)


async def _without_body(scope: Any, receive: Receive) -> Receive:
    headers = dict(scope["headers"])
    length = headers.get(b"content-length")
    if length is not None:
        if length.strip(b"0 "):
            raise _unwanted()
        return receive
    if b"transfer-encoding" not in headers and scope["http_version"].startswith("1"):
        return receive
    # Its length is told by its end alone.
    while True:
        message: Any = await receive()
        if message.get("body"):
            raise _unwanted()
        if not message.get("more_body"):
            break
    told = False

    async def ended() -> Any:
        nonlocal told
        if told:
            return await receive()
        told = True
        return message

    return ended


def _unwanted() -> HTTPException:
    return HTTPException("this takes no body: send none", status_code=400)
