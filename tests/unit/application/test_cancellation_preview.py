"""What calling an event off would cost is told before anybody decides."""

from datetime import timedelta

import pytest
from attrs import evolve

from application.access import Actor
from application.ports.payment_gateway import ChargeState, DisputeState, RefundState
from application.queries.tallies import Tally
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.booking import Booking, BookingStatus
from domain.event import Event, EventTransitionRefused
from domain.ids import PaymentId
from domain.money import Money
from tests.support.calling_off import call_off, sell_many, went_back
from tests.support.world import World


async def paid_with_fee(world: World, buyer: Actor, event: Event, fee_minor: int | None) -> tuple[Booking, PaymentId]:
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    fee = None if fee_minor is None else Money(fee_minor, "EUR")
    world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], fee=fee)
    await world.bank_says(payment, ChargeState.CAPTURED)
    return booking, payment.id


async def hears(world: World, payment_id: PaymentId, notice_id: str) -> None:
    """The gateway tells that something about a payment changed."""
    headers, body = world.bank.notice(payment_id, notice_id)
    await world.deeds.receive_notice("pocket", headers, body)
    await world.settle()


async def test_it_counts_bookings_money_and_fees_as_they_stand(every_world: World) -> None:
    world = every_world
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer, capacity=20, price="25.00")
    await world.hold(buyer, event)
    world.clock.advance(timedelta(minutes=event.hold_minutes))
    await paid_with_fee(world, buyer, event, 75)
    _, partly = await paid_with_fee(world, buyer, event, None)
    world.bank.refund_by_hand(partly, Money(500, "EUR"))
    await hears(world, partly, "by hand")
    _, disputed = await paid_with_fee(world, buyer, event, 80)
    world.bank.dispute(disputed, DisputeState.OPEN, Money(2500, "EUR"))
    await hears(world, disputed, "dispute")
    world.bank.refund_state = RefundState.PENDING
    cancelled, _ = await paid_with_fee(world, buyer, event, 75)
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(cancelled.id))
    await world.settle()
    await world.hold(buyer, event)
    await world.start_payment(buyer, await world.hold(buyer, event))

    preview = await world.deeds.preview_cancellation(organizer, event.id)

    assert preview.bookings == {
        BookingStatus.CONFIRMED: 3,
        BookingStatus.CANCELLED: 1,
        BookingStatus.EXPIRED: 1,
        BookingStatus.HELD: 1,
        BookingStatus.AWAITING_PAYMENT: 1,
    }
    assert (preview.tickets, preview.holds) == (3, 2)
    assert preview.to_refund == Tally(2, {"EUR": Money(2500 + 2000, "EUR")})
    assert preview.fees_lost == Tally(1, {"EUR": Money(75, "EUR")})
    assert preview.fees_unknown == 1
    assert preview.on_the_way == Tally(1, {"EUR": Money(2500, "EUR")})
    assert preview.pending == Tally(1, {"EUR": Money(2500, "EUR")})
    assert preview.disputed == Tally(1, {"EUR": Money(2500, "EUR")})


async def test_what_it_says_is_what_then_goes_back(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer, capacity=250)
    await sell_many(world, event, 250)

    preview = await world.deeds.preview_cancellation(organizer, event.id)
    await call_off(world, organizer, event)
    await world.settle()

    assert preview.to_refund == Tally(250, {"EUR": Money.total(went_back(world), "EUR")})
    assert preview.bookings == {BookingStatus.CONFIRMED: 250}


async def test_what_cannot_be_called_off_has_no_preview(world: World) -> None:
    organizer = await world.organizer()
    draft = await world.event(organizer, published=False)

    with pytest.raises(EventTransitionRefused):
        await world.deeds.preview_cancellation(organizer, draft.id)
