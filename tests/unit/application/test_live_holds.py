"""One person holds places a few times at once: whoever would hold the house pays for some of it first."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import evolve

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from application.access import Actor
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.allotment import LiveHoldsReached
from domain.booking import Booking
from domain.event import Event
from tests.support.world import World

MOST = 3


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "memory":
        yield World.of(tmp_path, live_max=MOST)
        return
    store = await open_sql_store(f"sqlite:///{tmp_path / 'holds.db'}")
    yield World.of(tmp_path, GatheringStore(store), live_max=MOST)
    await store.close()


async def _hold(world: World, buyer: Actor, event: Event) -> Booking:
    return await world.deeds.book_places(buyer, BookPlacesCommand(event.id, ((event.ticket_types[0].id, 1),)))


async def _full(world: World) -> tuple[Actor, Event, list[Booking]]:
    """Somebody with as many holds as one may have, each at another event, and one event more."""
    buyer = await world.person()
    held = [await _hold(world, buyer, await world.event()) for _ in range(MOST)]
    return buyer, await world.event(), held


async def test_one_hold_more_is_refused_at_whichever_event_and_others_go_on(world: World) -> None:
    buyer, event, _ = await _full(world)

    with pytest.raises(LiveHoldsReached):
        await _hold(world, buyer, event)

    assert (await _hold(world, await world.person(), event)).buyer_id != buyer.name


async def test_of_many_at_the_same_moment_no_more_are_granted(world: World) -> None:
    buyer, event = await world.person(), await world.event(capacity=50)

    answers = await asyncio.gather(*(_hold(world, buyer, event) for _ in range(20)), return_exceptions=True)

    assert sum(isinstance(answer, Booking) for answer in answers) == MOST
    assert {type(answer) for answer in answers if not isinstance(answer, Booking)} == {LiveHoldsReached}


async def test_what_was_given_up_lapsed_or_paid_counts_no_more(world: World) -> None:
    buyer, event, (given_up, paid, _) = await _full(world)
    await world.deeds.cancel_booking(buyer, CancelBookingCommand(given_up.id, "changed my mind"))
    await _hold(world, buyer, event)
    await world.buy_held(buyer, paid)
    await _hold(world, buyer, event)
    with pytest.raises(LiveHoldsReached):
        await _hold(world, buyer, event)

    world.clock.advance(16 * 60)

    assert [(await _hold(world, buyer, event)).event_id for _ in range(MOST)] == [event.id] * MOST


async def test_free_places_are_no_holds(world: World) -> None:
    buyer, free = await world.person(), await world.event(price="0.00")

    for _ in range(MOST + 1):
        assert not (await _hold(world, buyer, free)).price


async def test_strangers_who_type_an_address_use_up_nothing_of_its_owner(world: World) -> None:
    buyer, event = await world.person(), await world.event(capacity=50)
    stranger = evolve(buyer, name=f"guest/{buyer.name}")
    for _ in range(MOST):
        await _hold(world, stranger, event)

    assert (await _hold(world, buyer, event)).buyer_id == buyer.name
    with pytest.raises(LiveHoldsReached):
        await _hold(world, stranger, event)


async def test_without_the_count_one_person_holds_the_house(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Booking, "counted_live", lambda booking, _take: booking)
    buyer, event = await world.person(), await world.event(capacity=10)

    for _ in range(10):
        await _hold(world, buyer, event)
