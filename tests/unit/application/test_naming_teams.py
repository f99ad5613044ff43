"""Who names a co-organizer lets somebody give money back: for that a password was given just now."""

from typing import Any

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import FreshSignInRequired, NotFound
from application.records import TeamRole
from tests.support.world import World


def _since_long(actor: Actor) -> Actor:
    assert actor.session is not None
    return evolve(actor, session=evolve(actor.session, fresh_until=None))


async def test_a_stale_session_names_door_staff_and_no_co_organizer(world: World) -> None:
    owner = await world.organizer()
    event, stale = await world.event(owner), _since_long(owner)

    await world.deeds.invite_to_team(stale, event.id, "door@example.com", TeamRole.DOOR)
    with pytest.raises(FreshSignInRequired):
        await world.deeds.invite_to_team(stale, event.id, "partner@example.com", TeamRole.CO_ORGANIZER)

    await world.deeds.invite_to_team(owner, event.id, "partner@example.com", TeamRole.CO_ORGANIZER)


async def test_strangers_are_not_asked_to_confirm_what_is_not_there_for_them(world: World) -> None:
    event, stranger = await world.event(), _since_long(await world.organizer())

    with pytest.raises(NotFound):
        await world.deeds.invite_to_team(stranger, event.id, "partner@example.com", TeamRole.CO_ORGANIZER)


async def test_without_the_question_a_stolen_session_names_a_co_organizer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unasked(_actor: Actor, _at: Any) -> None:
        return None

    monkeypatch.setattr(Actor, "check_fresh", unasked)
    owner = await world.organizer()
    event = await world.event(owner)

    asked = await world.deeds.invite_to_team(_since_long(owner), event.id, "thief@example.com", TeamRole.CO_ORGANIZER)

    assert asked.role is TeamRole.CO_ORGANIZER
