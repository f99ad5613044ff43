"""Notices come late, twice, in the wrong order or never, while the truth moves on: the end is always the same."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import product

import pytest
from attrs import evolve

from application.ports.payment_gateway import Charge, ChargeState, GatewayUnavailable, Sought
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.money import Money
from domain.payment import PaymentStatus
from domain.refund import RefundStatus
from tests.support.world import World

STORY = (ChargeState.REQUIRES_ACTION, ChargeState.FAILED, ChargeState.CAPTURED)
"""What happens at the gateway, one thing after another."""
NEVER = len(STORY)
DELIVERIES = [
    (first, second, third, times)
    for first, second, third, times in product(range(NEVER + 1), range(1, NEVER + 1), range(2, NEVER + 1), (1, 2))
]
"""For each chapter: after which chapter its notice comes, not before its own; and how often."""


async def play(world: World, event: Event, when: Sequence[int], times: int) -> Booking:
    """Tell the story, deliver the notices as said, and at the end let the poll look."""
    buyer = await world.person()
    booking = await world.hold(buyer, event, 2)
    payment = await world.start_payment(buyer, booking)
    for chapter, state in enumerate(STORY):
        world.bank.becomes(payment.id, state)
        arriving = [told for told, arrives in enumerate(when) if arrives == chapter]
        for told in reversed(arriving):
            for _ in range(times):
                headers, body = world.bank.notice(payment.id, f"{payment.id}-{told}")
                await world.deeds.receive_notice("pocket", headers, body)
                await world.settle()
    world.clock.advance(timedelta(hours=1))
    await world.deeds.poll_gateways()
    await world.settle()
    return await world.booking(booking)


async def test_every_way_to_deliver_the_notices_ends_alike(every_world: World) -> None:
    world = every_world
    event = await world.event(capacity=1_000, in_hours=24 * 30)
    ends = set()
    for *when, times in DELIVERIES:
        booking = await play(world, event, when, times)
        full = await world.deeds.bookings.show(world.operator, booking.id)
        mails = len(world.mailbox.to(booking.buyer_email))
        refunds = tuple(refund.status for refund in full.refunds)
        ends.add((booking.status, len(full.tickets), full.payments[0].status, refunds, mails))

    assert ends == {(BookingStatus.CONFIRMED, 2, PaymentStatus.CAPTURED, (), 1)}
    [allotment] = (await world.deeds.events.show(world.operator, event.id)).allotments
    assert (allotment.held, allotment.sold) == (0, 2 * len(DELIVERIES))


async def test_without_the_poll_a_lost_notice_leaves_the_booking_waiting(world: World) -> None:
    """The control: it is the poll that finds what was lost."""
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    world.bank.becomes(payment.id, ChargeState.CAPTURED)

    await world.settle()
    assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT


async def test_money_is_found_however_long_nobody_answered(world: World) -> None:
    """Off for longer than anything is asked about, and then the gateway is down: silence is no answer."""
    event = await world.event(in_hours=24 * 60)
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    world.bank.becomes(payment.id, ChargeState.CAPTURED)
    world.clock.advance(timedelta(days=9))
    world.bank.down = True
    for _ in range(5):
        await world.deeds.poll_gateways()
        world.clock.advance(timedelta(hours=2))

    world.bank.down = False
    world.clock.advance(timedelta(days=1))
    await world.deeds.poll_gateways()
    await world.settle()

    assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
    assert (await world.deeds.bookings.show(buyer, booking.id)).payments[0].id == payment.id


async def test_another_amount_is_quarantined_and_asked_about_for_ever(world: World) -> None:
    event = await world.event(in_hours=24 * 60)
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    right = world.bank.charges[payment.id]
    world.bank.charges[payment.id] = evolve(right, amount=Money(1, "EUR"), state=ChargeState.CAPTURED)
    for _ in range(10):
        world.clock.advance(timedelta(days=1))
        await world.deeds.poll_gateways()

    [held] = (await world.deeds.bookings.show(buyer, booking.id)).payments
    assert held.quarantined
    assert held.status is PaymentStatus.SUBMITTED
    world.bank.charges[payment.id] = evolve(right, state=ChargeState.CAPTURED)
    world.clock.advance(timedelta(days=1))
    await world.deeds.poll_gateways()
    [settled] = (await world.deeds.bookings.show(buyer, booking.id)).payments
    assert (settled.status, settled.quarantined) == (PaymentStatus.CAPTURED, "")


@pytest.mark.parametrize("error", [RuntimeError("poison"), GatewayUnavailable("down"), KeyError("x")])
async def test_one_payment_that_cannot_be_asked_about_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    event = await world.event()
    buyers = [await world.person() for _ in range(3)]
    bookings = [await world.hold(buyer, event) for buyer in buyers]
    payments = [await world.start_payment(buyer, booking) for buyer, booking in zip(buyers, bookings, strict=True)]
    for payment in payments:
        world.bank.becomes(payment.id, ChargeState.CAPTURED)
    look_up = world.bank.look_up

    async def poisoned(sought: Sought) -> Charge | None:
        if sought.payment_id == payments[0].id:
            raise error
        return await look_up(sought)

    monkeypatch.setattr(type(world.bank), "look_up", lambda _bank, sought: poisoned(sought))
    world.clock.advance(timedelta(minutes=3))
    await world.deeds.poll_gateways()

    statuses = [(await world.booking(booking)).status for booking in bookings]
    assert statuses == [BookingStatus.AWAITING_PAYMENT, BookingStatus.CONFIRMED, BookingStatus.CONFIRMED]
    assert await world.deeds.poll_gateways() == 0  # It is not due again at once.


async def test_a_refund_that_was_never_sent_is_sent_by_the_poll(world: World) -> None:
    """As after a dead letter: the gateway never heard of it, and its id makes a second telling harmless."""
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id, "sorry"))
    begin = world.container.begin()
    for entry in await world.deeds.relay._due():
        async with begin() as work:
            work.outbox.delete(entry)
            await work.commit()

    world.clock.advance(timedelta(minutes=3))
    await world.deeds.poll_gateways()
    await asyncio.gather(world.settle(), world.settle())

    full = await world.deeds.bookings.show(organizer, booking.id)
    assert [refund.status for refund in full.refunds] == [RefundStatus.SUCCEEDED]
    assert len(world.bank.refunds) == 1


async def test_an_earlier_attempt_that_is_paid_late_closes_the_page_of_the_later_one(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    first = await world.start_payment(buyer, booking)
    await world.bank_says(first, ChargeState.FAILED)
    second = await world.start_payment(buyer, booking)

    await world.bank_says(first, ChargeState.CAPTURED)

    assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
    assert world.bank.closed == {second.id}
