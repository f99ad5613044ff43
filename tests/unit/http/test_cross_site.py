"""A cookie acts for our own pages alone, and looking changes nothing: generated from the routes."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.http import authentication
from adapters.http.policy import Policy, route_handlers
from domain.account import Role
from tests.support.http_stage import BASE_URL, FOR_PROGRAMS, Caller, Stage
from tests.support.page_stage import FORM, PageStage

SAFE = {"GET", "HEAD", "OPTIONS"}
NOWHERE = "none_00000000000000000000000000"
FOREIGN = {
    "no header": {},
    "another site": {"origin": "https://evil.example"},
    "a name that begins like ours": {"origin": f"{BASE_URL}.evil.example"},
    "another port": {"origin": f"{BASE_URL}:8443"},
    "another scheme": {"origin": BASE_URL.replace("http:", "https:")},
    "a page without origin": {"origin": "null"},
    "a neighbour, as the browser says": {"sec-fetch-site": "same-site"},
    "another site, as the browser says": {"sec-fetch-site": "cross-site"},
    "another site that also says it is ours": {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
}


def _filled(path: str) -> str:
    return re.sub(r"\{\w+:str\}", NOWHERE, path)


def unsafe_routes(stage: Stage) -> Iterator[tuple[str, str]]:
    """Every route that changes something for whoever is signed in. Gateways prove themselves otherwise."""
    for path, handler in route_handlers(stage.app.routes):
        if handler.opt["policy"] is not Policy.GATEWAY:
            for method in sorted(handler.http_methods - SAFE):
                yield str(method), _filled(path)


async def _taken(stage: Stage, browser: httpx.AsyncClient, headers: dict[str, str]) -> list[str]:
    """The routes that looked at a request of another site instead of refusing it."""
    taken = []
    for method, path in unsafe_routes(stage):
        kind = "application/json" if path.startswith("/api") else FORM
        sent = await browser.request(method, path, content=b"", headers={"content-type": kind, **headers})
        said = sent.json().get("code") if path.startswith("/api") and sent.content else sent.status_code
        if said not in {"cross_site", 403}:
            taken.append(f"{method} {path}: {sent.status_code} {said}")
    return taken


async def _with_cookie(stage: Stage) -> httpx.AsyncClient:
    caller = await stage.caller(Role.SUPERADMIN)
    return stage.browser(cookie=f"relex={caller.token}")


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_no_route_takes_a_cookie_from_another_sites_page(stage: Stage, headers: dict[str, str]) -> None:
    async with await _with_cookie(stage) as browser:
        assert len(list(unsafe_routes(stage))) > 80
        assert await _taken(stage, browser, headers) == []


async def test_without_the_check_other_sites_would_act_for_who_looks_at_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    monkeypatch.setattr(authentication, "check_same_site", lambda *_: None)

    async with await _with_cookie(stage) as browser:
        taken = await _taken(stage, browser, FOREIGN["another site"])

    assert len(taken) > 50


async def test_our_own_pages_and_bearer_tokens_are_taken(stage: Stage) -> None:
    caller = await stage.caller()
    async with stage.browser(cookie=f"relex={caller.token}") as browser:
        own = [
            await browser.patch("/api/v1/me", json={"name": "Ada"}, headers=headers)
            for headers in ({"origin": BASE_URL}, {"sec-fetch-site": "same-origin"})
        ]
    foreign = Caller(stage.client, caller.actor, caller.token)
    with_token = await foreign.patch("/me", {"name": "Ada"}, headers={"origin": "https://evil.example"})

    assert [answer.status_code for answer in (*own, with_token)] == [200] * 3, "no browser adds a token by itself"


def safe_paths(stage: Stage, known: dict[str, str]) -> list[str]:
    """Every route that can be looked at, with what is there and with what nothing is called."""
    templates = [path for path, handler in route_handlers(stage.app.routes) if "GET" in handler.http_methods]
    there = [re.sub(r"\{(\w+):str\}", lambda part: known.get(part[1], NOWHERE), path) for path in templates]
    return list(dict.fromkeys((*there, *map(_filled, templates))))


async def test_looking_changes_nothing_whoever_looks(tmp_path: Path) -> None:
    pages = PageStage.of(tmp_path)
    stage, world = pages.stage, pages.world
    buyer, event = await world.person(), await world.event()
    booking = await world.buy(buyer, event, 2)
    [ticket, _] = await world.tickets(booking)
    request = await world.apply(buyer)
    known = {"event_id": event.id, "booking_id": booking.id, "ticket_id": ticket.id, "request_id": request.id}
    known |= {"account_id": buyer.name, "document_id": request.document_ids[0]}
    callers = [
        stage.stranger,
        await stage.signed_in(buyer),
        await stage.organizer(),
        *[await stage.caller(role) for role in (Role.ADMIN, Role.SUPERADMIN)],
    ]
    paths = safe_paths(stage, known)
    assert len(paths) > 80
    assert all(path.startswith((*FOR_PROGRAMS, "/")) for path in paths)

    changed = []
    for caller in callers:
        for method in ("GET", "HEAD"):
            for path in paths:
                before = pages.digest()
                headers = {"authorization": f"Bearer {caller.token}"} if caller.token else {}
                await stage.client.request(method, path, headers=headers)
                if pages.digest() != before:
                    changed.append(f"{method} {path}")
    await pages.close()

    # An export is counted for its limit.
    assert {line.partition(" ")[2] for line in changed} == {"/api/v1/reports/transactions.csv", "/api/v1/me/export"}


async def test_a_look_that_changes_something_is_seen(tmp_path: Path) -> None:
    """A negative control."""
    pages = PageStage.of(tmp_path)
    before = pages.digest()
    await pages.world.event()

    assert pages.digest() != before
    await pages.close()
