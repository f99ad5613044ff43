"""What people may ask of us about themselves, over HTTP."""

from datetime import timedelta
from typing import Any

from application.errors import ConfirmationNeeded
from domain.account import Role
from tests.support.http_stage import Caller, Stage
from tests.support.world import PASSWORD


async def test_an_export_is_a_file_for_whoever_just_signed_in(stage: Stage) -> None:
    user = await stage.caller()
    answer = await user.get("/me/export")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["records"]["account"][0]["id"] == user.actor.name
    stage.world.clock.advance(timedelta(minutes=16))
    assert (await user.get("/me/export")).json()["code"] == "fresh_sign_in_required"


async def test_ten_exports_an_hour_are_enough(stage: Stage) -> None:
    user, other = await stage.caller(), await stage.caller()

    codes = [(await user.get("/me/export")).status_code for _ in range(11)]

    assert codes == [200] * 10 + [429]
    assert (await other.get("/me/export")).status_code == 200


async def test_erasing_takes_the_address_typed_and_ends_the_session(stage: Stage) -> None:
    user = await stage.caller()
    email = user.actor.signed_in().email

    refused = await user.post("/me/erasure", {"confirm": "someone@example.com"})
    erased = await user.post("/me/erasure", {"confirm": email})

    assert (refused.status_code, refused.json()["code"]) == (409, ConfirmationNeeded.code)
    assert erased.status_code == 200
    assert 'relex=""' in erased.headers["set-cookie"] or "relex=;" in erased.headers["set-cookie"]
    assert (await user.get("/me")).status_code == 401
    answer = await stage.stranger.post("/sessions", {"email": email, "password": PASSWORD})
    assert answer.status_code == 401


async def test_who_is_needed_sees_for_what_before_and_after_asking(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    admin = await stage.caller(Role.ADMIN)

    preview = (await organizer.get("/me/erasure")).json()
    same = (await admin.get(f"/accounts/{organizer.actor.name}/erasure")).json()
    refused = await organizer.post("/me/erasure", {"confirm": organizer.actor.signed_in().email})

    assert preview == same
    assert [obstacle["id"] for obstacle in preview["obstacles"]] == [event.id]
    assert preview["counts"]["events"] == 1
    assert (refused.status_code, refused.json()["code"]) == (409, "erasure_refused")
    assert event.id in refused.json()["detail"]
    assert (await admin.delete(f"/accounts/{organizer.actor.name}")).json()["code"] == "erasure_refused"


async def test_consent_is_asked_at_sign_up_and_changed_at_any_time(stage: Stage) -> None:
    world = stage.world
    for marketing in ({}, {"marketing": True}):
        email = f"a{len(marketing)}@example.com"
        body: dict[str, Any] = {"email": email, "name": "A", "password": PASSWORD, **marketing}
        assert (await stage.stranger.post("/accounts", body)).status_code == 202
        [given] = await world.deeds.give_consent.of(world.operator, email)
        assert (given.marketing, given.place, given.terms_version) == (bool(marketing), "api", "1")

    user = await stage.caller()
    assert (await user.get("/me/consents")).json() == {"items": []}
    world.clock.advance(1)
    assert (await user.post("/me/consents", {"marketing": True})).status_code == 201
    world.clock.advance(1)
    await user.post("/me/consents", {"marketing": False})

    said = (await user.get("/me/consents")).json()["items"]
    assert [given["marketing"] for given in said] == [False, True]


async def test_a_temporary_password_opens_one_route(stage: Stage) -> None:
    admin, user = await stage.caller(Role.ADMIN), await stage.caller()
    path = f"/accounts/{user.actor.name}"
    given = (await admin.post(f"{path}/temporary-password")).json()
    assert (await admin.get(path)).json()["password_until"] == given["expires_at"]
    assert (await user.get("/me")).json()["code"] == "sign_in_required"

    body = {"email": user.actor.signed_in().email, "password": given["password"]}
    opened = (await stage.stranger.post("/sessions", body)).json()
    stage.client.cookies.clear()
    half = Caller(stage.client, user.actor, opened["token"])

    assert (opened["must_change_password"], opened["account"]) == (True, None)
    for route in ("/me", "/bookings", "/me/factors", "/me/export", "/sessions/current/step"):
        assert (await half.get(route)).json()["code"] == "password_change_required", route
    refused = await half.post("/me/password", {"password": given["password"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "password_refused")
    changed = (await half.post("/me/password", {"password": "an entirely new password"})).json()
    stage.client.cookies.clear()
    assert changed["account"]["id"] == user.actor.name
    assert (await Caller(stage.client, user.actor, changed["token"]).get("/me")).status_code == 200
    assert (await half.get("/me")).status_code == 401


async def test_accounts_are_found_by_what_they_are(stage: Stage) -> None:
    admin, organizer, user = await stage.caller(Role.ADMIN), await stage.organizer(), await stage.caller()
    await admin.post(f"/accounts/{user.actor.name}/disable")

    async def found(query: str) -> list[str]:
        answer = await admin.get(f"/accounts?{query}")
        assert answer.status_code == 200, answer.text
        return [account["id"] for account in answer.json()["items"]]

    assert await found("status=disabled") == [user.actor.name]
    assert await found("kyc=approved") == [organizer.actor.name]
    assert len(await found("created_since=2026-11-22T00:00:00Z&created_until=2026-11-23T00:00:00Z")) == 3
    assert await found("created_until=2026-11-22T00:00:00") == []
    assert await found("status=disabled&kyc=approved") == []
    assert (await admin.get("/accounts?status=asleep")).status_code == 400
