"""What an API key opens: generated from the routes, so that a new one is closed until it says otherwise."""

import re
from pathlib import Path

import httpx
import pytest

from adapters.http import key_scope, policy
from adapters.http.key_scope import SCOPE
from adapters.http.policy import NEEDS_FRESH, Policy, route_handlers
from application.access import Actor
from application.use_cases.api_keys import KeyPlan
from domain.account import Role
from domain.api_key import Scope
from tests.support.http_stage import Caller, Stage
from tests.unit.http.test_cross_site import NOWHERE

_BY_PROOF = {Policy.GATEWAY, Policy.MONITOR}
_FOR_PEOPLE = re.compile(
    r"^(?!/api/v1/)|/(accounts|sessions|me|kyc|kyc-requests|kyc-documents|password-resets|confirmations|audit|keys|"
    r"api-keys|outbox|notices|reconciliations|findings|disputes|cancellation|cancel|door-staff|approval|rejection)(/|$)"
)
"""Whatever else changes, no key ever gets in there."""


async def program(stage: Stage, *scopes: Scope, event_id: str | None = None, role: Role = Role.SUPERADMIN) -> Caller:
    """A key of somebody who may do everything, unless the test says otherwise."""
    owner = await stage.world.person(role)
    plan = KeyPlan("Till", scopes, event_id=event_id, owner=owner.name)
    new = await stage.world.deeds.create_api_key(stage.world.operator, plan)
    return Caller(stage.client, owner, new.secret)


def declared(stage: Stage) -> list[tuple[str, str, Scope | None]]:
    """Method, path and scope of every route that asks who is calling."""
    return [
        (str(method), path, handler.opt.get(SCOPE))
        for path, handler in route_handlers(stage.app.routes)
        if handler.opt["policy"] not in _BY_PROOF
        for method in sorted(handler.http_methods)
    ]


def is_refused(answer: httpx.Response) -> bool:
    if answer.headers.get("content-type", "").startswith("text/html"):
        return answer.status_code == 403
    return answer.status_code == 403 and answer.json()["code"] == "key_not_let_in"


async def _wrong(stage: Stage, scope: Scope) -> list[str]:
    """Every route whose answer to a key of this scope alone is not what it declares."""
    caller = await program(stage, scope)
    wrong = []
    for method, path, wanted in declared(stage):
        filled = re.sub(r"\{\w+:str\}", NOWHERE, path)
        headers = {"authorization": f"Bearer {caller.token}", "origin": "http://tickets.example"}
        answer = await stage.client.request(method, filled, headers=headers)
        if is_refused(answer) != (wanted is not scope) or answer.status_code >= 500:
            wrong.append(f"{scope}: {method} {path}: {answer.status_code}")
    return wrong


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_opens_the_routes_of_its_scope_and_no_other(stage: Stage, scope: Scope) -> None:
    stage.world.lift_limits()
    assert scope in {wanted for _, _, wanted in declared(stage)}

    assert await _wrong(stage, scope) == []


async def test_the_matrix_sees_a_scope_that_is_not_asked_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    stage.world.lift_limits()
    monkeypatch.setattr(key_scope, "check_scope", lambda *_: None)

    assert len(await _wrong(stage, Scope.DOOR)) > 80


async def test_no_scope_reaches_what_is_for_people(stage: Stage) -> None:
    routes = declared(stage)
    fresh = {path for path, handler in route_handlers(stage.app.routes) if handler.opt.get(NEEDS_FRESH)}

    assert [path for _, path, scope in routes if scope is not None and _FOR_PEOPLE.search(path)] == []
    scoped = {(method, path) for method, path, scope in routes if scope is not None}
    assert [(method, path) for method, path in scoped if method != "GET" and path in fresh] == []
    assert len(scoped) > 35


