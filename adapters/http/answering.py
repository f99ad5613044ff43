"""Answers that are given once: a request repeated with its Idempotency-Key gets the first one again."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Generic, TypeVar

import msgspec
from attrs import define, field
from litestar import Response
from litestar.types import Receive, Scope, Send

from adapters.http.call import Call, header
from application.limits import Limit
from application.once import AnsweredAlready, Once
from domain.errors import DomainError, InvalidValue

R = TypeVar("R")
V = TypeVar("V")

KEY_HEADER: Final = b"idempotency-key"
KEY_LENGTH_MAX: Final = 200
_REPLAYED: Final = {"Idempotent-Replayed": "true"}


class IdempotencyKeyRequired(InvalidValue):
    """What takes places or moves money needs a key that makes a repetition harmless."""

    code = "idempotency_key_required"


@define
class _Rendering(Generic[R, V]):
    """Renders a result once, though both the record of the answer and the answer itself need it."""

    _view: Callable[[R], V]
    _status: int
    _result: R | None = field(default=None, init=False)
    _body: bytes = field(default=b"", init=False)

    def __call__(self, result: R) -> tuple[int, bytes]:
        if result is not self._result:
            self._result, self._body = result, msgspec.json.encode(self._view(result))
        return self._status, self._body


async def answer_once(
    request: Call,
    deed: Callable[[Once | None], Awaitable[R]],
    view: Callable[[R], V],
    status: int,
    *,
    required: bool = True,
    limit: Limit | None = None,
) -> Response[V]:
    """Do a deed and answer with its view, or give the answer that this very request was given before.

    The deed keeps its answer in its own commit, which refuses a second one. Whether there was a first is looked up only
    when the deed fails: a new request, which nearly all are, costs no look-up. Whoever has reached the `limit` still
    gets the answers that were given.
    """

    async def counted(once: Once | None) -> R:
        if limit is not None:
            await request.deeds.limits.check_person(limit, request.actor)
        return await deed(once)

    key = key_of(request, required=required)
    render = _Rendering(view, status)
    if not key:
        return _answer(render, await counted(None))
    route = f"{request.method} {request.scope['path']}"
    once = Once.of(request.actor.name, route, key, await request.body(), render)
    try:
        return _answer(render, await counted(once))
    except (AnsweredAlready, DomainError):
        found = await request.deeds.find_answer(once)
        if found is None:
            raise
        return Rendered(found.body, found.status, replayed=True)


def key_of(request: Call, *, required: bool) -> str:
    key = header(request.scope, KEY_HEADER)
    if not key and required:
        raise IdempotencyKeyRequired(
            'send a header Idempotency-Key with a value of your own for each attempt, such as "$(uuidgen)"'
        )
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidValue(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} printable characters")
    return key


def _answer(render: _Rendering[R, V], result: R) -> "Rendered":
    status, body = render(result)
    return Rendered(body, status)


class Rendered(Response[Any]):
    """Sends bytes as they are: most of what Litestar does for an answer has been done when this one is made."""

    def __init__(self, body: bytes, status: int, *, replayed: bool = False) -> None:
        # Litestar's own is about cookies, encodings and background tasks, and costs as much as what is rendered.
        self.content, self.status_code, self.headers = body, status, _REPLAYED if replayed else {}

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self.answer

    async def answer(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        assert self.status_code is not None, "given when it was made"
        await send_json(send, self.status_code, self.content, headers)


async def send_json(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """A whole answer of JSON."""
    whole = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": whole})
    await send({"type": "http.response.body", "body": body, "more_body": False})
