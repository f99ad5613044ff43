"""What time brings is stored by jobs; one record that cannot be dealt with keeps no other from it."""

from datetime import timedelta

import pytest

from application.errors import StoreUnavailable
from application.use_cases.sign_in import SignInCommand
from domain.booking import Booking, BookingStatus
from domain.event import GRACE, EventStatus
from tests.support.world import PASSWORD, World


async def test_doors_open_and_events_end_without_anybody(every_world: World) -> None:
    world = every_world
    event = await world.event()

    world.clock.set(event.schedule.doors_open_at)
    await world.deeds.jobs.run_once()
    assert (await world.deeds.events.show(world.operator, event.id)).event.status is EventStatus.ACTIVE
    world.clock.set(event.schedule.ends_at + GRACE)
    await world.deeds.jobs.run_once()
    assert (await world.deeds.events.show(world.operator, event.id)).event.status is EventStatus.COMPLETED
    assert (await world.deeds.jobs.run_once())["settle_events"] == 0


async def test_what_is_over_is_forgotten(every_world: World) -> None:
    world = every_world
    await world.person(email="ana@example.com")
    signed_in = await world.deeds.sign_in(SignInCommand("ana@example.com", PASSWORD))
    await world.deeds.ask_for_reset("ana@example.com")
    await world.settle()

    assert (await world.deeds.jobs.run_once())["forget"] == 0
    world.clock.advance(timedelta(days=31))
    assert (await world.deeds.jobs.run_once())["forget"] == 3, "the session, the link and how often it was asked for"
    assert await world.deeds.authenticate(signed_in.secret) is None
    world.clock.advance(timedelta(days=60))
    assert (await world.deeds.jobs.run_once())["forget"] == 1, "the device"


async def test_a_hold_that_cannot_be_ended_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await world.event()
    held = [await world.hold(await world.person(), event) for _ in range(3)]
    expire = Booking.expire

    def poisoned(booking: Booking, at: object) -> Booking:
        if booking.id == held[0].id:
            raise RuntimeError("poison")
        return expire(booking, at)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(Booking, "expire", poisoned)
    world.clock.advance(timedelta(minutes=16))

    assert (await world.deeds.jobs.run_once())["expire_holds"] == 2
    assert (await world.booking(held[2])).status is BookingStatus.EXPIRED


async def test_a_store_that_is_down_ends_the_job_and_not_the_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.hold(await world.person(), await world.event())
    world.clock.advance(timedelta(minutes=16))

    def down(_booking: Booking, _at: object) -> Booking:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(Booking, "expire", down)
    with pytest.raises(StoreUnavailable):
        await world.deeds.jobs.run_once()
