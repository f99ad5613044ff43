"""Every route in every state of a sign-in: taken from the routes themselves, so that no new one is forgotten."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen

from adapters.http import policy as policies
from adapters.http.policy import NEEDS_FRESH, Policy, route_handlers
from application.access import Actor
from domain.account import Role
from tests.support.http_stage import Caller, Stage
from tests.support.second_steps import Person, sign_in
from tests.support.world import World
from tests.unit.http.test_policies import routes

_OPEN: Final = {Policy.ANYONE, Policy.GATEWAY, Policy.MONITOR}
_FRESH_ONLY: Final = {
    ("POST", "/api/v1/bookings/{booking_id:str}/refunds"),
    ("POST", "/api/v1/refunds/{refund_id:str}/approval"),
    ("POST", "/api/v1/refunds/{refund_id:str}/rejection"),
    ("POST", "/api/v1/events/{event_id:str}/cancel"),
    ("POST", "/api/v1/events/{event_id:str}/cancellation/retries"),
    ("POST", "/api/v1/kyc-requests/{request_id:str}/decision"),
    ("POST", "/api/v1/accounts/{account_id:str}/roles"),
    ("DELETE", "/api/v1/accounts/{account_id:str}/roles/{role:str}"),
    ("DELETE", "/api/v1/accounts/{account_id:str}/factors"),
    ("DELETE", "/api/v1/accounts/{account_id:str}"),
    ("POST", "/api/v1/accounts/{account_id:str}/disable"),
    ("POST", "/api/v1/accounts/{account_id:str}/enable"),
    ("POST", "/api/v1/me/erasure"),
    ("POST", "/api/v1/accounts/{account_id:str}/temporary-password"),
    ("GET", "/api/v1/me/export"),
    ("POST", "/api/v1/sessions/end-everybody"),
    ("POST", "/api/v1/api-keys"),
    ("POST", "/api/v1/api-keys/{key_id:str}/rotation"),
    ("DELETE", "/api/v1/me/factors/{factor_id:str}"),
    ("POST", "/api/v1/me/factors/recovery-codes"),
    ("POST", "/bookings/{booking_id:str}/refund"),
    ("POST", "/admin/kyc-requests/{request_id:str}"),
    ("POST", "/me/security/remove"),
    ("POST", "/me/api-keys"),
    ("POST", "/me/api-keys/rotation"),
    ("POST", "/me/data/file"),
    ("POST", "/me/data/erasure"),
    ("POST", "/me/security/recovery-codes"),
}
"""What moves money or changes who may do what. A route that belongs here and is not fails the test below."""


@frozen
class States:
    none: Caller
    half: Caller
    full: Caller
    fresh: Caller


async def states(stage: Stage) -> States:
    """One super-administrator with a second factor, in all four."""
    person = await Person.with_app(stage.world, Role.SUPERADMIN)
    old = await stage.world.deeds.step_up.with_password(await person.actor(), "correct horse battery staple")
    stage.world.clock.advance(timedelta(minutes=16))
    from application.factor_check import Proof

    fresh = await stage.world.deeds.step_up.with_factor(await person.half(), Proof(person.code()))
    half = await sign_in(stage.world, person.account)

    def caller(token: str) -> Caller:
        return Caller(stage.client, Actor.person(person.account), token)

    return States(stage.stranger, caller(half.secret), caller(old.secret), caller(fresh.secret))


def _fresh_routes(stage: Stage) -> set[tuple[str, str]]:
    return {
        (str(method), path.rstrip("/"))
        for path, handler in route_handlers(stage.app.routes)
        for method in handler.http_methods
        if handler.opt.get(NEEDS_FRESH)
    }


async def _wrong(stage: Stage) -> list[str]:
    """Every state and route whose answer is not what the route declares."""
    callers = await states(stage)
    needs_fresh = {
        (method, path)
        for (method, path, _), (_, declared) in zip(routes(stage.app), _declared(stage), strict=True)
        if declared
    }
    wrong = []
    for method, path, policy in routes(stage.app):
        if path.endswith(("/sessions/current", "/end-others")) or policy in {Policy.GATEWAY, Policy.MONITOR}:
            continue  # Signing out would change who asks next; the others have no sessions.
        expected: dict[str, str | None] = {"none": "sign_in_required", "half": "second_factor_required"}
        if policy in _OPEN:
            expected = {"none": None, "half": None}
        elif policy is Policy.PASSWORD_GIVEN and "/me/factors" not in path:
            expected["half"] = None
        expected |= {"full": "fresh_sign_in_required" if (method, path) in needs_fresh else None, "fresh": None}
        for state, code in expected.items():
            if state == "fresh" and path.endswith("/recovery-codes"):
                continue  # It would end the other sessions.
            stage.client.cookies.clear()
            answer = await getattr(callers, state).call(method, path)
            said = answer.json().get("code") if answer.status_code == 401 else None
            if said != code and not _asks_itself(path, state, said):
                wrong.append(f"{state}: {method} {path}: {answer.status_code} {answer.text[:90]}")
    return wrong


def _asks_itself(path: str, state: str, said: Any) -> bool:
    """Setting up a factor asks in the use case, after the body was read: half a sign-in may, if it has none yet."""
    if "/me/factors/" not in path:
        return False
    return (state == "half" and said in {None, "second_factor_required"}) or (
        state == "full" and said == "fresh_sign_in_required"
    )


def _declared(stage: Stage) -> list[tuple[str, bool]]:
    found = []
    for path, handler in route_handlers(stage.app.routes):
        if path.startswith(("/api/", "/health/", "/metrics", "/schema")):
            found += [(path, bool(handler.opt.get(NEEDS_FRESH)))] * len(handler.http_methods)
    return found


async def test_each_state_reaches_what_the_routes_declare_and_no_more(stage: Stage) -> None:
    assert await _wrong(stage) == []


async def test_the_matrix_sees_half_a_sign_in_that_is_taken_for_a_whole_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    monkeypatch.setattr(Actor, "half", Actor.person)

    assert any(line.startswith("half: ") for line in await _wrong(stage))


async def test_the_matrix_sees_a_session_that_need_not_be_fresh(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    monkeypatch.setattr(policies, "NEEDS_FRESH", "nothing")

    assert any(line.startswith("full: ") for line in await _wrong(stage))


async def test_what_needs_a_fresh_sign_in_says_so(stage: Stage) -> None:
    assert _fresh_routes(stage) == _FRESH_ONLY


async def test_every_route_whose_deed_moves_money_or_roles_needs_a_fresh_sign_in(stage: Stage) -> None:
    """Read from the handlers' own words, so that a new route to an old deed is seen."""
    import inspect
    import re

    deeds = re.compile(
        r"deeds\.(refund_booking\(|approve_refund\.|refund_again|decide_kyc\(|administer_account\.(grant|revoke)\(|"
        r"administer_factors\.remove\()"
    )
    missing = {
        path
        for path, handler in route_handlers(stage.app.routes)
        if deeds.search(inspect.getsource(handler.fn)) and not handler.opt.get(NEEDS_FRESH)
    }

    assert missing == set()


