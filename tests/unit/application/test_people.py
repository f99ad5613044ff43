"""Accounts: who can sign in, and what they may do to each other."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from application.access import Actor
from application.errors import (
    AlreadyExists,
    EmailNotConfirmed,
    NotFound,
    PasswordRefused,
    SignInFailed,
    SignInRequired,
    TokenInvalid,
)
from application.use_cases.apply_for_kyc import AlreadyApplied
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.reset_password import ResetPasswordCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.account import Account, AccountDisabled, LastSuperAdmin, NotAllowed, Role
from domain.errors import InvalidValue
from domain.event import PublishingNeedsApproval
from domain.guesses import PasswordClosed, SignInLocked
from domain.kyc import KycDecided
from tests.support.world import PASSWORD, World

ANA = SignUpCommand("ana@example.com", "Ana", PASSWORD)


async def sign_in(world: World, email: str = "ana@example.com", password: str = PASSWORD) -> str:
    return (await world.deeds.sign_in(SignInCommand(email, password))).secret


async def newest_token(world: World, address: str) -> str:
    await world.settle()
    found = re.search(r"token=([A-Za-z0-9_-]+)", world.mailbox.to(address)[-1].text)
    assert found, "the mail has a link"
    return found[1]


async def signed_up(world: World) -> str:
    """A confirmed Ana, signed in."""
    await world.deeds.sign_up(ANA)
    await world.deeds.confirm_email(await newest_token(world, ANA.email))
    return await sign_in(world)


async def test_an_address_is_confirmed_before_it_signs_in(every_world: World) -> None:
    world = every_world
    await world.deeds.sign_up(ANA)

    with pytest.raises(EmailNotConfirmed):
        await sign_in(world)
    await world.deeds.confirm_email(await newest_token(world, ANA.email))

    actor = await world.deeds.authenticate(await sign_in(world, "  ANA@Example.com "))
    assert actor is not None
    assert actor.signed_in().name == "Ana"


async def test_a_known_address_is_told_by_mail_and_to_nobody_else(every_world: World) -> None:
    world = every_world
    await signed_up(world)

    await world.deeds.sign_up(SignUpCommand("ANA@example.com", "Mallory", "another long password here"))
    await world.settle()

    assert "already" in world.mailbox.to(ANA.email)[-1].text.lower()
    with pytest.raises(SignInFailed):
        await sign_in(world, password="another long password here")


async def test_a_link_works_once_even_at_the_same_moment(every_world: World) -> None:
    world = every_world
    await world.deeds.sign_up(ANA)
    token = await newest_token(world, ANA.email)

    results = await asyncio.gather(*(world.deeds.confirm_email(token) for _ in range(50)), return_exceptions=True)

    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {TokenInvalid}


@pytest.mark.parametrize("spoil", [lambda t: t + " ", lambda t: t[:-1], lambda _: "", lambda t: t.swapcase()])
async def test_a_link_has_one_spelling_and_an_end(world: World, spoil: Callable[[str], str]) -> None:
    await world.deeds.sign_up(ANA)
    token = await newest_token(world, ANA.email)

    with pytest.raises(TokenInvalid):
        await world.deeds.confirm_email(spoil(token))
    world.clock.advance(timedelta(hours=24))
    with pytest.raises(TokenInvalid):
        await world.deeds.confirm_email(token)


async def test_a_reset_sets_a_new_password_and_ends_every_session(world: World) -> None:
    session = await signed_up(world)
    await world.deeds.ask_for_reset(ANA.email)
    token = await newest_token(world, ANA.email)

    await world.deeds.reset_password(ResetPasswordCommand(token, "an entirely new password"))

    assert await world.deeds.authenticate(session) is None
    with pytest.raises(SignInFailed):
        await sign_in(world)
    assert await sign_in(world, password="an entirely new password")
    with pytest.raises(TokenInvalid):
        await world.deeds.reset_password(ResetPasswordCommand(token, "yet another password"))


async def test_a_reset_link_does_not_confirm_nor_the_other_way_round(world: World) -> None:
    await world.deeds.sign_up(ANA)
    token = await newest_token(world, ANA.email)

    with pytest.raises(TokenInvalid):
        await world.deeds.reset_password(ResetPasswordCommand(token, "an entirely new password"))


async def test_an_unknown_address_gets_silence(world: World) -> None:
    await world.deeds.ask_for_reset("nobody@example.com")
    await world.deeds.resend_confirmation("nobody@example.com")
    await world.settle()

    assert world.mailbox.mails == []


async def test_wrong_passwords_make_the_account_wait_longer_and_longer(world: World) -> None:
    await signed_up(world)
    for _ in range(6):
        with pytest.raises(SignInFailed):
            await sign_in(world, password="wrong wrong wrong wrong")

    with pytest.raises(SignInLocked):
        await sign_in(world)
    world.clock.advance(timedelta(seconds=2))
    assert await sign_in(world)

    tried = 0
    began = world.clock.now()
    while world.clock.now() - began < timedelta(days=1):
        try:
            await sign_in(world, password="wrong wrong wrong wrong")
        except SignInFailed:
            tried += 1
        except SignInLocked:
            world.clock.advance(timedelta(minutes=1))
        except PasswordClosed:
            break
    assert tried == 100


@pytest.mark.parametrize("password", ["", "short", "fourteen chars", "a" * 30, "abababababababab", "x" * 1025])
async def test_a_poor_password_is_refused(world: World, password: str) -> None:
    with pytest.raises(PasswordRefused):
        await world.deeds.sign_up(SignUpCommand("b@example.com", "B", password))


@pytest.mark.parametrize("email", ["", "ana", "@example.com", "ana@", "a b@example.com", "a@b", "ana@exa\nmple.com"])
async def test_what_is_no_address_is_refused(world: World, email: str) -> None:
    with pytest.raises(InvalidValue):
        await world.deeds.sign_up(SignUpCommand(email, "Ana", PASSWORD))


async def test_a_session_ends_by_time_by_sign_out_and_by_any_change_of_security(world: World) -> None:
    operator, administer = world.operator, world.deeds.administer_account
    secret = await signed_up(world)
    await world.deeds.sign_out(secret)
    assert await world.deeds.authenticate(secret) is None

    changes: list[Callable[[], Awaitable[Account]]] = [
        lambda: administer.sign_out(operator, ANA.email),
        lambda: administer.grant(operator, ANA.email, Role.ORGANIZER),
        lambda: administer.revoke(operator, ANA.email, Role.ORGANIZER),
        lambda: administer.disable(operator, ANA.email),
    ]
    for change in changes:
        secret = await sign_in(world)
        assert await world.deeds.authenticate(secret) is not None
        await change()
        assert await world.deeds.authenticate(secret) is None

    with pytest.raises(AccountDisabled):
        await sign_in(world)
    await administer.enable(operator, ANA.email)
    secret = await sign_in(world)
    world.clock.advance(timedelta(days=30))
    assert await world.deeds.authenticate(secret) is None


@pytest.mark.parametrize("secret", ["", "x", "0" * 69, "\ud800" * 3])
async def test_a_made_up_secret_is_nobody(world: World, secret: str) -> None:
    assert await world.deeds.authenticate(secret) is None


async def test_an_organizer_is_made_by_somebody_else(every_world: World) -> None:
    world = every_world
    admin, other = await world.person(Role.ADMIN), await world.person(Role.ADMIN)
    applicant = await world.person(email="ana@example.com")
    request = await world.apply(applicant)
    with pytest.raises(AlreadyApplied):
        await world.apply(applicant)
    yes = DecideKycCommand(request.id, Decision.APPROVE, "seen in person")

    with pytest.raises(NotAllowed):
        await world.deeds.decide_kyc(applicant, yes)
    await world.deeds.decide_kyc(admin, yes)
    await world.deeds.decide_kyc(other, yes)
    with pytest.raises(KycDecided):
        await world.deeds.decide_kyc(other, DecideKycCommand(request.id, Decision.REJECT, "not the same person"))

    account = await world.deeds.accounts.show(admin, applicant.name)
    assert account.may_publish(world.clock.now())
    own = await world.apply(admin)
    with pytest.raises(NotAllowed):
        await world.deeds.decide_kyc(admin, DecideKycCommand(own.id, Decision.APPROVE, "it is me"))


async def test_publishing_needs_an_approved_organizer(world: World) -> None:
    unapproved = await world.person(Role.ORGANIZER)
    event = await world.event(unapproved, published=False)

    with pytest.raises(PublishingNeedsApproval):
        await world.deeds.move_event.publish(unapproved, event.id)
    with pytest.raises(PublishingNeedsApproval):
        await world.deeds.move_event.publish(await world.person(Role.ADMIN), event.id)


async def test_nobody_raises_themselves_nor_those_above(world: World) -> None:
    top, admin, user = await world.person(Role.SUPERADMIN), await world.person(Role.ADMIN), await world.person()
    grant, revoke = world.deeds.administer_account.grant, world.deeds.administer_account.revoke

    for actor, whom, role in [
        (user, admin.name, Role.ADMIN),
        (admin, admin.name, Role.SUPERADMIN),
        (admin, user.name, Role.ADMIN),
        (top, top.name, Role.ORGANIZER),
    ]:
        with pytest.raises(NotAllowed):
            await grant(actor, whom, role)
    with pytest.raises(NotAllowed):
        await revoke(admin, top.name, Role.SUPERADMIN)
    with pytest.raises(SignInRequired):
        await grant(Actor.anonymous(), user.name, Role.ADMIN)
    assert (await grant(admin, user.name, Role.ORGANIZER)).has(Role.ORGANIZER)
    assert (await grant(top, user.name, Role.ADMIN)).has(Role.ADMIN)


async def test_two_superadmins_cannot_remove_each_other_at_once(every_world: World) -> None:
    world = every_world
    one, two = await world.person(Role.SUPERADMIN), await world.person(Role.SUPERADMIN)
    administer = world.deeds.administer_account

    results = await asyncio.gather(
        administer.revoke(one, two.name, Role.SUPERADMIN),
        administer.revoke(two, one.name, Role.SUPERADMIN),
        return_exceptions=True,
    )

    assert sum(isinstance(result, LastSuperAdmin) for result in results) == 1
    with pytest.raises(LastSuperAdmin):
        await world.deeds.erase_account(world.operator, one.name if isinstance(results[1], Exception) else two.name)


async def test_a_deleted_person_is_forgotten_and_the_address_is_free(every_world: World) -> None:
    world = every_world
    await signed_up(world)
    deleted = await world.deeds.erase_account(world.operator, ANA.email)

    assert "ana" not in f"{deleted.email}{deleted.name}".lower()
    with pytest.raises(NotFound):
        await world.deeds.accounts.show(world.operator, ANA.email)
    with pytest.raises(SignInFailed):
        await sign_in(world)
    assert await signed_up(world)


async def test_an_operators_account_needs_a_free_address(world: World) -> None:
    await world.person(email="taken@example.com")

    with pytest.raises(AlreadyExists):
        await world.person(email="TAKEN@example.com")
