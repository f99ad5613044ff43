"""Answers that are given once: a request repeated with its Idempotency-Key gets the first one again."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

import msgspec
from attrs import define, field
from litestar import Response

from adapters.http.call import Call
from application.once import AnsweredAlready, Once
from application.records import Answer
from domain.errors import InvalidValue

R = TypeVar("R")
V = TypeVar("V")

KEY_HEADER: Final = "idempotency-key"
KEY_LENGTH_MAX: Final = 200


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
) -> Response[V]:
    """Do a deed and answer with its view, or give the answer that this very request was given before."""
    key = _key(request, required=required)
    render = _Rendering(view, status)
    if not key:
        return _json(*render(await deed(None)))
    route = f"{request.method} {request.scope['path']}"
    once = Once.of(request.actor.name, route, key, await request.body(), render)
    found = await request.deeds.find_answer(once)
    if found is not None:
        return _replay(found)
    try:
        return _json(*render(await deed(once)))
    except AnsweredAlready:
        # The first request committed while this one was at work.
        found = await request.deeds.find_answer(once)
        assert found is not None, "what was answered is stored"
        return _replay(found)


def _key(request: Call, *, required: bool) -> str:
    key = request.headers.get(KEY_HEADER, "")
    if not key and required:
        raise IdempotencyKeyRequired(
            'send a header Idempotency-Key with a value of your own for each attempt, such as "$(uuidgen)"'
        )
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidValue(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} printable characters")
    return key


def _replay(found: Answer) -> Response[Any]:
    return _json(found.status, found.body, {"Idempotent-Replayed": "true"})


def _json(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response[Any]:
    return Response(body, status_code=status, media_type="application/json", headers=headers)
