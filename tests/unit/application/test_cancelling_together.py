"""Several processes call an event off, one dies on the way, a list lags: every booking still ends once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve

from application.ports.store import Listing, Page, Store
from application.use_cases.cancel_bookings import LEASE, CancelBookings
from domain.booking_outcome import OutcomeState
from domain.event_cancellation import CancellationState, EventCancellation
from tests.support.calling_off import (
    call_off,
    nothing_in_the_way,
    places,
    report,
    sold_out_show,
    states,
    watched,
    went_back,
)
from tests.support.world import World


@define(eq=False)
class Blind:
    """A store whose lists show no booking yet."""

    _real: Store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def list(self, listing: Listing) -> Page[Any]:
        return Page(()) if listing.kind == "booking" else await self._real.list(listing)


async def unleased(job: CancelBookings, event_id: str) -> EventCancellation | None:
    return await job.begin().event_cancellations.find(event_id)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_two_workers_share_the_work_and_no_payment_goes_back_twice(
    every_world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    world = every_world
    organizer, event, _ = await sold_out_show(world, 12)
    await call_off(world, organizer, event)
    if not guarded:
        monkeypatch.setattr(CancelBookings, "_lease", unleased)
        monkeypatch.setattr(CancelBookings, "_is_ours", lambda *_: nothing_in_the_way())
    (one, first), (other, second) = watched(world), watched(world)

    await asyncio.gather(one(), other())
    await world.settle()

    asked = len(first) + len(second)
    assert asked == 12 if guarded else asked > 12
    # The lease saves work. What keeps money from going back twice are the bookings themselves.
    assert len(went_back(world)) == 12
    assert await places(world, event) == (0, 0)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_what_a_dead_process_had_in_hand_is_taken_over_when_its_lease_ends(
    world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    organizer, event, _ = await sold_out_show(world, 2)
    await call_off(world, organizer, event)
    assert await world.deeds.cancel_bookings._lease(event.id) is not None
    if not guarded:
        running = CancellationState.RUNNING
        monkeypatch.setattr(EventCancellation, "is_free", lambda found, _at: found.state is running)
        monkeypatch.setattr(CancelBookings, "_is_ours", lambda *_: nothing_in_the_way())

    assert await world.deeds.cancel_bookings() == (0 if guarded else 2)
    world.clock.advance(LEASE)
    await world.settle()

    assert await states(world, event) == {OutcomeState.SUCCEEDED: 2}


async def test_another_process_goes_on_where_one_stopped(every_world: World, tmp_path: Path) -> None:
    world = every_world
    organizer, event, bookings = await sold_out_show(world, 4)
    await call_off(world, organizer, event)

    async def dies(_booking_id: str) -> None:
        if len(asked) == 3:
            raise asyncio.CancelledError

    job, asked = watched(world, dies)
    with pytest.raises(asyncio.CancelledError):
        await job()
    other = World.of(tmp_path / "other", world.container.store(), clock=world.clock, bank=world.bank)
    other.clock.advance(LEASE)
    await other.settle()

    assert await states(other, event) == {OutcomeState.SUCCEEDED: 4}
    assert len(went_back(other)) == len(bookings)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_it_is_not_done_while_a_list_does_not_show_a_booking_yet(
    world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    organizer, event, _ = await sold_out_show(world, 1)
    await call_off(world, organizer, event)
    if not guarded:
        monkeypatch.setattr(CancelBookings, "_is_empty", lambda *_: nothing_in_the_way())
    blind: Any = Blind(world.container.store())

    await evolve(world.deeds.cancel_bookings, store=blind)()

    done = (await report(world, event)).cancellation.state is CancellationState.DONE
    assert done is not guarded
    await world.settle()
    assert len(went_back(world)) == (1 if guarded else 0)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_five_hundred_bookings_end_in_one_refund_each(every_world: World) -> None:
    world = every_world
    organizer, event, bookings = await sold_out_show(world, 500)

    await call_off(world, organizer, event)
    await world.settle()

    told = await report(world, event)
    price = bookings[0].price
    assert (told.cancellation.state, told.ended) == (CancellationState.DONE, 500)
    assert told.outcomes[OutcomeState.SUCCEEDED].sums == {"EUR": price * 500}
    assert went_back(world) == [price] * 500
    assert {charge.refunded for charge in world.bank.charges.values()} == {price}
    assert await places(world, event) == (0, 0)
