"""Whichever way a request takes, the short one or Litestar's own, its answer is the same to the byte."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Controller, Litestar, get
from litestar.types import Receive, Send

from adapters.http import answering, short_way
from adapters.http.api.health import HealthView
from adapters.http.app import BODY_BYTES_MAX
from adapters.http.asked import IS_STRICT
from adapters.http.call import Call
from adapters.http.policy import route_handlers
from adapters.http.short_way import ShortWay
from domain.account import Role
from tests.support.http_stage import Caller, Stage

Answer = tuple[bytes, int, dict[str, str], bytes]
_CHANCE = re.compile(
    rb'(?<=[a-z]{3}_)[0-9a-z]{26}|(?<="error_id":")\w+|(?<="challenge":")[\w-]{43}|(?<=secret=)[A-Z2-7]{32}'
    rb'|(?<="secret":")[A-Z2-7]{32}|(?<="user":{"id":")[\w-]+'
)
"""What is drawn by lot, and as long each time."""
_PLAIN_AT_LEAST = 40


def _plain(app: Litestar) -> list[tuple[str, str, Any]]:
    """Method, path with an identifier that nothing has, and body of every route with a short way."""
    found = []
    for path, handler in route_handlers(app.routes):
        if "short_way" in handler.opt:
            data = handler.parsed_fn_signature.parameters.get("data")
            [method] = handler.http_methods
            filled = re.sub(r"\{\w+:str\}", "none_00000000000000000000000000", path)
            found.append((str(method), filled, data and data.annotation))
    return found


async def _long_way(self: ShortWay, scope: Any, receive: Receive, send: Send) -> None:
    await self._app(scope, receive, send)


async def _answers(folder: Path) -> list[Answer]:
    """What one installation says to a story that is always the same."""
    async with Stage.of(folder) as stage:
        said: list[Answer] = []

        async def ask(caller: Caller, method: str, path: str, body: bytes, **headers: str) -> Any:
            kind = {"content-type": "application/json", "idempotency-key": "mine"}
            answer = await caller.call(method, path, content=body, headers={**kind, **headers})
            asked = _CHANCE.sub(b"", f"{method} {path} ".encode() + body[:200])
            said.append((asked, answer.status_code, dict(answer.headers), _CHANCE.sub(b"", answer.content)))
            return answer

        buyer, event = await stage.caller(), await stage.world.event()
        wish = {"event_id": event.id, "tickets": [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}]}
        held = (await ask(buyer, "POST", "/bookings", msgspec.json.encode(wish))).json()
        await ask(buyer, "POST", "/bookings", msgspec.json.encode(wish))
        await ask(buyer, "POST", "/bookings", msgspec.json.encode({**wish, "name": "Other"}))
        await ask(buyer, "GET", f"/bookings/{held['id']}", b"")
        await ask(buyer, "GET", f"/events/{event.id}", b"")
        everybody = [stage.stranger, buyer, await stage.caller(Role.SUPERADMIN)]
        for method, path, body in _plain(stage.app):
            example = b"" if body is None else msgspec.json.encode(body.EXAMPLE)
            for caller in everybody:
                await ask(caller, method, path, example)
            await ask(buyer, method, f"{path}?more=1", example)
            for wrong in (b"", b"{", b"\xff", b"[]", b'{"more": 1}', b" " * (BODY_BYTES_MAX + 1)):
                await ask(everybody[2], method, path, wrong)
            await ask(everybody[2], method, path, example, **{"content-type": "text/plain"})
        return said


async def test_both_ways_answer_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = await _answers(tmp_path / "short")
    monkeypatch.setattr(ShortWay, "__call__", _long_way)
    long = await _answers(tmp_path / "long")

    assert len(short) > 10 * _PLAIN_AT_LEAST
    assert [pair for pair in zip(short, long, strict=True) if pair[0] != pair[1]] == []


async def test_a_short_way_that_answers_otherwise_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the comparison."""
    long = await _answers(tmp_path / "long")
    sent = answering.send_json

    async def created(send: Send, _status: int, body: bytes) -> None:
        await sent(send, 201, body)

    monkeypatch.setattr(short_way, "send_json", created)

    assert await _answers(tmp_path / "short") != long


def test_a_route_with_more_to_ask_goes_the_long_way() -> None:
    """A guard, a hook or a cache would not be heard on the short way."""

    def guard(*_: object) -> None: ...

    class Plain(Controller):
        path = "/plain"

        @get("/", opt={IS_STRICT: True}, sync_to_thread=False)
        def bare(self, request: Call) -> HealthView:
            raise NotImplementedError

        @get("/guarded", opt={IS_STRICT: True}, guards=[guard], sync_to_thread=False)
        def guarded(self, request: Call) -> HealthView:
            raise NotImplementedError

        @get("/cached", opt={IS_STRICT: True}, cache=True, sync_to_thread=False)
        def cached(self, request: Call) -> HealthView:
            raise NotImplementedError

    app = Litestar([Plain], request_class=Call, openapi_config=None)
    short_way.note_short_ways(app.routes)

    assert {path for path, handler in route_handlers(app.routes) if "short_way" in handler.opt} == {"/plain"}
