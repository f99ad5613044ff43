"""Who may do what at an event: its organizer, co-organizers, door staff, and everybody else."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from application import access
from application.access import Actor, EventDeed
from application.errors import NotFound
from application.ports.store import Listing
from application.records import TeamRole
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.change_capacity import ChangeCapacityCommand
from application.use_cases.create_event import RefundTerms
from application.use_cases.edit_event import EventEdit
from application.use_cases.promo_codes import PromoCodePlan
from application.use_cases.refund_booking import RefundCommand
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.account import NotAllowed, Role
from domain.booking import Booking
from domain.event import Event
from tests.support.pictures import png
from tests.support.world import World

DONE, REFUSED, HIDDEN = "done", "refused", "hidden"


@frozen
class Place:
    """An event with a draft beside it, and one person of each kind."""

    world: World
    event: Event
    draft: Event
    sold: Booking
    used: Booking
    people: dict[str, Actor]


Deed = Callable[[Place, Actor], Awaitable[Any]]

SCANNING: dict[str, Deed] = {
    "scan": lambda at, who: at.world.scan(who, at.event, at.sold.group_token or "x"),
    "read the door log": lambda at, who: at.world.deeds.bookings.door_log(who, at.event.id, None, 5),
    "undo an entry": lambda at, who: at.world.deeds.undo_admission(who, UndoAdmissionCommand(at.used.id, "wrong")),
}
MANAGING: dict[str, Deed] = {
    "see a draft": lambda at, who: at.world.deeds.events.show(who, at.draft.id),
    "edit": lambda at, who: at.world.deeds.edit_event(who, at.event.id, EventEdit(title="Other")),
    "change the capacity": lambda at, who: at.world.deeds.change_capacity(who, ChangeCapacityCommand(at.event.id, 40)),
    "add a picture": lambda at, who: at.world.deeds.add_event_image(who, at.event.id, png(), "stage"),
    "write a code": lambda at, who: at.world.deeds.create_promo_code(
        who, at.event.id, PromoCodePlan("TEN", percent=10)
    ),
    "list codes": lambda at, who: at.world.deeds.promo_codes.of_event(who, at.event.id, None, 5),
    "list bookings": lambda at, who: at.world.deeds.bookings.of_event(who, at.event.id, None, 5),
    "see a booking": lambda at, who: at.world.deeds.bookings.show(who, at.sold.id),
    "reissue codes": lambda at, who: at.world.deeds.reissue_ticket(who, at.sold.id),
    "see the figures": lambda at, who: at.world.deeds.reports.of_event(who, at.event.id),
    "see disputes": lambda at, who: at.world.deeds.money.disputes_of_event(who, at.event.id, None, 5),
    "refund within the policy": lambda at, who: at.world.deeds.refund_booking(who, RefundCommand(at.sold.id, "ill")),
    "see the team": lambda at, who: at.world.deeds.teams.members(who, at.event.id, None, 5),
    "ask for door staff": lambda at, who: at.world.deeds.invite_to_team(who, at.event.id, "d@x.example", TeamRole.DOOR),
}
OWNING: dict[str, Deed] = {
    "publish": lambda at, who: at.world.deeds.move_event.publish(who, at.draft.id),
    "delete": lambda at, who: at.world.deeds.move_event.delete(who, at.draft.id),
    "call off": lambda at, who: at.world.deeds.move_event.cancel(who, at.event.id, at.event.title),
    "ask for a co-organizer": lambda at, who: at.world.deeds.invite_to_team(
        who, at.event.id, "c@x.example", TeamRole.CO_ORGANIZER
    ),
    "withdraw a co-organizer": lambda at, who: at.world.deeds.leave_team.withdraw(
        who, at.event.id, at.people["co-organizer"].name
    ),
    "refund in full, beyond the policy": lambda at, who: at.world.deeds.cancel_booking(
        who, CancelBookingCommand(at.sold.id)
    ),
}
EXPECTED = {
    "organizer": (DONE, DONE, DONE),
    "admin": (DONE, DONE, DONE),
    "co-organizer": (DONE, DONE, REFUSED),
    "door staff": (DONE, HIDDEN, HIDDEN),
    "stranger": (HIDDEN, HIDDEN, HIDDEN),
    "other organizer": (HIDDEN, HIDDEN, HIDDEN),
}


async def _place(folder: Path) -> Place:
    world = World.of(folder)
    world.lift_limits()
    owner = await world.organizer()
    terms = RefundTerms(percent=50, until_hours=0)
    event = await world.event(owner, door_sales=True, in_hours=1.5, refund_policy=terms)
    draft = await world.event(owner, published=False)
    buyer = await world.person()
    sold, used = await world.buy(buyer, event, 2), await world.buy(buyer, event)
    [ticket] = await world.tickets(used)
    await world.scan(owner, event, ticket.token)
    people = {
        "organizer": owner,
        "admin": await world.person(Role.ADMIN),
        "co-organizer": await world.person(),
        "door staff": await world.person(),
        "stranger": await world.person(),
        "other organizer": await world.organizer(),
    }
    for at in (event, draft):
        await world.let(at, people["co-organizer"], TeamRole.CO_ORGANIZER)
        await world.let(at, people["door staff"], TeamRole.DOOR)
    return Place(world, event, draft, sold, used, people)


async def _outcome(at: Place, who: str, deed: Deed) -> str:
    try:
        await deed(at, at.people[who])
    except NotFound:
        return HIDDEN
    except NotAllowed:
        return REFUSED
    return DONE


async def _wrong(folder: Path, who: str) -> list[str]:
    """Every deed whose outcome is not as expected, each tried at a place of its own."""
    found = []
    for deeds, expected in zip((SCANNING, MANAGING, OWNING), EXPECTED[who], strict=True):
        for name, deed in deeds.items():
            outcome = await _outcome(await _place(folder), who, deed)
            if outcome != expected:
                found.append(f"{who}: {name}: {outcome}")
    return found


@pytest.mark.parametrize("who", EXPECTED)
async def test_each_role_may_do_at_an_event_what_it_is_for_and_no_more(tmp_path: Path, who: str) -> None:
    assert await _wrong(tmp_path, who) == []


async def test_the_table_sees_door_staff_that_may_do_what_co_organizers_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    monkeypatch.setitem(access._LET, TeamRole.DOOR, access._LET[TeamRole.CO_ORGANIZER])

    assert any("edit" in line for line in await _wrong(tmp_path, "door staff"))


async def test_the_table_sees_a_co_organizer_that_may_do_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    monkeypatch.setitem(access._LET, TeamRole.CO_ORGANIZER, frozenset(EventDeed))

    assert any("call off" in line for line in await _wrong(tmp_path, "co-organizer"))


async def test_a_role_at_one_event_is_none_at_another_of_the_same_organizer(tmp_path: Path) -> None:
    at = await _place(tmp_path)
    other = await at.world.event(at.people["organizer"])

    with pytest.raises(NotFound):
        await at.world.deeds.edit_event(at.people["co-organizer"], other.id, EventEdit(title="Mine"))


@pytest.mark.parametrize("name", ["edit", "see a booking", "list bookings", "scan"])
async def test_a_withdrawn_role_is_refused_from_the_next_request(tmp_path: Path, name: str) -> None:
    at = await _place(tmp_path)
    person, deed = at.people["co-organizer"], {**SCANNING, **MANAGING}[name]
    assert await _outcome(at, "co-organizer", deed) == DONE

    await at.world.deeds.leave_team.withdraw(at.people["organizer"], at.event.id, person.name)

    assert await _outcome(at, "co-organizer", deed) == HIDDEN


async def test_a_disabled_account_has_no_role(tmp_path: Path) -> None:
    at = await _place(tmp_path)
    helper = at.people["co-organizer"].signed_in()
    disabled = await at.world.deeds.administer_account.disable(at.world.operator, helper.id)

    with pytest.raises(NotAllowed):
        await at.world.deeds.edit_event(Actor.person(disabled), at.event.id, EventEdit(title="Mine"))


async def test_without_a_refund_policy_only_the_organizer_gives_money_back(tmp_path: Path) -> None:
    world = World.of(tmp_path)
    owner, helper = await world.organizer(), await world.person()
    event = await world.event(owner)
    sold = await world.buy(await world.person(), event)
    await world.let(event, helper, TeamRole.CO_ORGANIZER)

    with pytest.raises(NotAllowed):
        await world.deeds.refund_booking(helper, RefundCommand(sold.id, "ill"))

    assert (await world.deeds.refund_booking(owner, RefundCommand(sold.id, "ill"))).amount == sold.price


async def test_a_co_organizer_has_a_buyers_rights_only_over_tickets_of_their_own(tmp_path: Path) -> None:
    """Nobody refunds themselves by a role that they have for others."""
    world = World.of(tmp_path)
    helper = await world.person()
    event = await world.event(refund_policy=RefundTerms(percent=100, until_hours=1, by_buyer=False))
    await world.let(event, helper, TeamRole.CO_ORGANIZER)
    own = await world.buy(helper, event)

    with pytest.raises(NotAllowed):
        await world.deeds.refund_booking(helper, RefundCommand(own.id, "changed my mind"))


async def test_whoever_works_at_an_event_finds_it_among_those_shared(tmp_path: Path) -> None:
    at = await _place(tmp_path)

    shared = await at.world.deeds.teams.shared(at.people["co-organizer"], None, 10)
    none = await at.world.deeds.teams.shared(at.people["stranger"], None, 10)

    assert {(one.event.id, one.role) for one in shared.items} == {
        (at.event.id, TeamRole.CO_ORGANIZER),
        (at.draft.id, TeamRole.CO_ORGANIZER),
    }
    assert not none.items


async def test_a_role_that_is_given_twice_is_written_down_once(tmp_path: Path) -> None:
    world = World.of(tmp_path)
    helper, event = await world.person(), await world.event()

    for _ in range(2):
        await world.deeds.grant_at_event(world.operator, event.id, helper.signed_in().email, TeamRole.DOOR)
        world.clock.advance(1)

    page = await world.container.store().list(
        Listing("audit", "by_subject", event.id, equal={"action": "event.team.grant"})
    )
    assert len(page.items) == 1
