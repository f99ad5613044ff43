"""Who gets in where: generated from the routes themselves, so that no new route is forgotten."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, get

from adapters.http import policy as policies
from adapters.http.policy import Policy, PolicyMissing, check_every_route_has_a_policy, route_handlers
from domain.account import Role
from tests.support.http_stage import FOR_PROGRAMS, Caller, Stage

PEOPLE = ("stranger", "user", "organizer", "admin", "superadmin")
_LEAST = {
    Policy.ANYONE: "stranger",
    Policy.PASSWORD_GIVEN: "user",
    Policy.SIGNED_IN: "user",
    Policy.BUYER: "user",
    Policy.TEAM: "user",
    Policy.ORGANIZER: "organizer",
    Policy.ADMIN: "admin",
    Policy.SUPERADMIN: "superadmin",
}
_BY_PROOF = {Policy.GATEWAY, Policy.MONITOR}
"""Not by rank: these have tests of their own."""


def routes(app: Litestar) -> Iterator[tuple[str, str, Policy]]:
    """Method, path with an identifier that nothing has, and policy of every route that programs call."""
    for path, handler in route_handlers(app.routes):
        if not path.startswith((*FOR_PROGRAMS, "/schema")):
            continue
        filled = re.sub(r"\{purpose:str\}", "sign", path)
        filled = re.sub(r"\{role:str\}", "organizer", filled)
        for method in sorted(handler.http_methods):
            yield method, re.sub(r"\{\w+:str\}", "none_00000000000000000000000000", filled), handler.opt["policy"]


async def people(stage: Stage) -> dict[str, Caller]:
    return {
        "stranger": stage.stranger,
        "user": await stage.caller(),
        "organizer": await stage.organizer(),
        "admin": await stage.caller(Role.ADMIN),
        "superadmin": await stage.caller(Role.SUPERADMIN),
    }


async def _refusals(stage: Stage) -> list[str]:
    """Every caller and route whose answer is not what the policy says."""
    callers = await people(stage)
    wrong = []
    for method, path, policy in routes(stage.app):
        if policy in _BY_PROOF or path.endswith(("/sessions/current", "/end-others")):
            continue  # Signing out would change who asks next.
        for person in PEOPLE:
            answer = await callers[person].call(method, path)
            refused = {401: "sign_in_required", 403: "not_allowed"}.get(answer.status_code)
            if PEOPLE.index(person) >= PEOPLE.index(_LEAST[policy]):
                expected: str | None = None
            else:
                expected = "sign_in_required" if person == "stranger" else "not_allowed"
            if refused != expected or answer.status_code >= 500:
                wrong.append(f"{person}: {method} {path}: {answer.status_code} {answer.text[:100]}")
    return wrong


async def test_every_route_admits_whom_its_policy_names_and_nobody_else(stage: Stage) -> None:
    assert len(list(routes(stage.app))) > 55

    assert await _refusals(stage) == []


async def test_the_matrix_sees_a_policy_that_is_not_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(policies._ROLE, Policy.ADMIN)

    wrong = await _refusals(stage)

    # The use cases refuse too, but bodies are read before: strangers learn what a body looks like.
    assert any(re.match("stranger: POST .*/decision: 400", line) for line in wrong), wrong


async def test_an_application_with_a_route_without_policy_does_not_start() -> None:
    @get("/open", sync_to_thread=False)
    def forgotten() -> None: ...

    with pytest.raises(PolicyMissing, match="/open"):
        check_every_route_has_a_policy(Litestar([forgotten], openapi_config=None).routes)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/events/{event}", None),
        ("PATCH", "/events/{event}", {"title": "Mine"}),
        ("DELETE", "/events/{event}", None),
        ("POST", "/events/{event}/publish", None),
        ("POST", "/events/{event}/cancel", {"title": "Concert"}),
        ("GET", "/events/{event}/cancellation", None),
        ("GET", "/events/{event}/cancellation/preview", None),
        ("GET", "/events/{event}/cancellation/bookings", None),
        ("POST", "/events/{event}/cancellation/pause", None),
        ("POST", "/events/{event}/cancellation/resume", None),
        ("POST", "/events/{event}/cancellation/retries", {}),
        ("POST", "/events/{event}/cancellation/bookings/{booking}/paid-by-hand", {"note": "mine"}),
        ("POST", "/events/{event}/archive", None),
        ("PUT", "/events/{event}/capacity", {"capacity": 1}),
        ("GET", "/events/{event}/bookings", None),
        ("POST", "/events/{event}/promo-codes", {"code": "EARLY", "percent": 10}),
        ("GET", "/events/{event}/promo-codes", None),
        ("GET", "/events/{event}/promo-codes/EARLY", None),
        ("POST", "/events/{event}/promo-codes/EARLY/end", None),
        ("GET", "/events/{event}/report", None),
        ("GET", "/reports/transactions?event_id={event}", None),
        ("GET", "/reports/transactions.csv?event_id={event}", None),
        ("GET", "/events/{event}/team", None),
        ("GET", "/events/{event}/team/invitations", None),
        ("POST", "/events/{event}/team/invitations", {"email": "user1@example.com"}),
        ("POST", "/events/{event}/team/invitations", {"email": "user1@example.com", "role": "co_organizer"}),
        ("DELETE", "/events/{event}/team/acc_1", None),
        ("DELETE", "/events/{event}/team/invitations/inv_1", None),
        ("POST", "/events/{event}/scans", {"token": "x", "gate": "N", "scan_id": "1"}),
        ("GET", "/events/{event}/scans", None),
        ("DELETE", "/events/{event}/images/img_1.jpg", None),
        ("GET", "/events/{event}/images/img_1.jpg", None),
        ("GET", "/bookings/{booking}", None),
        ("GET", "/bookings/{booking}/payment", None),
        ("POST", "/bookings/{booking}/payment", None),
        ("POST", "/bookings/{booking}/payment/embedded", None),
        ("POST", "/bookings/{booking}/payment/return", {"fields": {"signature": "x"}}),
        ("POST", "/bookings/{booking}/cancellation", {"reason": "mine"}),
        ("POST", "/bookings/{booking}/reissue", None),
        ("POST", "/bookings/{booking}/refunds", {"reason": "mine"}),
        ("POST", "/bookings/{booking}/refunds/quote", {"reason": "mine"}),
        ("GET", "/bookings/{booking}/qr.png", None),
        ("GET", "/bookings/{booking}/admissions", None),
        ("GET", "/tickets/{ticket}", None),
        ("GET", "/tickets/{ticket}/qr.png", None),
        ("GET", "/tickets/{ticket}/qr.svg", None),
        ("POST", "/tickets/{ticket}/reissue", None),
        ("POST", "/admissions/undo", {"subject": "{ticket}", "reason": "mine"}),
        ("POST", "/admissions/undo", {"subject": "{booking}", "reason": "mine"}),
    ],
)
async def test_what_is_not_yours_looks_like_what_is_not_there(
    stage: Stage, method: str, path: str, body: dict[str, Any] | None
) -> None:
    draft = await stage.world.event(published=False)
    sold = await stage.world.event()
    booking = await stage.world.buy((await stage.caller()).actor, sold)
    [ticket] = await stage.world.tickets(booking)
    there = {"event": draft.id, "booking": booking.id, "ticket": ticket.id}
    nowhere = {name: value[:4] + "0" * 26 for name, value in there.items()}
    # Another organizer has every role that any of these routes asks for.
    other = await stage.organizer()

    def filled(text: str, ids: dict[str, str]) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], text)

    answers = [
        await other.call(
            method,
            filled(path, ids),
            headers={"idempotency-key": f"k-{number}"},
            **({} if body is None else {"json": {k: filled(v, ids) if k == "subject" else v for k, v in body.items()}}),
        )
        for number, ids in enumerate((there, nowhere))
    ]

    assert answers[0].status_code == 404
    assert answers[0].json() == answers[1].json()
    assert sorted(answers[0].headers) == sorted(answers[1].headers)


async def test_a_disabled_account_is_refused_from_its_next_request_on(stage: Stage) -> None:
    admin, user = await stage.caller(Role.ADMIN), await stage.caller()
    assert (await user.get("/me")).status_code == 200

    await admin.post(f"/accounts/{user.actor.name}/disable")

    assert (await user.get("/me")).status_code == 401
