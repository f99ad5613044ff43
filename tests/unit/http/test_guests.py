"""Guests over HTTP: generated from the routes that admit them, so that none is forgotten."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adapters.http import policy as policies
from adapters.http.policy import Policy, route_handlers
from application.access import Actor
from application.ports.store import Listing, Page
from domain.booking import Booking
from domain.event import Event
from tests.support.http_stage import BASE_URL, FOR_PROGRAMS, Caller, Stage
from tests.support.mailed_links import link_in
from tests.unit.http.test_policies import routes

GUEST = "gina@example.com"
BODIES: dict[str, Any] = {
    "/refunds": {"reason": "mine"},
    "/refunds/quote": {"reason": "mine"},
    "/cancellation": {"reason": "mine"},
    "/payment/return": {"fields": {"signature": "x"}},
}


def _wish(event: Event, email: str = GUEST) -> dict[str, Any]:
    tickets = [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}]
    return {"email": email, "name": "Gina", "event_id": event.id, "tickets": tickets}


async def _book(stage: Stage, event: Event, email: str = GUEST, *, key: str = "new") -> httpx.Response:
    answer = await stage.stranger.post("/guest-bookings", _wish(event, email), key=key)
    stage.client.cookies.clear()
    return answer


async def _guest(stage: Stage, event: Event) -> Caller:
    """Somebody with a booking of their own, in by the link of the mail."""
    await _book(stage, event)
    await stage.world.settle()
    answer = await stage.stranger.post("/guest-sessions", {"token": link_in(stage.world, GUEST, "guest/open")})
    stage.client.cookies.clear()
    return Caller(stage.client, Actor.anonymous(), answer.json()["token"])


def _of_buyers(stage: Stage) -> Iterator[tuple[str, str]]:
    """Method and path of every route for programs that admits guests and names something."""
    for path, handler in route_handlers(stage.app.routes):
        if path.startswith(FOR_PROGRAMS) and handler.opt["policy"] is Policy.BUYER and "{" in path:
            for method in sorted(handler.http_methods):
                yield method, path


async def _answers(
    stage: Stage, caller: Caller, of_others: Booking
) -> list[tuple[str, httpx.Response, httpx.Response]]:
    """Every such route with what is somebody else's, and with what is nobody's."""
    [ticket] = await stage.world.tickets(of_others)
    found = []
    for method, path in _of_buyers(stage):
        body = next((BODIES[end] for end in sorted(BODIES, key=len, reverse=True) if path.endswith(end)), None)
        told: list[httpx.Response] = []
        for booking, code in ((of_others.id, ticket.id), ("bkg_" + "0" * 26, "tkt_" + "0" * 26)):
            filled = re.sub(r"\{ticket_id:str\}", code, re.sub(r"\{booking_id:str\}", booking, path))
            more = {} if body is None or method == "GET" else {"json": body}
            headers = {"idempotency-key": f"k-{method}-{booking}"}
            told.append(await caller.call(method, filled, headers=headers, **more))
        found.append((f"{method} {path}", told[0], told[1]))
    return found


async def _others(stage: Stage) -> tuple[Event, Booking]:
    event = await stage.world.event()
    return event, await stage.world.buy(await stage.world.person(), event)


async def test_a_guest_gets_the_same_answer_for_what_is_not_theirs_and_what_is_not_there(stage: Stage) -> None:
    event, of_others = await _others(stage)
    guest = await _guest(stage, event)

    answers = await _answers(stage, guest, of_others)

    assert len(answers) >= 14
    for route, other, missing in answers:
        assert other.status_code == missing.status_code == 404, (route, other.text, missing.text)
        assert other.json() == missing.json(), route
        assert sorted(other.headers) == sorted(missing.headers), route


async def test_the_same_without_the_rule_would_show_what_is_not_theirs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    event, of_others = await _others(stage)
    guest = await _guest(stage, event)
    monkeypatch.setattr(Actor, "is_buyer_of", lambda *_: True)

    assert any(other.status_code != 404 for _, other, _ in await _answers(stage, guest, of_others))


async def test_a_session_that_one_booking_opened_reaches_no_earlier_one(stage: Stage) -> None:
    event = await stage.world.event()
    buyer = await stage.world.person(email=GUEST)
    earlier = await stage.world.buy(buyer, event)
    made = (await _book(stage, event)).json()
    caller = Caller(stage.client, Actor.anonymous(), made["token"])

    for route, other, missing in await _answers(stage, caller, earlier):
        assert (other.status_code, other.json()) == (404, missing.json()), route
    [mine] = (await caller.get("/bookings")).json()["items"]
    assert mine["id"] == made["booking"]["id"]
    assert mine["buyer_id"] == buyer.name


async def _admitted(stage: Stage, caller: Caller) -> list[str]:
    """Routes for others than buyers that let a guest in."""
    open_to_all = {Policy.ANYONE, Policy.BUYER, Policy.GATEWAY, Policy.MONITOR}
    found = []
    for method, path, policy in routes(stage.app):
        if policy not in open_to_all:
            answer = await caller.call(method, path)
            if answer.status_code != 401 or answer.json()["code"] != "sign_in_required":
                found.append(f"{method} {path}: {answer.status_code}")
    return found


async def test_a_guest_is_a_stranger_at_every_other_route(stage: Stage) -> None:
    guest = await _guest(stage, await stage.world.event())

    assert await _admitted(stage, guest) == []


async def test_the_matrix_sees_a_guest_that_is_taken_for_a_user(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    guest = await _guest(stage, await stage.world.event())
    monkeypatch.setattr(Actor, "of_guest", Actor.person)

    assert any(line.startswith("GET /api/v1/me:") for line in await _admitted(stage, guest))


async def test_a_guest_books_pays_and_downloads(stage: Stage) -> None:
    event = await stage.world.event()
    made = (await _book(stage, event)).json()
    caller = Caller(stage.client, Actor.anonymous(), made["token"])
    path = f"/bookings/{made['booking']['id']}"

    payment = (await caller.post(f"{path}/payment", key="new")).json()
    await stage.pay(payment)
    await stage.world.settle()
    shown = (await caller.get(path)).json()

    assert shown["booking"]["status"] == "Confirmed"
    assert (await caller.get(f"/tickets/{shown['tickets'][0]['id']}/qr.png")).headers["content-type"] == "image/png"
    assert (await caller.get(f"{path}/receipt")).content.startswith(b"%PDF")


async def test_the_same_request_again_is_the_same_booking_and_keeps_no_secret(stage: Stage) -> None:
    event = await stage.world.event()

    first, again = [(await _book(stage, event, key="k-1")).json() for _ in range(2)]
    other = await stage.stranger.post("/guest-bookings", {**_wish(event), "name": "Other"}, key="k-1")

    assert first["booking"] == again["booking"]
    assert first["token"] != again["token"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    kept: Page[Any] = await stage.world.container.store().list(Listing("answer", "expiring", "all"))
    assert [answer.body.decode() for answer in kept.items] == [first["booking"]["id"]]


async def test_known_and_unknown_addresses_get_answers_of_the_same_form(stage: Stage) -> None:
    event = await stage.world.event()
    await stage.world.person(email="known@example.com")
    await _book(stage, event, "first@example.com")

    unknown, known = await _book(stage, event), await _book(stage, event, "known@example.com")

    assert unknown.status_code == known.status_code == 201
    assert sorted(unknown.headers) == sorted(known.headers)
    same = [
        {
            name: value
            for name, value in answer.json()["booking"].items()
            if name not in {"id", "buyer_id", "buyer_email"}
        }
        for answer in (unknown, known)
    ]
    assert same[0] == same[1]
    links = [await stage.stranger.post("/guest-links", {"email": e}) for e in (GUEST, "nobody@example.com")]
    assert (links[0].status_code, links[0].json()) == (links[1].status_code, links[1].json())


async def test_a_link_works_once_over_http(stage: Stage) -> None:
    await _guest(stage, await stage.world.event())

    again = await stage.stranger.post("/guest-sessions", {"token": link_in(stage.world, GUEST, "guest/open")})

    assert (again.status_code, again.json()["code"]) == (400, "token_invalid")


async def test_another_site_cannot_book_in_the_name_of_its_visitors(stage: Stage) -> None:
    event = await stage.world.event()
    client = stage.browser(origin="https://evil.example")

    foreign = await client.post("/api/v1/guest-bookings", json=_wish(event), headers={"idempotency-key": "k"})
    own = await client.post(
        "/api/v1/guest-bookings", json=_wish(event), headers={"idempotency-key": "k", "origin": BASE_URL}
    )
    await client.aclose()

    assert (foreign.status_code, own.status_code) == (403, 201)


async def test_a_guest_signs_out_and_the_token_is_dead(stage: Stage) -> None:
    guest = await _guest(stage, await stage.world.event())
    before = await guest.get("/bookings")

    answers = [await guest.delete("/sessions/current") for _ in range(2)]

    assert (before.status_code, [answer.status_code for answer in answers]) == (200, [200, 200])
    assert (await guest.get("/bookings")).status_code == 401


def test_policies_of_guests_are_denied_by_default() -> None:
    assert Policy.BUYER not in policies._ROLE