async def test_a_program_signs_in_in_two_steps(tmp_path: Path) -> None:
    async with Stage.of(tmp_path) as stage:
        person = await Person.with_app(stage.world)
        body = {"email": person.account.email, "password": "correct horse battery staple"}
        first = (await stage.stranger.post("/sessions", body)).json()
        stage.client.cookies.clear()
        assert (first["awaits_factor"], first["account"]) == (True, None)
        caller = Caller(stage.client, Actor.anonymous(), first["token"])
        step = (await caller.get("/sessions/current/step")).json()
        assert step == {"awaits_factor": True, "must_enrol": False, "kinds": ["totp", "recovery_code"]}

        wrong = await caller.post("/sessions/current/factor", {"code": "000000"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "factor_refused")
        second = (await caller.post("/sessions/current/factor", {"code": person.code()})).json()
        stage.client.cookies.clear()

        assert second["account"]["email"] == person.account.email
        assert (await caller.get("/me")).json()["code"] == "sign_in_required"
        caller.token = second["token"]
        assert (await caller.get("/me")).status_code == 200
        stage.world.clock.advance(timedelta(minutes=15))
        stale = await caller.post("/me/factors/recovery-codes")
        assert stale.json()["code"] == "fresh_sign_in_required"
        assert "/sessions/current/confirmation" in stale.json()["detail"]
        again = await caller.post("/sessions/current/confirmation", {"password": body["password"]})
        stage.client.cookies.clear()
        caller.token = again.json()["token"]
        assert len((await caller.post("/me/factors/recovery-codes")).json()["recovery_codes"]) == 10


async def test_an_administrator_sets_up_a_factor_over_http_first(tmp_path: Path) -> None:
    world = World.of(tmp_path, mfa_required=("admin",))
    from adapters.http.app import HttpConfig
    from tests.support.http_stage import BASE_URL, _app

    async with Stage(world, _app(world.deeds, HttpConfig(BASE_URL))) as stage:
        person = await Person.new(world, Role.ADMIN)
        caller = Caller(stage.client, Actor.anonymous(), person.token)
        assert (await caller.get("/accounts")).json()["code"] == "second_factor_required"

        person.app_secret = (await caller.post("/me/factors/app")).json()["secret"]
        enrolled = (await caller.post("/me/factors/app/confirmation", {"code": person.code()})).json()
        stage.client.cookies.clear()

        assert len(enrolled["recovery_codes"]) == 10
        caller.token = enrolled["session"]["token"]
        assert (await caller.get("/accounts")).status_code == 200
        refused = await caller.delete("/me/factors/totp")
        assert refused.json()["code"] == "last_factor_needed"
