"""A password of eight letters is good beside a second factor, and never alone."""

import pytest

from application.factor_check import Proof
from application.use_cases.reset_password import ResetPasswordCommand
from domain.second_factors import FactorKind, LastFactorNeeded
from tests.support.second_steps import Person, sign_in
from tests.support.world import World
from tests.unit.application.test_people import newest_token

SHORT = "brisk owl 42"
LONG = "a brisk owl and forty-two others"


async def with_short_password(world: World) -> Person:
    """Somebody with an app who chose a short password through a mail, and has signed in with both."""
    person = await Person.with_app(world)
    await world.deeds.ask_for_reset(person.account.email)
    token = await newest_token(world, person.account.email)
    await world.deeds.reset_password(ResetPasswordCommand(token, SHORT))
    await come_in(world, person)
    return person


async def come_in(world: World, person: Person) -> None:
    world.clock.advance(60)
    half = await person.actor((await sign_in(world, person.account, SHORT)).secret)
    person.token = (await world.deeds.step_up.with_factor(half, Proof(person.code()))).secret


async def test_the_last_factor_beside_a_short_password_stays(world: World) -> None:
    person = await with_short_password(world)

    with pytest.raises(LastFactorNeeded, match="longer"):
        await world.deeds.enrol_factors.remove(await person.actor(), FactorKind.TOTP)

    person.token = (await world.deeds.change_password(await person.actor(), LONG)).secret
    await world.deeds.enrol_factors.remove(await person.actor(), FactorKind.TOTP)
    assert not (await sign_in(world, person.account, LONG)).awaits_factor


async def test_without_that_guard_a_short_password_opens_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await with_short_password(world)
    monkeypatch.setattr("application.use_cases.reset_password.is_short", lambda _password: False)
    monkeypatch.setattr("application.use_cases.temporary_password.is_short", lambda _password: False)
    other = "merry elk 42"
    person.token = (await world.deeds.change_password(await person.actor(), other)).secret

    await world.deeds.enrol_factors.remove(await person.actor(), FactorKind.TOTP)

    alone = await sign_in(world, person.account, other)
    assert (await person.actor(alone.secret)).signed_in().id == person.account.id


async def test_after_staff_removed_the_factors_a_short_password_is_only_good_for_choosing_another(world: World) -> None:
    person = await with_short_password(world)
    await world.deeds.administer_factors.remove(world.operator, person.account.id)

    changing = await person.actor((await sign_in(world, person.account, SHORT)).secret)

    assert changing.must_change
    chosen = await world.deeds.change_password(changing, LONG)
    assert (await person.actor(chosen.secret)).signed_in().id == person.account.id


async def test_a_long_password_stands_alone_when_staff_removed_the_factors(world: World) -> None:
    person = await Person.with_app(world)
    await world.deeds.administer_factors.remove(world.operator, person.account.id)

    alone = await person.actor((await sign_in(world, person.account)).secret)

    assert alone.signed_in().id == person.account.id
