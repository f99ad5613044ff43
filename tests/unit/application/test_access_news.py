"""Whoever can open an account hears of it when something else does, or nothing any more."""

import pytest

from application.reactions import mail_access
from application.use_cases.api_keys import KeyPlan
from application.use_cases.reset_password import ResetPasswordCommand
from domain.api_key import Scope
from tests.support.second_steps import Person
from tests.support.world import World
from tests.unit.application.test_people import newest_token

OTHER = "four other plain words"


async def _subjects(world: World, person: Person) -> list[str]:
    await world.settle()
    return [mail.subject for mail in world.mailbox.to(person.account.email)]


async def test_a_password_chosen_while_signed_in_is_told(world: World) -> None:
    person = await Person.new(world)
    await world.deeds.change_password(await person.actor(), OTHER)

    assert "Your password was changed" in await _subjects(world, person)


async def test_a_password_chosen_through_a_mail_is_told(world: World) -> None:
    person = await Person.new(world)
    await world.deeds.ask_for_reset(person.account.email)
    token = await newest_token(world, person.account.email)
    await world.deeds.reset_password(ResetPasswordCommand(token, OTHER))

    assert "Your password was changed" in await _subjects(world, person)


async def test_a_temporary_password_is_told_without_the_password(world: World) -> None:
    person = await Person.new(world)
    given = await world.deeds.give_temporary_password(world.operator, person.account.id)

    assert "You were given a temporary password" in await _subjects(world, person)
    assert all(given.password not in mail.text for mail in world.mailbox.to(person.account.email))


async def test_the_owner_of_a_key_that_was_found_is_told_once_and_not_the_key(world: World) -> None:
    person = await Person.new(world)
    new = await world.deeds.create_api_key(await person.actor(), KeyPlan("Shop", (Scope.EVENTS_READ,)))
    for _ in range(2):
        await world.deeds.report_leaked_key(new.secret)

    assert (await _subjects(world, person)).count("One of your API keys was found in public") == 1
    assert all(new.secret not in mail.text for mail in world.mailbox.to(person.account.email))


async def test_without_the_letter_a_password_is_replaced_in_silence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        return None

    monkeypatch.setattr(mail_access.MailAccessChange, "__call__", silent)
    person = await Person.new(world)
    await world.deeds.give_temporary_password(world.operator, person.account.id)

    assert not await _subjects(world, person)
