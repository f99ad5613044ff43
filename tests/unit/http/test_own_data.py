"""What people may ask of us about themselves, over HTTP."""

from datetime import timedelta
from typing import Any

from application.errors import ConfirmationNeeded
from domain.account import Role
from tests.support.http_stage import Stage
from tests.support.world import PASSWORD


async def test_an_export_is_a_file_for_whoever_just_signed_in(stage: Stage) -> None:
    user = await stage.caller()
    answer = await user.get("/me/export")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["account"][0]["id"] == user.actor.name
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
