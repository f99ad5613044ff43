"""Invitations to work at an event: asked by mail, accepted once, by whom they were sent to."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from application.access import Actor
from application.errors import NotFound, TokenInvalid
from application.ports.store import Listing, Page
from application.records import TeamRole
from application.records_of_kind import Records
from application.use_cases.edit_event import EventEdit
from application.use_cases.event_team import INVITATION_LIFE
from application.use_cases.sign_up import SignUpCommand
from domain.account import NotAllowed
from domain.event import Event
from domain.rate_limit import LimitReached
from tests.support.mailed_links import link_in
from tests.support.world import PASSWORD, World

HELPER = "helper@example.com"


async def _asked(world: World, event: Event, owner: Actor, role: TeamRole = TeamRole.CO_ORGANIZER) -> str:
    await world.deeds.invite_to_team(owner, event.id, HELPER, role)
    await world.settle()
    return link_in(world, HELPER, "join-team")


async def _event(world: World) -> tuple[Actor, Event]:
    owner = await world.organizer()
    return owner, await world.event(owner)


async def test_who_accepts_has_the_role_and_one_record_says_so(world: World) -> None:
    owner, event = await _event(world)
    helper = await world.person(email=HELPER)
    secret = await _asked(world, event, owner)
    with pytest.raises(NotFound):
        await world.deeds.edit_event(helper, event.id, EventEdit(title="Other"))

    granted = await world.deeds.join_team(helper, secret)

    assert (granted.account_id, granted.role, granted.granted_by) == (helper.name, TeamRole.CO_ORGANIZER, owner.name)
    assert (await world.deeds.edit_event(helper, event.id, EventEdit(title="Other"))).title == "Other"
    assert not (await world.deeds.teams.invitations(owner, event.id, None, 10)).items
    joined: Page[Any] = await world.container.store().list(Listing("audit", "by_subject", event.id))
    assert [record.actor for record in joined.items if record.action == "event.team.join"] == [helper.name]


async def test_fifty_uses_of_one_link_at_once_are_one(every_world: World) -> None:
    world = every_world
    owner, event = await _event(world)
    helper = await world.person(email=HELPER)
    secret = await _asked(world, event, owner)

    answers = await asyncio.gather(*(world.deeds.join_team(helper, secret) for _ in range(50)), return_exceptions=True)

    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, TokenInvalid) for answer in answers) == 49


async def test_an_invitation_that_is_not_deleted_would_be_accepted_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control of the one above."""
    monkeypatch.setattr(Records, "delete", lambda *_: None)
    owner, event = await _event(world)
    helper = await world.person(email=HELPER)
    secret = await _asked(world, event, owner)

    for _ in range(2):
        assert (await world.deeds.join_team(helper, secret)).role is TeamRole.CO_ORGANIZER


async def test_an_address_without_an_account_gets_the_same_answer_and_can_sign_up_first(world: World) -> None:
    owner, event = await _event(world)
    known = await world.person(email="known@example.com")

    unknown_asked = await world.deeds.invite_to_team(owner, event.id, "Helper@Example.com", TeamRole.DOOR)
    known_asked = await world.deeds.invite_to_team(owner, event.id, "known@example.com", TeamRole.DOOR)
    await world.settle()

    assert (unknown_asked.role, unknown_asked.expires_at) == (known_asked.role, known_asked.expires_at)
    assert len(world.mailbox.to(HELPER)) == len(world.mailbox.to("known@example.com")) == 1
    await world.deeds.sign_up(SignUpCommand(HELPER, "Hana", PASSWORD))
    await world.settle()
    account = await world.deeds.confirm_email(link_in(world, HELPER, "confirm-email"))
    await world.deeds.join_team(Actor.person(account), link_in(world, HELPER, "join-team"))
    assert [member.name for member in (await world.deeds.teams.members(owner, event.id, None, 10)).items] == ["Hana"]
    assert known.signed_in().email not in {
        member.email for member in (await world.deeds.teams.members(owner, event.id, None, 10)).items
    }


async def test_a_link_is_of_no_use_to_anybody_else_and_is_not_used_up_by_them(world: World) -> None:
    owner, event = await _event(world)
    helper, thief = await world.person(email=HELPER), await world.person()
    secret = await _asked(world, event, owner)

    with pytest.raises(NotAllowed):
        await world.deeds.join_team(thief, secret)

    assert (await world.deeds.join_team(helper, secret)).account_id == helper.name


async def test_an_invitation_ends_after_seven_days(world: World) -> None:
    owner, event = await _event(world)
    helper = await world.person(email=HELPER)
    secret = await _asked(world, event, owner)

    world.clock.advance(INVITATION_LIFE - timedelta(seconds=1))
    assert (await world.deeds.teams.invitations(owner, event.id, None, 10)).items
    world.clock.advance(timedelta(seconds=1))

    with pytest.raises(TokenInvalid):
        await world.deeds.join_team(helper, secret)
    assert not (await world.deeds.teams.invitations(owner, event.id, None, 10)).items
    world.clock.advance(timedelta(seconds=1))
    assert (await world.deeds.jobs.run_once())["forget"] >= 2, "the link and the invitation"


async def test_a_withdrawn_invitation_opens_nothing(world: World) -> None:
    owner, event = await _event(world)
    helper = await world.person(email=HELPER)
    secret = await _asked(world, event, owner)
    [waiting] = (await world.deeds.teams.invitations(owner, event.id, None, 10)).items

    await world.deeds.leave_team.uninvite(owner, event.id, waiting.id)

    with pytest.raises(TokenInvalid):
        await world.deeds.join_team(helper, secret)


async def test_a_co_organizer_asks_for_door_staff_and_touches_no_invitation_of_a_co_organizer(world: World) -> None:
    owner, event = await _event(world)
    helper = await world.person()
    await world.let(event, helper, TeamRole.CO_ORGANIZER)
    asked = await world.deeds.invite_to_team(owner, event.id, HELPER, TeamRole.CO_ORGANIZER)

    with pytest.raises(NotAllowed):
        await world.deeds.invite_to_team(helper, event.id, HELPER, TeamRole.DOOR)
    with pytest.raises(NotAllowed):
        await world.deeds.leave_team.uninvite(helper, event.id, asked.id)

    assert (await world.deeds.teams.invitations(owner, event.id, None, 10)).items == (asked,)


async def test_an_invitation_to_the_door_lessens_nobody(world: World) -> None:
    owner, event = await _event(world)
    helper = await world.person(email=HELPER)
    await world.let(event, helper, TeamRole.CO_ORGANIZER)

    granted = await world.deeds.join_team(helper, await _asked(world, event, owner, TeamRole.DOOR))

    assert granted.role is TeamRole.CO_ORGANIZER


async def test_nobody_is_flooded_with_invitations(world: World) -> None:
    owner, event = await _event(world)

    for _ in range(50):
        await world.deeds.invite_to_team(owner, event.id, HELPER, TeamRole.DOOR)

    with pytest.raises(LimitReached):
        await world.deeds.invite_to_team(owner, event.id, HELPER, TeamRole.DOOR)
