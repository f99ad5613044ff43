"""A password that somebody else has seen opens one door: to choosing another."""

from datetime import timedelta

import pytest

from application.access import Actor
from application.errors import (
    FreshSignInRequired,
    PasswordChangeRequired,
    PasswordRefused,
    SecondFactorRequired,
    SignInFailed,
    TemporaryPasswordOver,
)
from application.factor_check import Proof
from application.use_cases.sign_in import SignInCommand
from domain.account import TEMPORARY, NotAllowed, Role
from domain.errors import NotAllowedNow
from tests.support.second_steps import Person
from tests.support.world import PASSWORD, World

OWN = "an entirely new password"


async def given(world: World, actor: Actor, by: Actor | None = None) -> str:
    return (await world.deeds.give_temporary_password(by or world.operator, actor.name)).password


async def signed_in(world: World, actor: Actor, password: str) -> Actor | None:
    opened = await world.deeds.sign_in(SignInCommand(actor.signed_in().email, password))
    return await world.deeds.authenticate(opened.secret)


async def test_it_ends_every_session_and_opens_nothing_but_the_choice_of_another(every_world: World) -> None:
    world = every_world
    person = await world.person()
    email = person.signed_in().email
    old = (await world.deeds.sign_in(SignInCommand(email, PASSWORD))).secret

    password = await given(world, person)

    assert await world.deeds.authenticate(old) is None
    with pytest.raises(SignInFailed):
        await world.deeds.sign_in(SignInCommand(email, PASSWORD))
    actor = await signed_in(world, person, password)
    assert actor is not None
    assert not actor.has(Role.USER)
    for blocked in (actor.signed_in, actor.recognised):
        with pytest.raises(PasswordChangeRequired):
            blocked()
    with pytest.raises(PasswordChangeRequired):
        await world.deeds.enrol_factors.begin_totp(actor)
    with pytest.raises(PasswordChangeRequired):
        await world.deeds.step_up.state(actor)

    opened = await world.deeds.change_password(actor, OWN)

    now = await world.deeds.authenticate(opened.secret)
    assert now is not None
    assert now.signed_in().password_until is None
    with pytest.raises(SignInFailed):
        await world.deeds.sign_in(SignInCommand(email, password))
    assert await signed_in(world, person, OWN)


async def test_it_is_over_after_a_day_whether_or_not_somebody_is_in(world: World) -> None:
    person = await world.person()
    password = await given(world, person)
    opened = await world.deeds.sign_in(SignInCommand(person.signed_in().email, password))
    world.clock.advance(TEMPORARY - timedelta(seconds=1))
    assert await world.deeds.authenticate(opened.secret) is not None

    world.clock.advance(1)

    assert await world.deeds.authenticate(opened.secret) is None
    with pytest.raises(TemporaryPasswordOver):
        await world.deeds.sign_in(SignInCommand(person.signed_in().email, password))


async def test_second_factors_stay_and_come_before_the_choice(world: World) -> None:
    person = await Person.with_app(world)
    password = await given(world, await person.actor())
    half = await world.deeds.sign_in(SignInCommand(person.account.email, password))
    actor = await world.deeds.authenticate(half.secret)
    assert actor is not None
    with pytest.raises(SecondFactorRequired):
        actor.signed_in()
    with pytest.raises(SecondFactorRequired):
        await world.deeds.change_password(actor, OWN)

    whole = await world.deeds.step_up.with_factor(actor, Proof(person.code()))
    changing = await world.deeds.authenticate(whole.secret)

    assert changing is not None
    assert changing.must_change
    opened = await world.deeds.change_password(changing, OWN)
    assert opened.account.has_second_factor


async def test_without_its_mark_it_would_be_a_password_like_any_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.account.Account.must_change_password", property(lambda _: False))
    person = await world.person()

    actor = await signed_in(world, person, await given(world, person))

    assert actor is not None
    assert actor.signed_in().id == person.name


async def test_the_same_password_again_and_a_poor_one_are_refused(world: World) -> None:
    person = await world.person()
    password = await given(world, person)
    actor = await signed_in(world, person, password)
    assert actor is not None

    for refused in (password, "short"):
        with pytest.raises(PasswordRefused):
            await world.deeds.change_password(actor, refused)


async def test_each_is_another_and_kept_nowhere(world: World) -> None:
    person = await world.person()
    passwords = {await given(world, person) for _ in range(5)}

    assert len(passwords) == 5
    account = await world.deeds.accounts.show(world.operator, person.name)
    assert not any(password in repr(account) or password in account.password_hash for password in passwords)


async def test_a_link_by_mail_ends_it_too(world: World) -> None:
    person = (await world.person()).signed_in()
    await world.deeds.give_temporary_password(world.operator, person.id)

    assert person.set_password("hash").password_until is None


async def test_it_is_given_by_those_above_to_who_is_active(world: World) -> None:
    admin, other, user = await world.person(Role.ADMIN), await world.person(Role.ADMIN), await world.person()

    for actor, whom in ((admin, other), (admin, admin), (user, other)):
        with pytest.raises(NotAllowed):
            await given(world, whom, actor)
    assert await given(world, user, admin)
    await world.deeds.administer_account.disable(admin, user.name)
    with pytest.raises(NotAllowedNow):
        await given(world, user, admin)


async def test_everybody_else_changes_a_password_with_a_fresh_sign_in(world: World) -> None:
    person = await Person.new(world)
    elsewhere = await world.deeds.sign_in(SignInCommand(person.account.email, PASSWORD))

    opened = await world.deeds.change_password(await person.actor(), OWN)

    assert await world.deeds.authenticate(opened.secret) is not None
    assert await world.deeds.authenticate(elsewhere.secret) is None
    world.clock.advance(timedelta(minutes=16))
    stale = await world.deeds.authenticate(opened.secret)
    assert stale is not None
    with pytest.raises(FreshSignInRequired):
        await world.deeds.change_password(stale, PASSWORD)
