"""Calling an event off: the work on its bookings, one by one, and what it tells of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from application.errors import ConfirmationNeeded, NotFound
from application.ports.payment_gateway import ChargeState
from application.use_cases.cancel_bookings import CancelBookings
from domain.booking import BookingStatus
from domain.booking_outcome import TRY_AGAIN, BookingOutcome, OutcomeState
from domain.errors import NotAllowedNow
from domain.event_cancellation import CancellationState
from domain.money import Money
from tests.support.calling_off import (
    call_off,
    nothing_in_the_way,
    outcomes,
    places,
    report,
    sold_out_show,
    states,
    watched,
    went_back,
    written,
)
from tests.support.world import World


async def test_every_booking_ends_and_what_was_paid_goes_back_once(every_world: World) -> None:
    world = every_world
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    paid, held, awaiting = (
        await world.buy(buyer, event, 2),
        await world.hold(buyer, event),
        await world.hold(buyer, event),
    )
    await world.start_payment(buyer, awaiting)

    await call_off(world, organizer, event, "the hall is flooded")
    before = await report(world, event)
    await world.settle()

    assert (before.cancellation.state, before.waiting, before.ended) == (CancellationState.RUNNING, 3, 0)
    ended = [await world.booking(booking) for booking in (paid, held, awaiting)]
    assert {booking.status for booking in ended} == {BookingStatus.CANCELLED}
    assert {booking.ended_reason for booking in ended} == {"the event was cancelled: the hall is flooded"}
    assert went_back(world) == [paid.price]
    assert await places(world, event) == (0, 0)
    told = await report(world, event)
    assert (told.cancellation.state, told.waiting, told.ended, told.needs_you) == (CancellationState.DONE, 0, 3, 0)
    assert told.outcomes[OutcomeState.SUCCEEDED].sums == {"EUR": paid.price}
    assert told.outcomes[OutcomeState.NOTHING_PAID].count == 2
    assert told.is_settled


async def test_each_buyer_is_told_once_with_the_reason_and_the_amount(world: World) -> None:
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    await world.buy(buyer, event, 2)

    await call_off(world, organizer, event, "the singer is ill")
    await world.settle()
    await world.settle()

    [mail] = [mail for mail in world.mailbox.to(buyer.signed_in().email) if "cancelled" in mail.subject]
    assert "The reason: the event was cancelled: the singer is ill" in mail.text
    assert "50.00 EUR goes back to where you paid from" in mail.text


async def test_free_bookings_just_end(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer, price="0")
    booking = await world.buy(await world.person(), event)

    await call_off(world, organizer, event)
    await world.settle()

    assert (await world.booking(booking)).ended_reason == "the event was cancelled"
    assert await states(world, event) == {OutcomeState.NOTHING_PAID: 1}
    assert went_back(world) == []


async def test_the_order_is_stored_with_the_events_new_state_or_not_at_all(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)

    with pytest.raises(ConfirmationNeeded):
        await world.deeds.move_event.cancel(organizer, event.id, "Concerto", "slip")
    assert await world.container.begin()().event_cancellations.find(event.id) is None
    with pytest.raises(NotFound):
        await report(world, event)
    await call_off(world, organizer, event, "first")
    await call_off(world, organizer, event, "second")

    assert (await report(world, event)).cancellation.reason == "first"
    assert await written(world, "event.cancel") == 1


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_a_pause_stops_it_within_one_booking(
    world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    organizer, event, _ = await sold_out_show(world, 6)
    await call_off(world, organizer, event)

    async def pause_at_third(_booking_id: str) -> None:
        if len(asked) == 3:
            await world.deeds.steer_cancellation.pause(organizer, event.id)

    if not guarded:
        monkeypatch.setattr(CancelBookings, "_is_ours", lambda *_: nothing_in_the_way())
    job, asked = watched(world, pause_at_third)
    await job()

    told = await report(world, event)
    assert told.cancellation.state is CancellationState.PAUSED
    assert (told.ended, told.waiting) == ((3, 3) if guarded else (6, 0))


async def test_a_paused_cancellation_rests_until_it_is_resumed(world: World) -> None:
    organizer, event, _ = await sold_out_show(world, 3)
    await call_off(world, organizer, event)
    await world.deeds.steer_cancellation.pause(organizer, event.id)
    await world.deeds.steer_cancellation.pause(organizer, event.id)

    assert await world.deeds.cancel_bookings() == 0
    await world.deeds.steer_cancellation.resume(organizer, event.id)
    await world.settle()

    assert await states(world, event) == {OutcomeState.SUCCEEDED: 3}
    assert (await written(world, "event.cancellation.pause"), await written(world, "event.cancellation.resume")) == (
        1,
        1,
    )
    with pytest.raises(NotAllowedNow):
        await world.deeds.steer_cancellation.pause(organizer, event.id)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_a_booking_that_cannot_be_cancelled_holds_up_no_other_and_is_tried_again_later(
    world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    organizer, event, bookings = await sold_out_show(world, 3)
    await call_off(world, organizer, event)

    async def stubborn(booking_id: str) -> None:
        if booking_id == bookings[0].id:
            raise NotAllowedNow("it is stuck")

    if not guarded:
        monkeypatch.setattr(BookingOutcome, "is_resting", lambda _outcome, _at: False)
    job, asked = watched(world, stubborn)
    assert await job() == 2
    [stuck] = [outcome for outcome in await outcomes(world, event) if outcome.is_alive]
    assert (stuck.id, stuck.trouble, stuck.tries) == (bookings[0].id, "it is stuck", 1)
    assert (await report(world, event)).waiting == 1
    await job()
    assert asked.count(bookings[0].id) == (1 if guarded else 2)

    world.clock.advance(TRY_AGAIN[0])
    await world.settle()

    assert await states(world, event) == {OutcomeState.SUCCEEDED: 3}
    assert len(went_back(world)) == 3


async def test_an_error_of_ours_is_told_without_its_words(world: World) -> None:
    organizer, event, _ = await sold_out_show(world, 1)
    await call_off(world, organizer, event)

    async def broken(_booking_id: str) -> None:
        raise RuntimeError("s3cret")

    job, _ = watched(world, broken)
    await job()

    [stuck] = await outcomes(world, event)
    assert stuck.trouble == "an error of ours: RuntimeError"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_money_that_comes_while_the_event_is_called_off_goes_back(every_world: World, when: str) -> None:
    world = every_world
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    await call_off(world, organizer, event)
    if when == "after":
        await world.settle()

    await world.bank_says(payment, ChargeState.CAPTURED)
    await world.settle()

    assert (await world.booking(booking)).status is BookingStatus.CANCELLED
    assert went_back(world) == [Money(2500, "EUR")]
    assert await states(world, event) == {OutcomeState.SUCCEEDED: 1}


async def test_a_stranger_neither_sees_nor_steers_it(world: World) -> None:
    organizer, event, [booking] = await sold_out_show(world, 1)
    stranger = await world.organizer()
    await call_off(world, organizer, event)
    await world.settle()
    deeds = world.deeds

    for deed in (
        lambda: deeds.preview_cancellation(stranger, event.id),
        lambda: deeds.cancellations.report(stranger, event.id),
        lambda: deeds.cancellations.outcomes(stranger, event.id, None, 20),
        lambda: deeds.steer_cancellation.pause(stranger, event.id),
        lambda: deeds.refund_again.all_failed(stranger, event.id),
        lambda: deeds.refund_again.one(stranger, event.id, booking.id),
        lambda: deeds.pay_by_hand(stranger, event.id, booking.id, "mine"),
    ):
        ask: Callable[[], Awaitable[Any]] = deed
        with pytest.raises(NotFound):
            await ask()
