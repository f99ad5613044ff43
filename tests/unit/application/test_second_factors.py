"""A second step after the password, and what must be fresh."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.access import Actor
from application.errors import (
    FreshSignInRequired,
    NotFound,
    SecondFactorRequired,
    SignInFailed,
    SignInRequired,
)
from application.factor_check import Proof
from application.use_cases.move_event import MoveEvent
from application.use_cases.refund_booking import RefundBooking, RefundCommand
from application.use_cases.reset_password import ResetPasswordCommand
from domain.account import NotAllowed, Role
from domain.errors import NotAllowedNow
from domain.guesses import CLOSED_AT, PasswordClosed, SignInLocked
from domain.second_factors import (
    FactorPolicy,
    FactorRefused,
    LastFactorNeeded,
    SecondFactorNeeded,
    SecondFactors,
)
from tests.support.second_steps import Person, sign_in
from tests.support.world import World
from tests.unit.application.test_people import newest_token

WIDE = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
DEVANAGARI = {ord("0") + digit: 0x0966 + digit for digit in range(10)}


def strict(folder: Path) -> World:
    """An installation with the policy that ours have by default."""
    return World.of(folder, mfa_required=("admin", "superadmin"))


async def test_after_the_password_nothing_opens_before_the_second_step(world: World) -> None:
    person = await Person.with_app(world)
    half = await person.half()

    assert half.account is None
    with pytest.raises(SecondFactorRequired):
        half.check(Role.USER)
    with pytest.raises(SecondFactorRequired):
        await world.deeds.enrol_factors.renew_recovery_codes(half)

    whole = await world.deeds.step_up.with_factor(half, Proof(person.code()))
    assert (await person.actor(whole.secret)).signed_in().id == person.account.id


async def test_each_step_up_has_a_new_secret_and_kills_the_old_one(world: World) -> None:
    person = await Person.with_app(world)
    half = await sign_in(world, person.account)

    whole = await world.deeds.step_up.with_factor(await person.actor(half.secret), Proof(person.code()))
    again = await world.deeds.step_up.with_password(await person.actor(whole.secret), "correct horse battery staple")

    assert await world.deeds.authenticate(half.secret) is None
    assert await world.deeds.authenticate(whole.secret) is None
    assert await world.deeds.authenticate(again.secret) is not None
    assert again.expires_at == whole.expires_at


@pytest.mark.parametrize(
    "spelt",
    [
        lambda code: code,
        lambda code: f" {code[:3]} {code[3:]} ",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: code.translate(WIDE),
        lambda code: code.translate(DEVANAGARI),
        "\u200b".join,
    ],
)
async def test_a_code_is_taken_once_however_it_is_spelt(world: World, spelt: Callable[[str], str]) -> None:
    person = await Person.with_app(world)
    code = person.code()

    await world.deeds.step_up.with_factor(await person.half(), Proof(spelt(code)))

    for again in (code, f"{code[:3]} {code[3:]}", code.translate(WIDE), code.translate(DEVANAGARI)):
        with pytest.raises(FactorRefused):
            await world.deeds.step_up.with_factor(await person.half(), Proof(again))
    with pytest.raises(FactorRefused, match="used already"):
        await world.deeds.step_up.with_factor(await person.half(), Proof(person.code(-1)))


async def test_without_the_last_step_a_code_would_be_taken_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    monkeypatch.setattr(SecondFactors, "use_step", lambda factors, _step: factors)
    person = await Person.with_app(world)
    code = person.code()

    await world.deeds.step_up.with_factor(await person.half(), Proof(code))

    await world.deeds.step_up.with_factor(await person.half(), Proof(code))


async def test_the_code_that_confirmed_an_app_does_not_sign_in(world: World) -> None:
    person = await Person.new(world)
    await person.enrol()

    with pytest.raises(FactorRefused):
        await world.deeds.step_up.with_factor(await person.half(), Proof(person.code()))


async def test_clocks_may_differ_by_one_step_and_no_more(world: World) -> None:
    person = await Person.with_app(world)
    world.clock.advance(300)
    for steps in (-2, 2):
        with pytest.raises(FactorRefused):
            await world.deeds.step_up.with_factor(await person.half(), Proof(person.code(steps)))
    for steps in (-1, 0, 1):
        await world.deeds.step_up.with_factor(await person.half(), Proof(person.code(steps)))


async def test_of_fifty_who_give_one_code_at_once_one_gets_in(every_world: World) -> None:
    person = await Person.with_app(every_world)
    halves = [await person.half() for _ in range(50)]
    proof = Proof(person.code())

    results = await asyncio.gather(
        *(every_world.deeds.step_up.with_factor(half, proof) for half in halves), return_exceptions=True
    )

    assert sum(not isinstance(result, Exception) for result in results) == 1


async def test_of_fifty_who_use_one_recovery_code_at_once_one_gets_in(every_world: World) -> None:
    person = await Person.with_app(every_world)
    halves = [await person.half() for _ in range(50)]
    proof = Proof(person.recovery_codes[3])

    results = await asyncio.gather(
        *(every_world.deeds.step_up.with_factor(half, proof) for half in halves), return_exceptions=True
    )

    assert sum(not isinstance(result, Exception) for result in results) == 1
    left = await every_world.deeds.administer_factors.show(every_world.operator, person.account.id)
    assert len(left.factors.recovery_codes) == 9


async def test_one_half_session_becomes_one_whole_session(world: World) -> None:
    person = await Person.with_app(world)
    half = await person.half()

    results = await asyncio.gather(
        *(world.deeds.step_up.with_factor(half, Proof(code)) for code in person.recovery_codes), return_exceptions=True
    )

    assert sum(not isinstance(result, Exception) for result in results) == 1


async def test_recovery_codes_work_once_in_any_spelling_and_are_told(world: World) -> None:
    person = await Person.with_app(world)
    code = person.recovery_codes[0]
    assert len(set(person.recovery_codes)) == 10

    await world.deeds.step_up.with_factor(await person.half(), Proof(f" {code.upper().replace('-', ' ')} "))
    await world.settle()

    assert "recovery code was used" in world.mailbox.to(person.account.email)[-1].subject
    with pytest.raises(FactorRefused):
        await world.deeds.step_up.with_factor(await person.half(), Proof(code))


async def test_new_recovery_codes_end_the_old_ones(world: World) -> None:
    person = await Person.with_app(world)

    renewed = await world.deeds.enrol_factors.renew_recovery_codes(await person.actor())

    assert not set(renewed.recovery_codes) & set(person.recovery_codes)
    with pytest.raises(FactorRefused):
        await world.deeds.step_up.with_factor(await person.half(), Proof(person.recovery_codes[0]))
    await world.deeds.step_up.with_factor(await person.half(), Proof(renewed.recovery_codes[0]))


async def test_every_change_of_factors_ends_all_other_sessions(world: World) -> None:
    person = await Person.new(world)
    others = [(await sign_in(world, person.account)).secret]

    await person.enrol()
    assert await world.deeds.authenticate(others[0]) is None
    world.clock.advance(60)

    for change in ("renew", "remove"):
        other = await world.deeds.step_up.with_factor(await person.half(), Proof(person.code()))
        world.clock.advance(60)
        actor = await person.actor()
        if change == "renew":
            person.token = (await world.deeds.enrol_factors.renew_recovery_codes(actor)).signed_in.secret
        else:
            person.token = (await world.deeds.enrol_factors.remove(actor, "totp")).secret
        assert await world.deeds.authenticate(other.secret) is None, change
        assert await world.deeds.authenticate(person.token) is not None, change
    assert not (await sign_in(world, person.account)).awaits_factor


async def test_a_password_alone_adds_no_factor_to_those_there_are(world: World) -> None:
    """Taking over the enrolment of somebody whose password is known."""
    person = await Person.with_app(world)
    half = await person.half()
    deeds = world.deeds

    for deed in (
        lambda: deeds.enrol_factors.begin_totp(half),
        lambda: deeds.enrol_factors.confirm_totp(half, "123456"),
        lambda: deeds.enrol_factors.add_passkey(half, "Mine", {}),
        lambda: deeds.enrol_factors.remove(half, "totp"),
        lambda: deeds.own_factors(half),
    ):
        with pytest.raises(SecondFactorRequired):
            await deed()


async def test_what_one_session_began_no_other_confirms(world: World) -> None:
    person = await Person.new(world)
    new = await world.deeds.enrol_factors.begin_totp(await person.actor())
    person.app_secret = new.spelt
    other = await person.actor((await sign_in(world, person.account)).secret)

    with pytest.raises(NotAllowedNow):
        await world.deeds.enrol_factors.confirm_totp(other, person.code())
    with pytest.raises(FactorRefused):
        await world.deeds.enrol_factors.confirm_totp(await person.actor(), "000000")
    assert not (await sign_in(world, person.account)).awaits_factor
    world.clock.advance(timedelta(minutes=14, seconds=59))
    await world.deeds.enrol_factors.confirm_totp(await person.actor(), person.code())


async def test_factors_are_changed_in_fresh_sessions_only(world: World) -> None:
    person = await Person.with_app(world)
    world.clock.advance(timedelta(minutes=15))
    stale = await person.actor()

    for deed in (
        lambda: world.deeds.enrol_factors.remove(stale, "totp"),
        lambda: world.deeds.enrol_factors.renew_recovery_codes(stale),
        lambda: world.deeds.enrol_factors.begin_totp(stale),
    ):
        with pytest.raises(FreshSignInRequired):
            await deed()

    fresh = await world.deeds.step_up.with_factor(stale, Proof(person.code()))
    await world.deeds.enrol_factors.remove(await person.actor(fresh.secret), "totp")


async def test_without_its_guard_a_stale_session_could_remove_factors(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    person = await Person.with_app(world)
    world.clock.advance(timedelta(days=3))
    monkeypatch.setattr(Actor, "check_fresh", lambda *_: None)

    await world.deeds.enrol_factors.remove(await person.actor(), "totp")


async def test_a_reset_by_mail_removes_no_factor(world: World) -> None:
    person = await Person.with_app(world)
    await world.deeds.ask_for_reset(person.account.email)
    token = await newest_token(world, person.account.email)

    await world.deeds.reset_password(ResetPasswordCommand(token, "an entirely new password"))

    assert (await sign_in(world, person.account, "an entirely new password")).awaits_factor


async def test_wrong_codes_wait_like_wrong_passwords_and_half_a_sign_in_gives_no_new_tries(world: World) -> None:
    person = await Person.with_app(world)
    for _ in range(6):
        with pytest.raises(FactorRefused):
            await world.deeds.step_up.with_factor(await person.half(), Proof("000000"))

    with pytest.raises(SignInLocked):
        await world.deeds.step_up.with_factor(await person.half(), Proof(person.code()))


async def test_after_a_hundred_wrong_codes_only_a_new_password_gives_more(world: World) -> None:
    person = await Person.with_app(world)
    tried = 0
    for _ in range(CLOSED_AT + 20):
        world.clock.advance(timedelta(minutes=16))
        try:
            await world.deeds.step_up.with_factor(await person.half(), Proof("000000"))
        except FactorRefused:
            tried += 1
        except PasswordClosed:
            break
    assert tried == CLOSED_AT
    with pytest.raises(PasswordClosed):
        await world.deeds.step_up.with_factor(await person.half(), Proof(person.code()))

    await world.deeds.ask_for_reset(person.account.email)
    token = await newest_token(world, person.account.email)
    await world.deeds.reset_password(ResetPasswordCommand(token, "an entirely new password"))
    half = await person.actor((await sign_in(world, person.account, "an entirely new password")).secret)
    await world.deeds.step_up.with_factor(half, Proof(person.code()))


async def test_a_wrong_password_does_not_confirm(world: World) -> None:
    person = await Person.new(world)

    with pytest.raises(SignInFailed):
        await world.deeds.step_up.with_password(await person.actor(), "wrong wrong wrong wrong")


async def test_a_session_that_ended_meanwhile_steps_up_to_nothing(world: World) -> None:
    person = await Person.with_app(world)
    half = await person.half()
    await world.deeds.administer_account.sign_out(world.operator, person.account.id)

    with pytest.raises(SignInRequired):
        await world.deeds.step_up.with_factor(half, Proof(person.code()))


async def test_a_role_that_needs_a_factor_sets_one_up_before_anything_else(tmp_path: Path) -> None:
    world = strict(tmp_path)
    person = await Person.new(world, Role.ADMIN)
    half = await person.actor()
    assert half.account is None
    state = await world.deeds.step_up.state(half)
    assert (state.awaits_factor, state.must_enrol, state.kinds) == (True, True, ())

    await person.enrol()

    assert (await person.actor()).has(Role.ADMIN)
    world.clock.advance(60)
    with pytest.raises(LastFactorNeeded):
        await world.deeds.enrol_factors.remove(await person.actor(), "totp")


async def test_users_need_no_factor_and_may_go_without_again(tmp_path: Path) -> None:
    world = strict(tmp_path)
    person = await Person.with_app(world)

    await world.deeds.enrol_factors.remove(await person.actor(), "totp")

    assert not (await sign_in(world, person.account)).awaits_factor


async def test_a_policy_that_became_stricter_ends_sessions_without_a_factor(tmp_path: Path) -> None:
    lax = World.of(tmp_path)
    person = await Person.new(lax, Role.ADMIN)
    world = World.of(tmp_path, lax.container.store(), mfa_required=("admin",))

    assert await world.deeds.authenticate(person.token) is None


async def test_an_organizer_needs_a_factor_before_money_moves(tmp_path: Path) -> None:
    world = strict(tmp_path)
    person = await Person.new(world, Role.ORGANIZER, approved=True)
    organizer = await person.actor()
    event = await world.event(organizer, published=False)
    free = await world.event(organizer, published=False, price="0")
    await world.deeds.move_event.publish(organizer, free.id)
    with pytest.raises(SecondFactorNeeded):
        await world.deeds.move_event.publish(organizer, event.id)

    await person.enrol()
    await world.deeds.move_event.publish(await person.actor(), event.id)

    booking = await world.buy(await world.person(), event)
    with pytest.raises(SecondFactorNeeded):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "asked"))
    await world.deeds.refund_booking(await person.actor(), RefundCommand(booking.id, "asked"))


async def test_without_the_policy_money_moves_without_a_factor(tmp_path: Path) -> None:
    """A negative control of the one above."""
    world = World.of(tmp_path)
    assert world.container.settings().factor_policy == FactorPolicy()
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event)

    await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "asked"))
    assert {type(world.deeds.move_event), type(world.deeds.refund_booking)} == {MoveEvent, RefundBooking}


async def test_an_administrator_removes_the_factors_of_somebody_who_lost_them(world: World) -> None:
    person, admin = await Person.with_app(world), await world.person(Role.ADMIN)

    await world.deeds.administer_factors.remove(admin, person.account.email)
    await world.settle()

    assert await world.deeds.authenticate(person.token) is None
    assert not (await sign_in(world, person.account)).awaits_factor
    assert "removed" in world.mailbox.to(person.account.email)[-1].subject
    assert (await world.deeds.administer_factors.remove(admin, person.account.email)).factors.kinds == ()


async def test_nobody_removes_the_factors_of_their_betters_or_their_own_that_way(world: World) -> None:
    admin, other = await world.person(Role.ADMIN), await Person.with_app(world, Role.ADMIN)

    for who in (other.account.id, admin.name):
        with pytest.raises(NotAllowed):
            await world.deeds.administer_factors.remove(admin, who)
    with pytest.raises(NotAllowed):
        await world.deeds.administer_factors.remove(await world.person(), other.account.id)
    with pytest.raises(NotFound):
        await world.deeds.administer_factors.remove(admin, "acc_none")


async def test_a_secret_of_an_app_is_not_stored_in_clear(world: World) -> None:
    from base64 import b32decode

    person = await Person.with_app(world)
    stored = await world.container.begin()().second_factors.get(person.account.id)

    assert stored.totp is not None
    assert b32decode(person.app_secret) not in stored.totp.secret
    assert not any(code in repr(stored) or code in stored.recovery_codes for code in person.recovery_codes)


async def test_a_deleted_person_leaves_no_factors(world: World) -> None:
    person = await Person.with_app(world)

    await world.deeds.erase_account(world.operator, person.account.id)

    assert await world.container.begin()().second_factors.find(person.account.id) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 9), max_size=12))
def test_the_steps_that_are_taken_only_ever_rise(steps: list[int]) -> None:
    from tests import build

    factors, taken = build.second_factors(), list[int]()
    start = factors.totp.last_step if factors.totp else 0
    for step in steps:
        try:
            factors = factors.use_step(start + step)
        except FactorRefused:
            continue
        taken.append(step)

    assert taken == sorted(set(taken))
    assert 0 not in taken