async def test_a_key_never_does_more_than_its_owner(stage: Stage) -> None:
    buyer = await program(stage, *Scope, role=Role.USER)
    event = await stage.world.event(published=False)

    assert (await buyer.get("/events/mine")).json()["code"] == "not_allowed"
    assert (await buyer.patch(f"/events/{event.id}", {"title": "Mine"})).json()["code"] == "not_found"
    assert (await buyer.get(f"/events/{event.id}/scans")).status_code == 404


async def test_a_key_for_one_event_opens_what_is_under_it_alone(stage: Stage) -> None:
    mine, other = await stage.world.event(), await stage.world.event()
    caller = await program(stage, *Scope, event_id=mine.id)

    assert (await caller.get(f"/events/{mine.id}/scans")).status_code == 200
    assert (await caller.get(f"/events/{mine.id}/bookings")).status_code == 200
    for path in (f"/events/{other.id}/scans", f"/events/{NOWHERE}/scans", "/events", "/bookings", "/reports/daily"):
        assert is_refused(await caller.get(path)), path


async def test_without_that_bound_it_would_open_every_event(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    mine, other = await stage.world.event(), await stage.world.event()
    caller = await program(stage, *Scope, event_id=mine.id)
    monkeypatch.setattr(policy, "admit_key", _nobody_asks)

    assert (await caller.get(f"/events/{other.id}/scans")).status_code == 200


async def _nobody_asks(*_: object) -> None: ...


async def test_a_key_in_a_cookie_is_nobody(stage: Stage) -> None:
    caller = await program(stage, *Scope)
    async with stage.browser(cookie=f"relex={caller.token}") as browser:
        assert (await browser.get("/api/v1/bookings")).status_code == 401


async def test_a_key_that_asks_too_often_waits(stage: Stage) -> None:
    caller, other = await program(stage, Scope.BOOKINGS_READ), await program(stage, Scope.BOOKINGS_READ)
    answers = [await caller.get("/bookings") for _ in range(61)]

    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert (await other.get("/bookings")).status_code == 200


async def test_a_key_is_made_listed_rotated_and_revoked_over_http(stage: Stage) -> None:
    owner = await stage.caller()
    new = (await owner.post("/api-keys", {"name": "Till", "scopes": ["bookings:read"]})).json()
    caller = Caller(stage.client, Actor.anonymous(), new["secret"])
    assert (await caller.get("/bookings")).status_code == 200

    rotated = (await owner.post(f"/api-keys/{new['key']['id']}/rotation", {"overlap_hours": 0})).json()
    assert (await caller.get("/bookings")).status_code == 401
    later = Caller(stage.client, Actor.anonymous(), rotated["secret"])
    assert (await later.get("/bookings")).status_code == 200
    [listed] = (await owner.get("/api-keys")).json()["items"]
    assert (listed["standing"], new["secret"] in str(listed)) == ("active", False)

    assert (await owner.delete(f"/api-keys/{listed['id']}")).status_code == 204
    assert (await later.get("/bookings")).status_code == 401


async def test_a_found_key_is_reported_by_anybody_and_the_answer_tells_nothing(stage: Stage) -> None:
    caller = await program(stage, Scope.BOOKINGS_READ)

    answers = [await stage.stranger.post("/api-keys/leaked", {"key": key}) for key in ("rlx_nothing", caller.token)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert (await caller.get("/bookings")).status_code == 401


async def test_the_audit_names_the_owner_and_the_key(tmp_path: Path) -> None:
    async with Stage.of(tmp_path) as stage:
        caller = await program(stage, Scope.EVENTS_WRITE)
        event = await stage.world.event()
        await caller.patch(f"/events/{event.id}", {"title": "Another"})
        root = await stage.caller(Role.SUPERADMIN)

        records = (await root.get(f"/audit?subject={event.id}")).json()["items"]
        [record] = [one for one in records if one["action"] == "event.edit"]

        assert (record["actor"], record["via"][:8]) == (caller.actor.name, "key/key_")
        assert caller.token not in str(record)
