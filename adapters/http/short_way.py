"""The short way: a plain route is answered without Litestar's request stack, which costs more than most of our deeds.

Plain is a handler that takes its request, texts of its path and a strict body, and answers with a view or a Response.
Litestar still finds the route, describes it and turns errors into answers. A test compares both ways.
"""

from collections.abc import Awaitable, Callable, Iterable
from inspect import isclass
from typing import Any, Final, get_origin

import msgspec
from attrs import define, frozen
from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Send

from adapters.http.answering import Rendered, send_json
from adapters.http.asked import IS_STRICT
from adapters.http.call import Call, header
from adapters.http.problems import NO_BODY
from adapters.http.strict_json import StrictJson, StrictReader
from adapters.http.views import View

_WAY: Final = "short_way"


@define(eq=False)
class ShortWay:
    """The innermost middleware: behind it is what Litestar does for routes that are not plain."""

    _app: ASGIApp

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        way: _Plain | None = scope["route_handler"].opt.get(_WAY)
        await (self._app(scope, receive, send) if way is None else way.answer(scope, receive, send))


def note_short_ways(routes: Iterable[BaseRoute]) -> None:
    """Write down beside each plain handler how it is called."""
    for route in routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.opt.get(IS_STRICT) and _is_plain(handler, route.path_parameters):
                    handler.opt[_WAY] = _Plain.of(handler)


def _is_plain(handler: HTTPRouteHandler, in_path: Iterable[str]) -> bool:
    if _has_more_to_ask(handler):
        return False
    parameters = handler.parsed_fn_signature.parameters
    texts = parameters.keys() - {"request", "data"}
    if texts != set(in_path) or any(parameters[name].annotation is not str for name in texts):
        return False
    if "request" not in parameters or ("data" in parameters and handler.resolve_data_dto() is not StrictJson):
        return False
    returned = handler.parsed_fn_signature.return_type.annotation
    kind = get_origin(returned) or returned
    is_view = isclass(kind) and issubclass(kind, View) and handler.media_type == MediaType.JSON
    return is_view or kind is Response


def _has_more_to_ask(handler: HTTPRouteHandler) -> bool:
    """Whether Litestar would do more for it than call it: what stands here is not done on the short way."""
    return any(
        (
            handler.resolve_guards(),
            handler.resolve_dependencies(),
            handler.resolve_before_request(),
            handler.after_request,
            handler.resolve_after_response(),
            handler.resolve_response_headers(),
            handler.resolve_response_cookies(),
            handler.cache,
            handler.background,
        )
    )


@frozen
class _Plain:
    """One plain handler."""

    _handler: HTTPRouteHandler
    _deed: Callable[..., Awaitable[Any]]
    _status: int
    _reader: StrictReader | None

    @classmethod
    def of(cls, handler: HTTPRouteHandler) -> "_Plain":
        reads = "data" in handler.parsed_fn_signature.parameters
        reader = StrictJson.reader_of(handler.handler_id) if reads else None
        return cls(handler, handler.fn, handler.status_code, reader)

    async def answer(self, scope: Any, receive: Receive, send: Send) -> None:
        call: Call = Call(scope, receive, send)
        given: dict[str, Any] = dict(scope["path_params"])
        if self._reader is not None:
            body = await call.body()
            if not body:
                raise ValidationException(extra=NO_BODY)
            given["data"] = self._reader.read(header(scope, b"content-type"), body)
        result = await self._deed(request=call, **given)
        if isinstance(result, Rendered):
            await result.answer(scope, receive, send)
        elif isinstance(result, Response):
            response = await self._handler.to_response(app=scope["litestar_app"], data=result, request=call)
            await response(scope, receive, send)
        else:
            await send_json(send, self._status, msgspec.json.encode(result))
