"""Being asked for the password again, while strangers guess at it."""

import pytest

from application.access import Actor
from application.errors import SignInFailed
from application.use_cases.sign_in import SignInCommand
from domain.account import Account
from domain.guesses import PasswordClosed, SignInLocked
from tests.support.second_steps import Person, sign_in
from tests.support.world import PASSWORD, World


async def besieged(world: World) -> tuple[Actor, Account, str]:
    """Somebody signed in, with the secret of the device, whose address strangers have used up."""
    person = await Person.new(world)
    device = (await sign_in(world, person.account)).kept.secret
    for number in range(200):
        world.clock.advance(16 * 60)
        try:
            await world.deeds.sign_in(SignInCommand(person.account.email, "a stranger's guess", f"192.0.2.{number}/32"))
        except SignInFailed:
            continue
        except PasswordClosed:
            break
    return await person.actor(), person.account, device


async def test_strangers_keep_nobody_from_confirming_on_a_known_device(world: World) -> None:
    actor, account, device = await besieged(world)

    confirmed = await world.deeds.step_up.with_password(actor, PASSWORD, device)

    assert confirmed.account.id == account.id


async def test_without_a_known_device_the_strangers_guesses_count(world: World) -> None:
    actor, _, _ = await besieged(world)

    with pytest.raises(PasswordClosed):
        await world.deeds.step_up.with_password(actor, PASSWORD)


async def test_guesses_in_a_stolen_session_are_counted_on_its_device_too(world: World) -> None:
    person = await Person.new(world)
    device = (await sign_in(world, person.account)).kept.secret
    actor = await person.actor()
    for _ in range(6):
        with pytest.raises(SignInFailed):
            await world.deeds.step_up.with_password(actor, "wrong wrong wrong wrong", device)

    with pytest.raises(SignInLocked):
        await world.deeds.step_up.with_password(actor, PASSWORD, device)
