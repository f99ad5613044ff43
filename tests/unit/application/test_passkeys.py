"""Passkeys, made and used by an authenticator in software against the real checks."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from application.access import Actor
from application.errors import FreshSignInRequired, SignInFailed
from application.factor_check import FactorCheck, Proof
from application.use_cases.passkey_sign_in import CHALLENGE_LIFE
from domain.errors import DomainError
from domain.second_factors import FactorExists, FactorKind, FactorRefused
from tests.support.second_steps import Person, sign_in
from tests.support.software_authenticator import SoftwareAuthenticator
from tests.support.world import World


async def register(person: Person, key: SoftwareAuthenticator, name: str = "My phone") -> None:
    deeds, actor = person.world.deeds, await person.actor()
    options = dict(await deeds.ask_passkey.to_register(actor))
    enrolled = await deeds.enrol_factors.add_passkey(actor, name, key.make(options))
    person.token = enrolled.signed_in.secret


async def with_passkey(world: World, **given: Any) -> tuple[Person, SoftwareAuthenticator]:
    person, key = await Person.new(world), SoftwareAuthenticator(**given)
    await register(person, key)
    return person, key


async def asked(world: World, actor: Actor) -> dict[str, Any]:
    return dict(await world.deeds.ask_passkey.to_prove(actor))


async def test_a_passkey_is_a_second_step(world: World) -> None:
    person, key = await with_passkey(world, verifies=False)
    half = await person.half()
    options = await asked(world, half)
    assert [known["id"] for known in options["allowCredentials"]] == [key.make(options)["id"]]

    whole = await world.deeds.step_up.with_factor(half, Proof(passkey=key.sign(options)))

    assert (await person.actor(whole.secret)).signed_in().id == person.account.id
    assert (await world.deeds.step_up.state(await person.actor())).kinds == (
        FactorKind.PASSKEY,
        FactorKind.RECOVERY_CODE,
    )


async def test_a_passkey_that_verifies_its_user_signs_in_alone(world: World) -> None:
    person, key = await with_passkey(world)

    signed_in = await world.deeds.sign_in_by_passkey(key.sign(dict(await world.deeds.ask_passkey.to_sign_in())))

    assert (await person.actor(signed_in.secret)).signed_in().id == person.account.id


async def test_a_passkey_that_asks_nobody_is_no_whole_sign_in(world: World) -> None:
    _, key = await with_passkey(world, verifies=False)

    with pytest.raises(SignInFailed):
        await world.deeds.sign_in_by_passkey(key.sign(dict(await world.deeds.ask_passkey.to_sign_in())))


async def test_without_asking_for_verification_it_would_be_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    _, key = await with_passkey(world, verifies=False)
    passkeys = world.container.passkeys()
    real = type(passkeys).used
    monkeypatch.setattr(type(passkeys), "used", lambda *given, alone: real(*given, alone=alone and False))

    await world.deeds.sign_in_by_passkey(key.sign(dict(await world.deeds.ask_passkey.to_sign_in())))


async def test_an_unknown_passkey_opens_nothing(world: World) -> None:
    await with_passkey(world)

    with pytest.raises(SignInFailed):
        await world.deeds.sign_in_by_passkey(
            SoftwareAuthenticator().sign(dict(await world.deeds.ask_passkey.to_sign_in()))
        )


async def test_of_fifty_who_give_one_answer_at_once_one_gets_in(world: World) -> None:
    _, key = await with_passkey(world)
    answer = key.sign(dict(await world.deeds.ask_passkey.to_sign_in()))

    results = await asyncio.gather(*(world.deeds.sign_in_by_passkey(answer) for _ in range(50)), return_exceptions=True)

    assert sum(not isinstance(result, Exception) for result in results) == 1


async def test_a_challenge_is_for_one_session_and_a_while(world: World) -> None:
    person, key = await with_passkey(world)
    mine, other = await person.half(), await person.half()
    answer = key.sign(await asked(world, mine))

    with pytest.raises(FactorRefused):
        await world.deeds.step_up.with_factor(other, Proof(passkey=answer))
    with pytest.raises(FactorRefused):
        await world.deeds.sign_in_by_passkey(answer)
    world.clock.advance(CHALLENGE_LIFE)
    with pytest.raises(FactorRefused):
        await world.deeds.step_up.with_factor(mine, Proof(passkey=answer))
    await world.deeds.step_up.with_factor(mine, Proof(passkey=key.sign(await asked(world, mine))))


async def test_without_its_binding_another_session_could_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    person, key = await with_passkey(world)
    mine, other = await person.half(), await person.half()
    real = FactorCheck.take_challenge
    bound = mine.session.id if mine.session else ""

    async def careless(check: FactorCheck, work: Any, answer: Any, purpose: Any, _session_id: str) -> str:
        return await real(check, work, answer, purpose, bound)

    answer = key.sign(await asked(world, mine))
    monkeypatch.setattr(FactorCheck, "take_challenge", careless)

    await world.deeds.step_up.with_factor(other, Proof(passkey=answer))


def _from_elsewhere(key: SoftwareAuthenticator) -> None:
    key.origin = "https://evil.example"


def _for_another_host(key: SoftwareAuthenticator) -> None:
    key.host = "evil.example"


def _copied(key: SoftwareAuthenticator) -> None:
    key.count = 0


@pytest.mark.parametrize("spoil", [_from_elsewhere, _for_another_host, _copied])
async def test_what_is_not_right_in_every_respect_is_refused(
    world: World, spoil: Callable[[SoftwareAuthenticator], None]
) -> None:
    person, key = await with_passkey(world)
    for _ in range(2):
        half = await person.half()
        await world.deeds.step_up.with_factor(half, Proof(passkey=key.sign(await asked(world, half))))
    spoil(key)
    half = await person.half()

    with pytest.raises(FactorRefused):
        await world.deeds.step_up.with_factor(half, Proof(passkey=key.sign(await asked(world, half))))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"response": None},
        {"id": 5, "response": {"clientDataJSON": "e30"}},
        {"id": "x", "response": {"clientDataJSON": "%%%"}},
        {"id": "x", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiA1fQ"}},
        {"id": "x" * 5_000, "response": {"clientDataJSON": "e30"}},
    ],
)
async def test_nonsense_is_refused_in_words(world: World, answer: dict[str, Any]) -> None:
    person, _ = await with_passkey(world)
    half, whole = await person.half(), await person.actor()

    for deed in (
        lambda: world.deeds.step_up.with_factor(half, Proof(passkey=answer)),
        lambda: world.deeds.sign_in_by_passkey(answer),
        lambda: world.deeds.enrol_factors.add_passkey(whole, "x", answer),
    ):
        with pytest.raises(DomainError):
            await deed()


async def test_several_passkeys_are_named_and_removed_one_by_one(world: World) -> None:
    person, first = await with_passkey(world)
    second = SoftwareAuthenticator()
    await register(person, second, "Key on my ring")
    found = (await world.deeds.own_factors(await person.actor())).factors
    assert [passkey.name for passkey in found.passkeys] == ["My phone", "Key on my ring"]

    person.token = (await world.deeds.enrol_factors.remove(await person.actor(), found.passkeys[0].id)).secret

    with pytest.raises(SignInFailed):
        await world.deeds.sign_in_by_passkey(first.sign(dict(await world.deeds.ask_passkey.to_sign_in())))
    await world.deeds.sign_in_by_passkey(second.sign(dict(await world.deeds.ask_passkey.to_sign_in())))


async def test_a_passkey_belongs_to_one_account(world: World) -> None:
    _, key = await with_passkey(world)
    other = await Person.new(world)

    with pytest.raises(FactorExists):
        await register(other, key)
    assert not (await sign_in(world, other.account)).awaits_factor


async def test_a_removed_passkey_may_be_added_again(world: World) -> None:
    person, key = await with_passkey(world)
    await world.deeds.administer_factors.remove(world.operator, person.account.id)
    person.token = (await sign_in(world, person.account)).secret

    await register(person, key)


async def test_passkeys_are_added_in_fresh_sessions_only(world: World) -> None:
    person = await Person.new(world)
    world.clock.advance(900)

    with pytest.raises(FreshSignInRequired):
        await register(person, SoftwareAuthenticator())


async def test_an_authenticator_that_does_not_count_is_taken(world: World) -> None:
    _, key = await with_passkey(world, counts=False)

    for _ in range(2):
        await world.deeds.sign_in_by_passkey(key.sign(dict(await world.deeds.ask_passkey.to_sign_in())))


async def test_challenges_whose_time_is_over_are_forgotten(world: World) -> None:
    await world.deeds.ask_passkey.to_sign_in()
    world.clock.advance(CHALLENGE_LIFE * 2)

    forget = next(job.run for job in world.deeds.jobs.jobs if job.name == "forget")

    assert await forget() == 1
