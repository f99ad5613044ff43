"""Every change of security refuses sessions and keys from the very next request on: a table of all changes."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from attrs import evolve, frozen

from application import session_rules
from application.access import Actor
from application.factor_check import Proof
from application.use_cases import authenticate
from application.use_cases.api_keys import KeyPlan
from application.use_cases.end_sessions import EVERYBODY
from application.use_cases.reset_password import ResetPasswordCommand
from domain.account import Role
from domain.api_key import Scope
from domain.second_factors import FactorPolicy
from tests.support.http_stage import Caller, Stage
from tests.support.second_steps import Person
from tests.support.world import World


@frozen
class Held:
    """Somebody with a session that is open beside the one that acts, and a key."""

    stage: Stage
    person: Person
    session: Caller
    key: Caller

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def name(self) -> str:
        return self.person.account.id

    async def statuses(self) -> dict[str, int]:
        return {
            "session": (await self.session.get("/bookings")).status_code,
            "key": (await self.key.get("/bookings")).status_code,
        }


async def held(stage: Stage) -> Held:
    world = stage.world
    person = await Person.with_app(world, Role.ORGANIZER)
    other = await world.deeds.step_up.with_factor(await person.half(), Proof(person.code()))
    plan = KeyPlan("Till", (Scope.BOOKINGS_READ,), owner=person.account.id)
    new = await world.deeds.create_api_key(world.operator, plan)
    session, person.token = person.token, other.secret
    actor = Actor.person(person.account)
    return Held(stage, person, Caller(stage.client, actor, session), Caller(stage.client, actor, new.secret))


async def new_password(on: Held) -> None:
    await on.world.deeds.ask_for_reset(on.person.account.email)
    await on.world.settle()
    mail = on.world.mailbox.to(on.person.account.email)[-1]
    [token] = re.findall(r"token=([\w-]+)", mail.text)
    await on.world.deeds.reset_password(ResetPasswordCommand(token, "another horse, another staple"))


async def factor_removed(on: Held) -> None:
    await on.world.deeds.enrol_factors.remove(await on.person.actor(), "totp")


async def codes_renewed(on: Held) -> None:
    await on.world.deeds.enrol_factors.renew_recovery_codes(await on.person.actor())


async def factors_removed_by_staff(on: Held) -> None:
    await on.world.deeds.administer_factors.remove(on.world.operator, on.name)


async def role_given(on: Held) -> None:
    await on.world.deeds.administer_account.grant(on.world.operator, on.name, Role.ADMIN)


async def role_taken(on: Held) -> None:
    await on.world.deeds.administer_account.revoke(on.world.operator, on.name, Role.ORGANIZER)


async def disabled(on: Held) -> None:
    await on.world.deeds.administer_account.disable(on.world.operator, on.name)


async def disabled_and_enabled(on: Held) -> None:
    await disabled(on)
    await on.world.deeds.administer_account.enable(on.world.operator, on.name)


async def deleted(on: Held) -> None:
    await on.world.deeds.erase_account(on.world.operator, on.name)


async def signed_out_by_staff(on: Held) -> None:
    await on.world.deeds.administer_account.sign_out(on.world.operator, on.name)


async def signed_out_elsewhere(on: Held) -> None:
    await on.world.deeds.end_own_sessions.others(await on.person.actor())


async def everybody_signed_out(on: Held) -> None:
    await on.world.deeds.sign_everybody_out(on.world.operator, EVERYBODY)


Change = Callable[[Held], Awaitable[None]]
CHANGES: dict[str, Change] = {
    "a new password": new_password,
    "a factor is removed": factor_removed,
    "new recovery codes": codes_renewed,
    "staff remove the factors": factors_removed_by_staff,
    "a role is given": role_given,
    "a role is taken": role_taken,
    "disabled": disabled,
    "disabled and enabled again": disabled_and_enabled,
    "deleted": deleted,
    "signed out by staff": signed_out_by_staff,
    "signed out everywhere else": signed_out_elsewhere,
    "everybody is signed out": everybody_signed_out,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_the_next_request_is_refused_to_sessions_and_keys(stage: Stage, change: Change) -> None:
    on, bystander = await held(stage), await stage.caller()
    assert await on.statuses() == {"session": 200, "key": 200}

    await change(on)

    assert await on.statuses() == {"session": 401, "key": 401}
    expected = 401 if change is everybody_signed_out else 200
    assert (await bystander.get("/bookings")).status_code == expected


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_without_epoch_and_era_the_change_would_refuse_nobody(
    stage: Stage, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control. What is disabled opens nothing by its status as well."""
    on = await held(stage)
    monkeypatch.setattr(session_rules, "is_of_now", lambda *_: True)
    monkeypatch.setattr(authenticate, "is_of_now", lambda *_: True)

    await change(on)

    refused = 401 if change in {disabled, deleted} else 200
    assert await on.statuses() == {"session": refused, "key": refused}


async def test_a_key_ends_where_its_owner_came_to_need_a_second_factor(tmp_path: Path) -> None:
    async with Stage.of(tmp_path) as stage:
        world = stage.world
        owner = await world.person(Role.ADMIN)
        plan = KeyPlan("Till", (Scope.BOOKINGS_READ,), owner=owner.name)
        new = await world.deeds.create_api_key(world.operator, plan)
        strict = evolve(world.deeds.authenticate, factor_policy=FactorPolicy(frozenset({Role.ADMIN})))

        assert await world.deeds.authenticate(new.secret) is not None
        assert await strict(new.secret) is None
        await world.container.seen().settle()


async def test_signing_out_at_one_place_ends_no_key(stage: Stage) -> None:
    on = await held(stage)
    [there] = [one for one in await on.world.deeds.own_sessions(await on.person.actor()) if not one.is_current]

    await on.world.deeds.end_own_sessions.one(await on.person.actor(), there.session.name)

    assert await on.statuses() == {"session": 401, "key": 200}
