"""What a route does not take is refused and not ignored: generated from the routes themselves."""

import re
from collections.abc import AsyncIterator, Iterator

from litestar import Litestar

from adapters.http.asked import TAKES_BODY
from adapters.http.policy import Policy, route_handlers
from domain.account import Role
from tests.support.http_stage import Stage


def _without_body(app: Litestar) -> Iterator[tuple[str, str]]:
    """Method and path, with an identifier that nothing has, of every route that changes things and takes no body."""
    for path, handler in route_handlers(app.routes):
        takes = "data" in handler.parsed_fn_signature.parameters or handler.opt.get(TAKES_BODY)
        [method] = handler.http_methods
        if path.startswith("/api/") and method != "GET" and not takes:
            filled = path.replace("{purpose:str}", "sign").replace("{role:str}", "organizer")
            yield method, re.sub(r"\{\w+:str\}", "none_00000000000000000000000000", filled)


async def test_a_route_without_a_body_refuses_one(stage: Stage) -> None:
    caller = await stage.caller(Role.SUPERADMIN)
    routes = list(_without_body(stage.app))
    named = " ".join(path for _, path in routes)
    for word in ("payment", "publish", "archive", "reissue", "disable", "rotate", "replay"):
        assert f"/{word}" in named

    taken = []
    for method, path in routes:
        answer = await caller.call(method, path, json={"amount": 1}, headers={"idempotency-key": "mine"})
        if (answer.status_code, answer.json().get("code")) != (400, "invalid_request"):
            taken.append(f"{method} {path}: {answer.status_code}")

    assert taken == []


async def test_a_route_without_a_body_is_served_without_one(stage: Stage) -> None:
    """So that the test above refuses for the body alone."""
    caller = await stage.caller(Role.SUPERADMIN)

    for method, path in _without_body(stage.app):
        if path.endswith("/sessions/current"):
            continue  # Signing out would change who asks next.
        answer = await caller.call(method, path, content=b"", headers={"idempotency-key": "yours"})
        assert "takes no body" not in answer.text, path


async def test_an_amount_from_the_buyer_changes_no_booking_and_no_payment(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    booking = (await buyer.hold(event)).json()
    before = await stage.world.deeds.bookings.show(buyer.actor, booking["id"])

    refused = await buyer.post(f"/bookings/{booking['id']}/payment", {"amount": 1}, key="mine")

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert await stage.world.deeds.bookings.show(buyer.actor, booking["id"]) == before
    assert before.payments == ()
    paid = await buyer.post(f"/bookings/{booking['id']}/payment", key="mine")
    assert paid.status_code in {200, 201}
    assert paid.json()["amount"]["amount_minor"] == 2500


async def test_a_body_whose_length_is_not_told_is_refused_too(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    booking = (await buyer.hold(event)).json()

    async def of(*parts: bytes) -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    url = f"/bookings/{booking['id']}/payment"
    refused = await buyer.call("POST", url, content=of(b"", b'{"amount": 1}'), headers={"idempotency-key": "mine"})
    taken = await buyer.call("POST", url, content=of(b""), headers={"idempotency-key": "mine"})

    assert "content-length" not in refused.request.headers
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert taken.status_code in {200, 201}


async def test_an_unknown_query_parameter_is_named_and_refused(stage: Stage) -> None:
    caller = await stage.caller(Role.SUPERADMIN)

    wrong = []
    for path, handler in route_handlers(stage.app.routes):
        if not path.startswith("/api/") or handler.opt["policy"] is Policy.GATEWAY:
            continue
        [method] = handler.http_methods
        filled = re.sub(r"\{\w+:str\}", "none_00000000000000000000000000", path)
        answer = await caller.call(method, f"{filled}?amount=1")
        if answer.status_code != 400 or "'amount'" not in answer.json()["detail"]:
            wrong.append(f"{method} {path}: {answer.status_code}")

    assert wrong == []
    assert (await caller.get("/accounts?role=user&limit=3&search=a")).status_code == 200


async def test_a_stranger_learns_nothing_of_what_a_route_takes(stage: Stage) -> None:
    answer = await stage.stranger.post("/outbox/out_1/replay?x=1", {"amount": 1})

    assert answer.status_code == 401
