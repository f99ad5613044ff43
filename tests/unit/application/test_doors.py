"""The door: who holds a good code enters, once; everybody else is told why not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from application.errors import NotFound
from application.records import TeamRole
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.edit_event import EventEdit
from application.use_cases.undo_admission import NothingToUndo, UndoAdmissionCommand
from domain.admission import AdmissionOutcome, ScanNumberReused
from domain.event import GRACE
from domain.ticket import TicketStatus
from tests.support.world import World

ADMITTED, REFUSED, UNDONE = AdmissionOutcome.ADMITTED, AdmissionOutcome.REFUSED, AdmissionOutcome.UNDONE


async def test_a_ticket_admits_once_and_the_second_gate_learns_when_and_where(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    world.open_doors(event)

    first = await world.scan(organizer, event, ticket.token, gate="North")
    world.clock.advance(timedelta(seconds=30))
    second = await world.scan(organizer, event, ticket.token, gate="South")

    assert (first.outcome, first.ticket_ids) == (ADMITTED, (ticket.id,))
    assert (second.outcome, second.reason) == (REFUSED, "ticket_used")
    assert "gate North" in second.message
    assert first.at.isoformat(timespec="seconds") in second.message


async def test_fifty_gates_at_once_admit_one(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    world.open_doors(event)

    scans = await asyncio.gather(
        *(world.scan(organizer, event, ticket.token, gate=f"G{n}", scan_id=f"s{n}") for n in range(50))
    )

    assert [scan.outcome for scan in scans].count(ADMITTED) == 1
    assert {scan.reason for scan in scans if scan.outcome is REFUSED} == {"ticket_used"}
    log = await world.deeds.bookings.door_log(organizer, event.id, None, 100)
    assert len(log.items) == 50


async def test_the_same_scan_sent_again_gets_the_same_answer(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    world.open_doors(event)

    answers = await asyncio.gather(
        *(world.scan(organizer, event, ticket.token, scan_id="device-1/7") for _ in range(10))
    )

    assert {(answer.id, answer.outcome) for answer in answers} == {(answers[0].id, ADMITTED)}
    assert len((await world.deeds.bookings.door_log(organizer, event.id, None, 100)).items) == 1


async def test_a_scan_number_used_for_another_code_gets_no_ones_answer(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    one, other = await world.tickets(await world.buy(await world.person(), event, 2))
    world.open_doors(event)
    await world.scan(organizer, event, one.token, scan_id="7")

    with pytest.raises(ScanNumberReused):
        await world.scan(organizer, event, other.token, scan_id="7")


async def test_a_group_code_admits_whoever_of_the_party_is_left(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 5)
    tickets = await world.tickets(booking)
    world.open_doors(event)

    await world.scan(organizer, event, tickets[0].token)
    two = await world.scan(organizer, event, booking.group_token, count=2)
    too_many = await world.scan(organizer, event, booking.group_token, count=3)
    rest = await world.scan(organizer, event, booking.group_token)
    none_left = await world.scan(organizer, event, booking.group_token)

    assert (two.outcome, len(two.ticket_ids), two.remaining) == (ADMITTED, 2, 2)
    assert (too_many.outcome, too_many.reason) == (REFUSED, "ticket_used")
    assert (rest.outcome, len(rest.ticket_ids), rest.remaining) == (ADMITTED, 2, 0)
    assert (none_left.outcome, none_left.reason) == (REFUSED, "ticket_used")
    assert {ticket.status for ticket in await world.tickets(booking)} == {TicketStatus.USED}


async def test_a_group_of_fifty_scans_at_once_admits_its_number(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 5)
    world.open_doors(event)

    scans = await asyncio.gather(
        *(world.scan(organizer, event, booking.group_token, count=1, scan_id=f"s{n}") for n in range(50))
    )

    assert sum(len(scan.ticket_ids) for scan in scans) == 5


async def test_the_clock_opens_and_shuts_the_doors(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    tolerance = timedelta(minutes=5)

    world.clock.set(event.schedule.doors_open_at - tolerance - timedelta(seconds=1))
    early = await world.scan(organizer, event, ticket.token)
    world.clock.set(event.schedule.ends_at + GRACE + tolerance + timedelta(seconds=1))
    late = await world.scan(organizer, event, ticket.token)
    world.clock.set(event.schedule.doors_open_at - tolerance)
    right = await world.scan(organizer, event, ticket.token)

    assert [early.reason, late.reason, right.outcome] == ["too_early", "too_late", ADMITTED]


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1], lambda token: token + "A", lambda _: "", lambda _: "x" * 243]
)
async def test_a_broken_code_is_malformed(world: World, spoil: Callable[[str], str]) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    world.open_doors(event)

    scan = await world.scan(organizer, event, spoil(ticket.token))

    assert (scan.outcome, scan.reason) == (REFUSED, "code_malformed")


async def test_a_code_of_another_event_names_neither(world: World) -> None:
    organizer = await world.organizer()
    one, other = await world.event(organizer), await world.event(organizer, title="Secret party")
    [ticket] = await world.tickets(await world.buy(await world.person(), other))
    world.open_doors(one)

    scan = await world.scan(organizer, one, ticket.token)

    assert (scan.outcome, scan.reason, scan.holder_name) == (REFUSED, "code_for_other_event", "")
    assert "Secret" not in scan.message


async def test_a_new_code_kills_every_earlier_one_and_the_groups(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    buyer = await world.person(email="b@example.com")
    booking = await world.buy(buyer, event, 2)
    old, _ = await world.tickets(booking)

    [new] = await world.deeds.reissue_ticket(buyer, old.id)
    await world.settle()
    world.open_doors(event)

    assert (await world.scan(organizer, event, old.token)).reason == "code_superseded"
    assert (await world.scan(organizer, event, booking.group_token)).reason == "code_superseded"
    assert (await world.scan(organizer, event, new.token)).outcome is ADMITTED
    assert (await world.scan(organizer, event, (await world.booking(booking)).group_token)).outcome is ADMITTED
    assert len(world.mailbox.to("b@example.com")) == 2


async def test_a_cancelled_bookings_codes_are_dead(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 2)
    tickets = await world.tickets(booking)
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id))
    world.open_doors(event)

    assert (await world.scan(organizer, event, tickets[0].token)).reason == "ticket_void"
    assert (await world.scan(organizer, event, booking.group_token)).reason == "ticket_void"


async def test_an_undo_is_written_down_and_opens_the_door_again(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event)
    [ticket] = await world.tickets(booking)
    world.open_doors(event)
    await world.scan(organizer, event, ticket.token)

    undone = await world.deeds.undo_admission(organizer, UndoAdmissionCommand(ticket.id, "wrong person"))
    again = await world.scan(organizer, event, ticket.token)

    assert (undone.outcome, undone.reason, undone.by) == (UNDONE, "wrong person", organizer.name)
    assert again.outcome is ADMITTED
    history = await world.deeds.bookings.history(organizer, booking.id)
    assert sorted(entry.outcome for entry in history.items) == sorted([ADMITTED, UNDONE, ADMITTED])
    await world.deeds.undo_admission(organizer, UndoAdmissionCommand(booking.id, "all"))
    with pytest.raises(NothingToUndo):
        await world.deeds.undo_admission(organizer, UndoAdmissionCommand(booking.id, "again"))


async def test_only_who_was_let_may_scan(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    helper = await world.person(email="door@example.com")
    world.open_doors(event)

    for stranger in (helper, await world.organizer()):
        with pytest.raises(NotFound):
            await world.scan(stranger, event, ticket.token)
    await world.let(event, helper, TeamRole.DOOR)
    assert (await world.scan(helper, event, ticket.token)).outcome is ADMITTED
    await world.deeds.leave_team.withdraw(organizer, event.id, helper.name)
    with pytest.raises(NotFound):
        await world.scan(helper, event, ticket.token)


async def test_new_dates_hold_for_codes_already_sent(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(email="b@example.com"), event))
    week = timedelta(days=7)
    schedule = event.schedule
    edit = EventEdit(
        starts_at=schedule.starts_at + week,
        ends_at=schedule.ends_at + week,
        doors_open_at=schedule.doors_open_at + week,
        sales_end_at=schedule.sales_end_at + week,
    )
    moved = await world.deeds.edit_event(organizer, event.id, edit)
    await world.settle()

    world.open_doors(moved)
    assert (await world.scan(organizer, moved, ticket.token)).outcome is ADMITTED
    assert len(world.mailbox.to("b@example.com")) == 2
