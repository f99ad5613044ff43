"""API keys: who makes them, how long they open something, and what becomes of them when they are rotated."""

from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import FreshSignInRequired, KeyNotLetIn, NotFound, SignInRequired, TooManyKeys
from application.queries.api_keys import KeyStanding
from application.records import TeamRole
from application.use_cases.api_keys import KEYS_MAX, KeyPlan
from domain.account import AccountDisabled, Role
from domain.errors import InvalidValue
from tests.support.key_people import PLAN, made, opens, person
from tests.support.world import World

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.of(tmp_path)


async def test_a_program_acts_for_the_person_who_made_its_key(world: World) -> None:
    owner = await person(world, Role.ORGANIZER)
    new = await made(world, owner=owner)

    actor = await world.deeds.authenticate(new.secret)

    assert actor is not None
    assert (actor.name, actor.way, actor.session) == (owner.name, f"key/{new.key.id}", None)
    assert actor.has(Role.ORGANIZER)
    assert not actor.has(Role.ADMIN)
    await world.container.seen().settle()


async def test_nothing_that_is_stored_holds_the_secret(world: World) -> None:
    new = await made(world)
    stored = await world.container.begin()().api_keys.get(new.key.id)

    assert new.secret not in str(evolve(stored, version=0)) + stored.secret_hash
    assert new.secret[-59:] not in stored.secret_hash
    assert new.secret not in repr(new)


@pytest.mark.parametrize("days", [1, 90, 365])
async def test_a_key_opens_until_its_term_ends_and_no_longer(world: World, days: int) -> None:
    new = await made(world, evolve(PLAN, days=days))
    world.clock.advance(timedelta(days=days) - SECOND)
    assert await opens(world, new.secret)

    world.clock.advance(SECOND)

    assert not await opens(world, new.secret)


@pytest.mark.parametrize("plan", [evolve(PLAN, days=366), evolve(PLAN, days=0), evolve(PLAN, scopes=())])
async def test_a_key_without_end_or_scope_is_not_made(world: World, plan: KeyPlan) -> None:
    with pytest.raises(InvalidValue):
        await made(world, plan)


async def test_a_key_is_made_with_a_fresh_sign_in_only_and_never_by_another_key(world: World) -> None:
    owner = await person(world)
    new = await made(world, owner=owner)
    program = Actor.program(owner.signed_in(), new.key)
    with pytest.raises(KeyNotLetIn):
        await made(world, owner=program)
    with pytest.raises(KeyNotLetIn):
        await world.deeds.rotate_api_key(program, new.key.id)
    with pytest.raises(KeyNotLetIn):
        await world.deeds.revoke_api_key(program, new.key.id)

    world.clock.advance(timedelta(minutes=16))

    with pytest.raises(FreshSignInRequired):
        await made(world, owner=owner)


async def test_a_session_that_ended_meanwhile_makes_no_key(world: World) -> None:
    owner = await person(world)
    await world.deeds.administer_account.sign_out(world.operator, owner.name)

    with pytest.raises(SignInRequired):
        await made(world, owner=owner)


async def test_a_person_has_so_many_live_keys_at_most(world: World) -> None:
    owner = await person(world)
    keys = [await made(world, owner=owner) for _ in range(KEYS_MAX)]
    with pytest.raises(TooManyKeys):
        await made(world, owner=owner)

    await world.deeds.revoke_api_key(owner, keys[0].key.id)

    assert await opens(world, (await made(world, owner=owner)).secret)


async def test_an_operator_makes_keys_for_others_but_not_for_who_is_disabled(world: World) -> None:
    owner = (await world.person()).signed_in()
    new = await made(world, evolve(PLAN, owner=owner.email), owner=world.operator)
    assert new.key.account_id == owner.id
    await world.deeds.administer_account.disable(world.operator, owner.id)

    with pytest.raises(AccountDisabled):
        await made(world, evolve(PLAN, owner=owner.id), owner=world.operator)


async def test_a_key_for_an_event_is_for_whoever_has_something_to_do_there(world: World) -> None:
    event = await world.event()
    stranger = await person(world)
    plan = evolve(PLAN, event_id=event.id)
    for event_id in (event.id, "evt_" + "0" * 26):
        with pytest.raises(NotFound):
            await made(world, evolve(PLAN, event_id=event_id), owner=stranger)

    await world.let(event, stranger, TeamRole.DOOR)

    assert (await made(world, plan, owner=stranger)).key.event_id == event.id


async def test_a_last_use_is_written_down_every_ten_minutes(world: World) -> None:
    owner = await person(world)
    new = await made(world, owner=owner)
    for _ in range(25):
        world.clock.advance(60)
        assert await opens(world, new.secret)

    listed = (await world.deeds.api_keys.own(owner, None, 20)).items
    stored = await world.container.begin()().api_keys.get(new.key.id)

    assert stored.version == 4
    assert [one.key.used_at for one in listed] == [new.key.created_at + timedelta(minutes=21)]


async def test_a_list_tells_what_each_key_is_good_for(world: World) -> None:
    owner = await person(world)
    names = {}
    for standing in (KeyStanding.REVOKED, KeyStanding.EXPIRED, KeyStanding.ACTIVE):
        names[
            (await made(world, evolve(PLAN, days=1 if standing is KeyStanding.EXPIRED else 30), owner=owner)).key.id
        ] = standing
    await world.deeds.revoke_api_key(owner, next(iter(names)))
    world.clock.advance(timedelta(days=2))

    listed = (await world.deeds.api_keys.own(owner, None, 20)).items
    assert {one.key.id: one.standing for one in listed} == names
    await world.deeds.administer_account.sign_out(world.operator, owner.name)

    everybodys = (await world.deeds.api_keys.list(world.operator, "", None, 20)).items
    assert KeyStanding.ENDED in {one.standing for one in everybodys}
    assert KeyStanding.ACTIVE not in {one.standing for one in everybodys}


async def test_expired_keys_are_forgotten_after_a_while(world: World) -> None:
    new = await made(world, evolve(PLAN, days=1))
    world.clock.advance(timedelta(days=91, seconds=1))
    assert (await world.deeds.jobs.run_once())["forget"] > 0

    assert await world.container.begin()().api_keys.find(new.key.id) is None
