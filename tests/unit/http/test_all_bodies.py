"""Every route that takes a body takes exactly that body: generated from the routes themselves."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar

from adapters.http.policy import route_handlers
from adapters.http.strict_json import StrictJson
from adapters.http.views import Body, View
from domain.account import Role
from tests.support.http_stage import Caller, Stage


def _bodies(app: Litestar) -> Iterator[tuple[str, str, type[Body]]]:
    """Method, path with an identifier that nothing has, and body of every route that takes one."""
    for path, handler in route_handlers(app.routes):
        data = handler.parsed_fn_signature.parameters.get("data")
        if data is not None:
            assert handler.resolve_data_dto() is StrictJson, path
            [method] = handler.http_methods
            yield method, re.sub(r"\{\w+:str\}", "none_00000000000000000000000000", path), data.annotation


def _every_field(of: type[Any]) -> set[str]:
    own = set(getattr(of, "__struct_fields__", ()))
    return own.union(*(_every_field(kind) for kind in of.__subclasses__()))


async def _sent(caller: Caller, method: str, path: str, body: bytes, kind: str = "application/json") -> tuple[int, str]:
    headers = {"content-type": kind, "idempotency-key": "mine"}
    answer = await caller.call(method, path, content=body, headers=headers)
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


async def test_every_body_is_json_and_has_the_fields_of_its_route_alone(stage: Stage) -> None:
    stage.world.lift_limits()
    caller = await stage.caller(Role.SUPERADMIN)
    bodies = list(_bodies(stage.app))
    assert len(bodies) >= 19
    names = _every_field(Body) | _every_field(View) | {"is_admin", "__class__", "constructor"}

    wrong = []
    for method, path, body in bodies:
        fields = set(body.__struct_fields__)
        encoded = msgspec.json.encode(body.EXAMPLE)
        if await _sent(caller, method, path, encoded, "text/plain") != (415, "unsupported_media_type"):
            wrong.append(f"{method} {path} takes what is not said to be JSON")
        for name in sorted(names - fields):
            more = msgspec.json.encode({**body.EXAMPLE, name: "x"})
            if await _sent(caller, method, path, more) != (400, "invalid_request"):
                wrong.append(f"{method} {path} takes {name}")

    assert wrong == []


async def test_every_example_of_a_body_is_taken(stage: Stage) -> None:
    """So that the test above refuses for the one field that is too many."""
    caller = await stage.caller(Role.SUPERADMIN)

    refused = [
        f"{method} {path}"
        # The last ends the session that asks.
        for method, path, body in sorted(_bodies(stage.app), key=lambda one: one[1].endswith("/end-everybody"))
        if (await _sent(caller, method, path, msgspec.json.encode(body.EXAMPLE)))[1] == "invalid_request"
    ]

    assert refused == []
