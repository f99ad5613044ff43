"""Answers that are given once: a request repeated with its Idempotency-Key gets the first one again."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response

from application.access import Actor
from application.deeds import Deeds
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


async def answer_once(
    request: Request[Any, Any, Any],
    actor: Actor,
    deed: Callable[[Once | None], Awaitable[R]],
    view: Callable[[R], V],
    status: int,
    *,
    required: bool = True,
) -> Response[V]:
    """Do a deed and answer with its view, or give the answer that this very request was given before."""
    once = await _once(request, actor, view, status, required=required)
    deeds: Deeds = request.app.state.deeds
    if once is None:
        return Response(view(await deed(None)), status_code=status)
    found = await deeds.find_answer(once)
    if found is not None:
        return _replay(found)
    try:
        _, body = once.render(await deed(once))
    except AnsweredAlready:
        # The first request committed while this one was at work.
        found = await deeds.find_answer(once)
        assert found is not None, "what was answered is stored"
        return _replay(found)
    return _raw(status, body)


async def _once(
    request: Request[Any, Any, Any], actor: Actor, view: Callable[[R], V], status: int, *, required: bool
) -> Once | None:
    key = request.headers.get(KEY_HEADER, "")
    if not key:
        if required:
            raise IdempotencyKeyRequired(
                'send a header Idempotency-Key with a value of your own for each attempt, such as "$(uuidgen)"'
            )
        return None
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidValue(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} printable characters")

    def render(result: R) -> tuple[int, bytes]:
        return status, msgspec.json.encode(view(result))

    return Once.of(actor.name, f"{request.method} {request.url.path}", key, await request.body(), render)


def _replay(found: Answer) -> Response[Any]:
    return _raw(found.status, found.body, {"Idempotent-Replayed": "true"})


def _raw(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response[Any]:
    return Response(body, status_code=status, media_type="application/json", headers=headers)
