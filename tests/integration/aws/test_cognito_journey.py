"""Signing up, in and out over our HTTP API, while Cognito keeps the passwords: moto's, over a socket."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.account import Role
from tests.contracts.credential_keeper import OTHER, PASSWORD
from tests.support.cognito import Cognito
from tests.support.fake_clock import FakeClock
from tests.support.http_stage import Caller, Stage
from tests.support.world import World

ASHA = "asha@example.com"


@pytest.fixture
async def stage(cognito: Cognito, tmp_path: Path) -> AsyncIterator[Stage]:
    world = World.of(tmp_path, clock=FakeClock(datetime.now(UTC)), keeper=cognito.keeper())
    world.lift_limits()
    async with Stage.around(world) as stage:
        yield stage


async def sign_up(stage: Stage, email: str = ASHA) -> None:
    answer = await stage.stranger.post("/accounts", {"email": email, "name": "Asha Rao", "password": PASSWORD})
    assert answer.status_code == 202, answer.text
    answer = await stage.stranger.post("/confirmations", {"email": email, "token": "493021"})
    assert answer.status_code == 200, answer.text
    await stage.world.settle()


async def sign_in(stage: Stage, password: str = PASSWORD, email: str = ASHA) -> Any:
    stage.client.cookies.clear()  # Of a browser that is somebody already.
    answer = await stage.stranger.post("/sessions", {"email": email, "password": password})
    stage.client.cookies.clear()
    return answer


def with_token(stage: Stage, answer: Any) -> Caller:
    assert answer.status_code in {200, 201}, answer.text
    return Caller(stage.client, stage.stranger.actor, answer.json()["token"])


async def test_from_sign_up_to_signing_out_with_a_code_of_an_app_in_between(stage: Stage, cognito: Cognito) -> None:
    answer = await stage.stranger.post("/accounts", {"email": ASHA, "name": "Asha Rao", "password": PASSWORD})
    assert answer.status_code == 202
    assert (await sign_in(stage)).json()["code"] == "email_not_confirmed"
    answer = await stage.stranger.post("/confirmations", {"email": ASHA, "token": "493021"})
    assert answer.json()["email"] == ASHA
    await stage.world.settle()
    assert cognito.groups(ASHA) == {"User"}
    assert not stage.world.mailbox.mails

    asha = with_token(stage, await sign_in(stage))
    assert (await asha.get("/me")).json()["name"] == "Asha Rao"
    assert (await sign_in(stage, OTHER)).json()["code"] == "sign_in_failed"

    cognito.set_up_app(ASHA, PASSWORD)
    half = await sign_in(stage)
    assert half.json()["awaits_factor"]
    asha = with_token(stage, half)
    assert (await asha.get("/me")).status_code == 401
    assert (await asha.get("/sessions/current/step")).json()["kinds"] == ["totp"]
    wrong = await asha.post("/sessions/current/factor", {"code": cognito.wrong_code()})
    assert wrong.json()["code"] == "factor_refused"
    asha = with_token(stage, await asha.post("/sessions/current/factor", {"code": cognito.code()}))
    assert (await asha.get("/me")).status_code == 200

    assert (await asha.delete("/sessions/current")).status_code == 200
    assert (await asha.get("/me")).status_code == 401


async def test_who_is_disabled_is_out_at_once_and_stays_out_there_too(stage: Stage, cognito: Cognito) -> None:
    await sign_up(stage)
    asha = with_token(stage, await sign_in(stage))
    deeds, operator = stage.world.deeds, stage.world.operator

    await deeds.administer_account.disable(operator, ASHA)
    assert (await asha.get("/me")).status_code == 401
    await stage.world.settle()
    assert not cognito.is_enabled(ASHA)
    assert (await sign_in(stage)).status_code in {401, 403}

    await deeds.administer_account.enable(operator, ASHA)
    await stage.world.settle()
    assert (await sign_in(stage)).status_code == 201


async def test_a_code_from_the_mail_sets_a_new_password_and_ends_every_session(stage: Stage, cognito: Cognito) -> None:
    await sign_up(stage)
    asha = with_token(stage, await sign_in(stage))

    answer = await stage.stranger.post("/password-resets", {"email": ASHA})
    assert answer.status_code == 202
    await stage.world.settle()
    used = {"email": ASHA, "token": cognito.mailed_code(ASHA), "password": OTHER}
    assert (await stage.stranger.post("/password-resets/use", used)).status_code == 204

    assert (await asha.get("/me")).status_code == 401
    assert (await sign_in(stage)).json()["code"] == "sign_in_failed"
    assert (await sign_in(stage, OTHER)).status_code == 201


async def test_a_new_password_is_chosen_while_signed_in(stage: Stage) -> None:
    await sign_up(stage)
    asha = with_token(stage, await sign_in(stage))

    same = await asha.post("/me/password", {"password": PASSWORD})
    assert same.json()["code"] == "password_refused"
    again = with_token(stage, await asha.post("/me/password", {"password": OTHER}))

    assert (await asha.get("/me")).status_code == 401
    assert (await again.get("/me")).status_code == 200
    assert (await sign_in(stage)).status_code == 401
    assert (await sign_in(stage, OTHER)).status_code == 201


async def test_a_temporary_password_is_good_for_choosing_another_and_an_app_is_still_asked(
    stage: Stage, cognito: Cognito
) -> None:
    await sign_up(stage)
    given = await stage.world.deeds.give_temporary_password(stage.world.operator, ASHA)

    assert (await sign_in(stage)).status_code == 401
    opened = await sign_in(stage, given.password)
    assert opened.json()["must_change_password"]
    asha = with_token(stage, opened)
    assert (await asha.get("/me")).status_code == 401
    asha = with_token(stage, await asha.post("/me/password", {"password": OTHER}))

    assert (await asha.get("/me")).status_code == 200
    assert (await sign_in(stage, given.password)).status_code == 401
    assert (await sign_in(stage, OTHER)).status_code == 201


async def test_somebody_made_in_the_console_comes_in_as_what_the_groups_say(stage: Stage, cognito: Cognito) -> None:
    said = [{"Name": "email", "Value": "Ravi@example.com"}, {"Name": "email_verified", "Value": "true"}]
    cognito.client.admin_create_user(
        UserPoolId=cognito.ids.pool_id,
        Username="Ravi@example.com",
        UserAttributes=said,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    cognito.put_into("Ravi@example.com", "Organizer", "Guild of organists")

    opened = await sign_in(stage, PASSWORD, "Ravi@example.com")
    ravi = with_token(stage, await with_token(stage, opened).post("/me/password", {"password": OTHER}))

    me = (await ravi.get("/me")).json()
    assert (me["email"], me["roles"], me["may_publish"]) == ("ravi@example.com", ["organizer", "user"], False)
    await stage.world.settle()
    assert cognito.groups("Ravi@example.com") == {"User", "Organizer", "Guild of organists"}


async def test_roles_given_here_become_groups_and_groups_given_there_no_roles(stage: Stage, cognito: Cognito) -> None:
    await sign_up(stage)
    cognito.put_into(ASHA, "SuperAdmin")
    asha = with_token(stage, await sign_in(stage))
    assert (await asha.get("/me")).json()["roles"] == ["user"]

    await stage.world.deeds.administer_account.grant(stage.world.operator, ASHA, Role.ORGANIZER)
    await stage.world.settle()

    assert cognito.groups(ASHA) == {"User", "Organizer"}


async def test_who_is_erased_is_erased_there_too_and_can_begin_anew(stage: Stage) -> None:
    await sign_up(stage)
    account = await stage.world.deeds.accounts.show(stage.world.operator, ASHA)

    await stage.world.deeds.erase_account(stage.world.operator, ASHA)
    await stage.world.settle()

    answer = await sign_in(stage)
    assert answer.status_code == 401, answer.text
    erased = await stage.world.container.begin()().accounts.get(account.id)
    assert erased.login_id == ""
    await sign_up(stage)
    assert (await sign_in(stage)).status_code == 201


async def test_an_operator_makes_an_administrator_who_must_have_a_factor_of_one_kind_or_the_other(
    cognito: Cognito, tmp_path: Path
) -> None:
    clock = FakeClock(datetime.now(UTC))
    world = World.of(tmp_path, clock=clock, keeper=cognito.keeper(), mfa_required=("admin",))
    async with Stage.around(world) as stage:
        await world.person(Role.ADMIN, email=ASHA)
        await world.settle()
        assert cognito.groups(ASHA) == {"User", "Admin"}
        half = await sign_in(stage)
        assert (await with_token(stage, half).get("/sessions/current/step")).json()["must_enrol"]

        cognito.set_up_app(ASHA, PASSWORD)
        half = with_token(stage, await sign_in(stage))
        asha = with_token(stage, await half.post("/sessions/current/factor", {"code": cognito.code()}))
        assert (await asha.get("/accounts")).status_code == 200
