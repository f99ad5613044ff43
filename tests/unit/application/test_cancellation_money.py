"""Money of a cancelled event that does not go back by itself: what fails, what is disputed, what somebody decides."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from adapters.persistence import deciding
from application.access import Actor
from application.errors import NotFound
from application.ports.payment_gateway import DisputeState
from application.use_cases.cancel_booking import RefundPlan, reserve_refund
from application.use_cases.create_event import RefundTerms
from application.use_cases.refund_booking import RefundCommand
from domain.booking import Booking, BookingStatus
from domain.booking_outcome import BookingOutcome, NothingOwed, OutcomeState
from domain.event import Event
from domain.ids import PaymentId
from domain.money import Money
from domain.refund_policy import FourEyes
from tests.support.calling_off import call_off, outcomes, report, sell_many, states, went_back, written
from tests.support.world import World

PRICE = Money(2500, "EUR")


async def called_off(world: World, count: int, *, refused: bool) -> tuple[Actor, Event, list[Booking]]:
    """An event whose refunds the gateway may have refused."""
    organizer = await world.organizer()
    event = await world.event(organizer, capacity=max(count, 1))
    bookings = await sell_many(world, event, count)
    world.bank.refuses = refused
    await call_off(world, organizer, event)
    await world.settle()
    return organizer, event, bookings


async def dispute(world: World, payment_id: PaymentId, state: DisputeState) -> None:
    world.bank.dispute(payment_id, state, PRICE)
    headers, body = world.bank.notice(payment_id, f"{payment_id}-{state}")
    await world.deeds.receive_notice("pocket", headers, body)
    await world.settle()


async def test_refunds_that_fail_for_days_succeed_when_they_are_tried_again(every_world: World) -> None:
    world = every_world
    organizer, event, _ = await called_off(world, 3, refused=True)
    for _ in range(3):
        assert await states(world, event) == {OutcomeState.FAILED: 3}
        assert (await report(world, event)).needs_you == 3
        world.clock.advance(timedelta(days=1))
        assert await world.deeds.refund_again.all_failed(organizer, event.id) == 3
        await world.settle()
    failed = await outcomes(world, event)
    assert {(outcome.trouble, outcome.amount) for outcome in failed} == {("we do not like it", PRICE)}
    assert went_back(world) == []

    world.bank.refuses = False
    assert await world.deeds.refund_again.one(organizer, event.id, failed[0].id) == 1
    await world.settle()
    assert await states(world, event) == {OutcomeState.FAILED: 2, OutcomeState.SUCCEEDED: 1}
    assert await world.deeds.refund_again.all_failed(organizer, event.id) == 2
    await world.settle()

    assert await states(world, event) == {OutcomeState.SUCCEEDED: 3}
    assert went_back(world) == [PRICE] * 3
    assert await world.deeds.refund_again.all_failed(organizer, event.id) == 0
    assert await written(world, "booking.refund_again") == 3 * 3 + 3


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_clicked_many_times_at_once_a_refund_begins_again_once(
    world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    organizer, event, [booking] = await called_off(world, 1, refused=True)
    world.bank.refuses = False
    if not guarded:
        monkeypatch.setattr(deciding, "_stale", lambda _changes, _versions: None)

    begun = await asyncio.gather(*(world.deeds.refund_again.one(organizer, event.id, booking.id) for _ in range(10)))

    assert sum(begun) == 1 if guarded else sum(begun) > 1


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_what_a_dispute_holds_back_goes_back_once_it_is_won(
    every_world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    contested, other = await sell_many(world, event, 2)
    assert contested.payment_id is not None
    await dispute(world, contested.payment_id, DisputeState.OPEN)
    if not guarded:
        monkeypatch.setattr(BookingOutcome, "awaits_refund", property(lambda _outcome: False))

    await call_off(world, organizer, event)
    await world.settle()
    assert (await world.booking(contested)).status is BookingStatus.CANCELLED
    assert await states(world, event) == {OutcomeState.DISPUTED: 1, OutcomeState.SUCCEEDED: 1}
    assert len(went_back(world)) == 1
    await dispute(world, contested.payment_id, DisputeState.WON)

    last = OutcomeState.SUCCEEDED if guarded else OutcomeState.FAILED
    assert {outcome.id: outcome.state for outcome in await outcomes(world, event)} == {
        contested.id: last,
        other.id: OutcomeState.SUCCEEDED,
    }
    assert len(went_back(world)) == (2 if guarded else 1)


async def test_what_the_buyers_bank_took_does_not_go_back_again(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    [contested] = await sell_many(world, event, 1)
    assert contested.payment_id is not None
    await dispute(world, contested.payment_id, DisputeState.OPEN)
    await call_off(world, organizer, event)
    await world.settle()

    await dispute(world, contested.payment_id, DisputeState.LOST)

    [outcome] = await outcomes(world, event)
    assert (outcome.state, outcome.amount) == (OutcomeState.CHARGED_BACK, PRICE)
    assert went_back(world) == []


async def test_money_that_nobody_told_news_of_is_looked_at_when_it_is_time(world: World) -> None:
    _, event, [booking] = await called_off(world, 1, refused=True)
    async with world.container.begin()() as work:
        outcome = await work.booking_outcomes.get(booking.id)
        work.booking_outcomes.save(evolve(outcome, state=OutcomeState.PENDING, look_at=world.clock.now()))
        await work.commit()

    await world.deeds.cancel_bookings()

    assert await states(world, event) == {OutcomeState.FAILED: 1}


async def test_what_was_paid_by_hand_is_written_down_and_tried_no_more(world: World) -> None:
    organizer, event, [booking] = await called_off(world, 1, refused=True)
    world.bank.refuses = False

    paid = await world.deeds.pay_by_hand(organizer, event.id, booking.id, "by cheque")
    again = await world.deeds.pay_by_hand(organizer, event.id, booking.id, "twice")

    assert (paid.state, paid.settled_by, paid.note) == (OutcomeState.PAID_BY_HAND, organizer.name, "by cheque")
    assert again == paid
    assert await written(world, "booking.paid_by_hand") == 1
    assert await world.deeds.refund_again.all_failed(organizer, event.id) == 0
    assert await world.deeds.refund_again.one(organizer, event.id, booking.id) == 0
    await world.settle()
    assert went_back(world) == []


async def test_what_went_back_by_itself_is_not_paid_by_hand(world: World) -> None:
    organizer, event, [booking] = await called_off(world, 1, refused=False)

    with pytest.raises(NothingOwed):
        await world.deeds.pay_by_hand(organizer, event.id, booking.id, "by cheque")


async def test_the_outcome_of_another_event_is_not_found(world: World) -> None:
    organizer, _, [booking] = await called_off(world, 1, refused=True)
    other = await world.event(organizer)

    with pytest.raises(NotFound):
        await world.deeds.refund_again.one(organizer, other.id, booking.id)


@pytest.mark.parametrize("off", [True, False], ids=["called off", "control"])
async def test_what_a_buyer_gives_up_while_it_is_paused_goes_back_whole(world: World, *, off: bool) -> None:
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer, refund_policy=RefundTerms(1, 50))
    booking = await world.buy(buyer, event)
    if off:
        await call_off(world, organizer, event)
        await world.deeds.steer_cancellation.pause(organizer, event.id)

    await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "I give up"))
    await world.settle()

    assert went_back(world) == [PRICE if off else Money(1250, "EUR")]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
async def test_a_refund_that_a_second_person_rejected_needs_one_again(
    world: World, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    four_eyes = FourEyes({"EUR": Money(1000, "EUR")})
    organizer = await world.organizer()
    event = await world.event(organizer)
    [booking] = await sell_many(world, event, 1)
    plan, now = RefundPlan(PRICE, "asked", "acc_1", waits=True), world.clock.now()
    async with world.container.begin()() as work:
        payment = await work.payments.get(str(booking.payment_id))
        waiting = reserve_refund(work, world.container.ids(), payment, plan, now)
        await work.commit()
    await call_off(world, organizer, event)
    await world.settle()
    assert await states(world, event) == {OutcomeState.AWAITING_APPROVAL: 1}
    async with world.container.begin()() as work:
        payment, refund = await work.payments.get(payment.id), await work.refunds.get(waiting.id)
        work.refunds.save(refund.reject("acc_2", "no", world.clock.now()))
        work.payments.save(payment.release_refund(PRICE))
        await work.commit()
    world.clock.advance(timedelta(hours=1))
    await world.settle()
    assert await states(world, event) == {OutcomeState.FAILED: 1}

    again = evolve(world.deeds.refund_again, four_eyes=four_eyes if guarded else FourEyes())
    await again.one(organizer, event.id, booking.id)
    await world.settle()

    last = OutcomeState.AWAITING_APPROVAL if guarded else OutcomeState.SUCCEEDED
    assert await states(world, event) == {last: 1}
