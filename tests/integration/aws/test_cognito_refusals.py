"""Whose account a stranger does not get, and what holds while nobody knows what Cognito did."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import EmailNotConfirmed, SecondFactorRequired, SignInFailed
from application.factor_check import Proof
from application.ports.credentials import (
    Check,
    CredentialKeeper,
    IdentityUnavailable,
    Person,
    Question,
    QuestionKind,
)
from application.secrets import secret_id
from application.use_cases import sign_in
from application.use_cases.codes_by_mail import ResetByCodeCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.account import Account, Role
from domain.guesses import SignInLocked
from domain.rate_limit import LimitReached
from domain.second_factors import FactorRefused
from tests.contracts.credential_keeper import OTHER, PASSWORD
from tests.support.cognito import Cognito
from tests.support.fake_clock import FakeClock
from tests.support.world import World

ASHA = "asha@example.com"


@pytest.fixture
def world(cognito: Cognito, tmp_path: Path) -> World:
    return World.of(tmp_path, clock=FakeClock(datetime.now(UTC)), keeper=cognito.keeper())


async def was_here_first(world: World) -> Account:
    """An account from before Cognito: nobody there knows it."""
    actor = await world.person(Role.ADMIN, email=ASHA)
    async with world.container.begin()() as work:
        account = await work.accounts.get(actor.signed_in().id)
        work.accounts.save(evolve(account, login_id=""))
        await work.commit()
    return account


def says(keeper: CredentialKeeper, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(*_: Any) -> Check:
        return Check(fits=True, person=person)

    monkeypatch.setattr(type(keeper), "check", check)


STRANGER = Person("a-stranger", ASHA, "Asha", email_verified=False, roles=frozenset({Role.SUPERADMIN}))


async def test_who_only_wrote_an_address_down_elsewhere_gets_no_account_that_was_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await was_here_first(world)
    says(world.container.keeper(), STRANGER, monkeypatch)

    with pytest.raises(EmailNotConfirmed):
        await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))


async def test_without_that_guard_the_stranger_would_be_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await was_here_first(world)
    says(world.container.keeper(), STRANGER, monkeypatch)
    monkeypatch.setattr(sign_in, "_refusal", lambda *_: None)

    assert (await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))).account.email == ASHA


async def test_who_proved_the_address_gets_the_account_with_the_roles_that_it_has_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await was_here_first(world)
    says(world.container.keeper(), evolve(STRANGER, email_verified=True), monkeypatch)

    account = (await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))).account

    assert (account.id, account.login_id, account.roles) == (
        before.id,
        "a-stranger",
        frozenset({Role.USER, Role.ADMIN}),
    )


async def test_an_account_that_belongs_to_one_person_there_never_opens_for_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.person(email=ASHA)
    says(world.container.keeper(), evolve(STRANGER, email_verified=True), monkeypatch)

    with pytest.raises(SignInFailed):
        await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))

    monkeypatch.setattr(Account, "may_be", lambda *_: True)
    assert (await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))).account.email == ASHA


async def test_a_sign_up_that_was_not_heard_is_just_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    command = SignUpCommand(ASHA, "Asha Rao", PASSWORD)
    keeper = type(world.container.keeper())
    with monkeypatch.context() as deaf:
        deaf.setattr(keeper, "register", unheard)
        with pytest.raises(IdentityUnavailable):
            await world.deeds.sign_up(command)

    await world.deeds.sign_up(command)
    await world.deeds.confirm_by_code(ASHA, "493021")

    assert (await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))).account.email == ASHA


async def unheard(*_: Any, **__: Any) -> Any:
    raise IdentityUnavailable("the identity provider does not answer: try again in a moment")


async def test_a_reset_of_which_nobody_knows_whether_it_was_done_ends_every_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.person(email=ASHA)
    opened = await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))
    monkeypatch.setattr(type(world.container.keeper()), "finish_reset", unheard)

    with pytest.raises(IdentityUnavailable):
        await world.deeds.reset_by_code(ResetByCodeCommand(ASHA, "493021", OTHER))

    assert await world.deeds.authenticate(opened.secret) is None


async def test_what_cognito_did_not_hear_of_a_change_is_told_again(
    world: World, cognito: Cognito, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.person(email=ASHA)
    await world.settle()
    with monkeypatch.context() as deaf:
        deaf.setattr(type(world.container.keeper()), "follow", unheard)
        await world.deeds.administer_account.disable(world.operator, ASHA)
        await world.settle()
    assert cognito.is_enabled(ASHA)

    world.clock.advance(3_600)
    await world.settle()

    assert not cognito.is_enabled(ASHA)


async def test_short_codes_are_tried_ten_times_an_hour_and_no_more(world: World) -> None:
    for _ in range(10):
        with pytest.raises(Exception, match="code"):
            await world.deeds.confirm_by_code("nobody@example.com", "000000")

    with pytest.raises(LimitReached):
        await world.deeds.confirm_by_code("nobody@example.com", "000000")


async def test_a_session_that_is_open_needs_no_word_of_cognito(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.person(email=ASHA)
    opened = await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))
    keeper = type(world.container.keeper())
    for name in ("check", "answer", "follow", "register"):
        monkeypatch.setattr(keeper, name, unheard)

    assert await world.deeds.authenticate(opened.secret) is not None


async def halfway(world: World, cognito: Cognito) -> Actor:
    """Somebody who gave the password, and not yet the code of the app that Cognito knows."""
    await world.person(email=ASHA)
    cognito.set_up_app(ASHA, PASSWORD)
    opened = await world.deeds.sign_in(SignInCommand(ASHA, PASSWORD))
    actor = await world.deeds.authenticate(opened.secret)
    assert actor is not None
    assert actor.halfway is not None
    return actor


async def test_nobody_sets_up_a_factor_here_in_the_place_of_the_one_that_cognito_asks_for(
    world: World, cognito: Cognito, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = await halfway(world, cognito)

    with pytest.raises(SecondFactorRequired):
        await world.deeds.enrol_factors.begin_totp(actor)
    with pytest.raises(SecondFactorRequired):
        await world.deeds.own_factors(actor)

    monkeypatch.setattr(Account, "has_any_factor", False)
    assert (await world.deeds.enrol_factors.begin_totp(actor)).spelt


async def test_wrong_codes_make_the_next_one_wait_and_a_right_one_begins_anew(world: World, cognito: Cognito) -> None:
    actor = await halfway(world, cognito)
    for _ in range(6):
        with pytest.raises(FactorRefused):
            await world.deeds.step_up.with_factor(actor, Proof(cognito.wrong_code()))
    with pytest.raises(SignInLocked):
        await world.deeds.step_up.with_factor(actor, Proof(cognito.code()))

    world.clock.advance(10)
    opened = await world.deeds.step_up.with_factor(actor, Proof(cognito.code()))

    assert not opened.awaits_factor
    factors = await world.container.begin()().second_factors.get(opened.account.id)
    assert factors.guesses.wrong == 0


async def test_a_new_password_is_not_enough_where_cognito_asks_for_a_code_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto never asks for both in one sign-in: the second question is put into its mouth."""
    actor = await world.person(email=ASHA)
    given = await world.deeds.give_temporary_password(world.operator, ASHA)
    opened = await world.deeds.sign_in(SignInCommand(ASHA, given.password))
    changing = await world.deeds.authenticate(opened.secret)
    assert changing is not None
    login_id = opened.account.login_id
    asked = Check(
        fits=False,
        person=evolve(STRANGER, login_id=login_id),
        question=Question(QuestionKind.CODE, "the next question"),
    )

    async def answer(*_: Any) -> Check:
        return asked

    monkeypatch.setattr(type(world.container.keeper()), "answer", answer)
    opened = await world.deeds.change_password(changing, OTHER)

    assert opened.awaits_factor
    half = await world.deeds.authenticate(opened.secret)
    assert half is not None
    assert half.halfway is not None
    assert half.halfway.id == actor.signed_in().id
    stored = await world.container.begin()().sessions.get(secret_id(opened.secret))
    assert b"the next question" not in repr(stored.asked).encode()
    assert stored.asked is not None
    assert b"the next question" not in stored.asked.token


async def test_the_answer_of_somebody_else_opens_nothing(
    world: World, cognito: Cognito, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = await halfway(world, cognito)

    async def answer(*_: Any) -> Check:
        return Check(fits=True, person=STRANGER)

    monkeypatch.setattr(type(world.container.keeper()), "answer", answer)

    with pytest.raises(SignInFailed):
        await world.deeds.step_up.with_factor(actor, Proof("123456"))
