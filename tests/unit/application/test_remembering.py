"""A booking is first decided on the event as it was last read; what others changed meanwhile is never overlooked."""

from pathlib import Path

import pytest

from application.records_of_kind import Records
from application.use_cases.edit_event import EventEdit, TicketTypeEdit
from domain.event import EventNotOnSale
from domain.money import Money
from tests.support.world import World


def elsewhere(world: World, folder: Path) -> World:
    """Another process on the same store."""
    return World.of(folder / "elsewhere", world.container.store(), clock=world.clock, bank=world.bank)


async def test_a_price_changed_by_another_process_is_the_price(every_world: World, tmp_path: Path) -> None:
    world, other = every_world, elsewhere(every_world, tmp_path)
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer, price="25.00")
    assert (await world.hold(buyer, event)).price == Money(2500, "EUR")

    dearer = EventEdit(ticket_types={event.ticket_types[0].id: TicketTypeEdit(price="30.00")})
    await other.deeds.edit_event(organizer, event.id, dearer)

    assert (await world.hold(buyer, event)).price == Money(3000, "EUR")


async def test_an_event_called_off_by_another_process_takes_no_booking(every_world: World, tmp_path: Path) -> None:
    world, other = every_world, elsewhere(every_world, tmp_path)
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    await world.hold(buyer, event)

    await other.deeds.move_event.cancel(organizer, event.id, event.title)

    with pytest.raises(EventNotOnSale):
        await world.hold(buyer, event)


async def test_a_sale_opened_by_another_process_is_open(world: World, tmp_path: Path) -> None:
    """What would be refused on old knowledge is decided anew."""
    other = elsewhere(world, tmp_path)
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    await world.hold(buyer, event)
    world.clock.set(event.schedule.doors_open_at)
    with pytest.raises(EventNotOnSale):
        await world.hold(buyer, event)

    await other.deeds.edit_event(organizer, event.id, EventEdit(door_sales=True))

    assert (await world.hold(buyer, event)).price


async def test_without_the_expected_version_an_old_price_would_be_sold(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    other = elsewhere(world, tmp_path)
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer, price="25.00")
    await world.hold(buyer, event)
    dearer = EventEdit(ticket_types={event.ticket_types[0].id: TicketTypeEdit(price="30.00")})
    await other.deeds.edit_event(organizer, event.id, dearer)
    monkeypatch.setattr(Records, "expect", lambda _records, _record: None)

    assert (await world.hold(buyer, event)).price == Money(2500, "EUR")
