"""Sessions that are ended by many at once."""

import asyncio
from pathlib import Path

import pytest

from application import opening
from application.access import Actor
from application.errors import FreshSignInRequired, NotFound, SignInRequired
from application.opening import SignedIn
from application.use_cases.end_sessions import EVERYBODY
from domain.account import NotAllowed, Role
from tests.support.key_people import person
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.of(tmp_path)


async def _all_at_once(world: World, actor: Actor) -> list[SignedIn]:
    asked = [world.deeds.end_own_sessions.others(actor) for _ in range(50)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    won = [one for one in done if isinstance(one, SignedIn)]
    assert {type(one) for one in done} <= {SignedIn, SignInRequired}
    return won


async def test_of_fifty_who_sign_out_everywhere_else_at_once_one_goes_on(every_world: World) -> None:
    won = await _all_at_once(every_world, await person(every_world))

    assert len(won) == 1
    assert await every_world.deeds.authenticate(won[0].secret) is not None


async def test_everybody_is_signed_out_by_several_at_once_on_every_store(every_world: World) -> None:
    actor = await person(every_world)
    asked = [every_world.deeds.sign_everybody_out(every_world.operator, EVERYBODY) for _ in range(3)]

    assert sorted(one.era for one in await asyncio.gather(*asked)) == [1, 2, 3]
    with pytest.raises(SignInRequired):
        await every_world.deeds.end_own_sessions.others(actor)


async def test_one_session_ended_fifty_times_at_once_is_over(world: World) -> None:
    actor = await person(world)
    [here] = await world.deeds.own_sessions(actor)
    asked = [world.deeds.end_own_sessions.one(actor, here.session.name) for _ in range(50)]

    assert set(await asyncio.gather(*asked)) == {True}
    assert await world.deeds.own_sessions(actor) == []
    with pytest.raises(NotFound):
        await world.deeds.end_own_sessions.one(actor, here.session.name)


async def test_a_session_that_was_ended_does_not_sign_out_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    thief = await person(world)
    await world.deeds.administer_account.sign_out(world.operator, thief.name)
    with pytest.raises(SignInRequired):
        await world.deeds.end_own_sessions.others(thief)

    monkeypatch.setattr(opening, "is_of_now", lambda *_: True)

    signed_in = await world.deeds.end_own_sessions.others(thief)
    assert signed_in.account.id == thief.name, "a negative control"


async def test_only_a_superadministrator_who_signed_in_just_now_signs_everybody_out(world: World) -> None:
    admin, root = await person(world, Role.ADMIN), await person(world, Role.SUPERADMIN)
    with pytest.raises(NotAllowed):
        await world.deeds.sign_everybody_out(admin, EVERYBODY)

    world.clock.advance(16 * 60)

    with pytest.raises(FreshSignInRequired):
        await world.deeds.sign_everybody_out(root, EVERYBODY)
