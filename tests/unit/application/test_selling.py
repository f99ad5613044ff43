"""The main job: hold, pay, confirm, issue, mail; and all the ways in which money can come at the wrong moment."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import NotFound, PaymentUnavailable
from application.ports.payment_gateway import ChargeState, NoticeNotGenuine, RefundState
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.create_event import TicketTypePlan
from application.use_cases.start_payment import PaymentRefused
from domain.account import NotAllowed, Role
from domain.allotment import BuyerLimitReached, SoldOut
from domain.booking import Booking, BookingOver, BookingStatus, HoldExpired
from domain.errors import InvalidValue
from domain.event import Event, EventNotOnSale, SaleClosed
from domain.money import Money
from domain.payment import PaymentStatus
from domain.pricing import OrderLimitReached
from domain.refund import RefundStatus
from domain.ticket import TicketStatus
from tests.support.world import World


async def places(world: World, event: Event) -> tuple[int, int]:
    """Held and sold."""
    [allotment] = (await world.deeds.events.show(world.operator, event.id)).allotments
    return allotment.held, allotment.sold


async def refunds(world: World, booking: Booking) -> list[RefundStatus]:
    return [refund.status for refund in (await world.deeds.bookings.show(world.operator, booking.id)).refunds]


async def test_a_paid_booking_is_confirmed_and_its_tickets_are_mailed(every_world: World) -> None:
    world = every_world
    event = await world.event(price="25.00")
    buyer = await world.person(email="buyer@example.com")

    booking = await world.buy(buyer, event, 3)

    assert booking.status is BookingStatus.CONFIRMED
    assert booking.price == Money(7500, "EUR")
    assert await places(world, event) == (0, 3)
    assert [ticket.number for ticket in await world.tickets(booking)] == [1, 2, 3]
    [mail] = world.mailbox.to("buyer@example.com")
    assert len([a for a in mail.attachments if a.media_type == "image/png"]) == 4  # three tickets and the group


async def test_a_free_booking_is_confirmed_at_once_on_the_same_path(world: World) -> None:
    event = await world.event(price="0")
    booking = await world.hold(await world.person(), event, 2)
    await world.settle()

    assert booking.status is BookingStatus.CONFIRMED
    assert len(await world.tickets(booking)) == 2
    assert await places(world, event) == (0, 2)


async def test_held_places_are_gone_for_others_until_the_deadline_even_if_no_sweeper_runs(every_world: World) -> None:
    world = every_world
    event = await world.event(capacity=2)
    await world.hold(await world.person(), event, 2)

    with pytest.raises(SoldOut):
        await world.hold(await world.person(), event)
    world.clock.advance(timedelta(minutes=15))
    late = await world.hold(await world.person(), event, 2)

    assert late.status is BookingStatus.HELD
    assert await places(world, event) == (2, 0)


async def test_a_lapsed_hold_cannot_be_paid(world: World) -> None:
    buyer = await world.person()
    booking = await world.hold(buyer, await world.event())
    world.clock.advance(timedelta(minutes=15))

    with pytest.raises(HoldExpired):
        await world.start_payment(buyer, booking)


async def test_money_that_comes_late_wins_the_places_again_if_they_are_left(world: World) -> None:
    event = await world.event(capacity=2)
    buyer = await world.person()
    booking = await world.hold(buyer, event, 2)
    payment = await world.start_payment(buyer, booking)
    world.clock.advance(timedelta(minutes=20))
    await world.deeds.jobs.run_once()
    assert await places(world, event) == (0, 0)

    await world.bank_says(payment, ChargeState.CAPTURED)

    assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
    assert await places(world, event) == (0, 2)


async def test_money_that_comes_too_late_goes_back_in_full(every_world: World) -> None:
    world = every_world
    event = await world.event(capacity=2)
    buyer = await world.person(email="late@example.com")
    booking = await world.hold(buyer, event, 2)
    payment = await world.start_payment(buyer, booking)
    world.clock.advance(timedelta(minutes=20))
    await world.buy(await world.person(), event, 2)

    await world.bank_says(payment, ChargeState.CAPTURED)

    assert (await world.booking(booking)).status is BookingStatus.EXPIRED
    assert await refunds(world, booking) == [RefundStatus.SUCCEEDED]
    assert world.bank.charges[payment.id].refunded == booking.price
    assert any("refund" in mail.subject.lower() for mail in world.mailbox.to("late@example.com"))
    assert await places(world, event) == (0, 2)


async def test_a_failed_payment_may_be_tried_again_and_a_late_success_of_the_first_goes_back(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    first = await world.start_payment(buyer, booking)
    await world.bank_says(first, ChargeState.FAILED)
    assert (await world.booking(booking)).status is BookingStatus.HELD

    second = await world.start_payment(buyer, booking)
    assert second.id != first.id
    await world.bank_says(second, ChargeState.CAPTURED)
    await world.bank_says(first, ChargeState.CAPTURED)

    assert (await world.booking(booking)).payment_id == second.id
    assert world.bank.charges[first.id].refunded == booking.price
    assert world.bank.charges[second.id].refunded == Money(0, "EUR")
    assert await places(world, event) == (0, 1)


async def test_impatient_clicks_open_one_page(world: World) -> None:
    buyer = await world.person()
    booking = await world.hold(buyer, await world.event())

    payments = await asyncio.gather(*(world.start_payment(buyer, booking) for _ in range(10)))

    assert len({payment.id for payment in payments}) == 1
    assert len(world.bank.charges) == 1


@pytest.mark.parametrize("fault", ["down", "deaf_after"])
async def test_an_unknown_outcome_is_never_taken_for_a_failure_nor_paid_twice(world: World, fault: str) -> None:
    buyer = await world.person()
    booking = await world.hold(buyer, await world.event())
    setattr(world.bank, fault, True)
    with pytest.raises(PaymentUnavailable):
        await world.start_payment(buyer, booking)
    [unsure] = (await world.deeds.bookings.show(buyer, booking.id)).payments
    assert unsure.status is PaymentStatus.UNKNOWN

    setattr(world.bank, fault, False)
    payment = await world.start_payment(buyer, booking)

    assert payment.id == unsure.id
    assert list(world.bank.charges) == [payment.id]


async def test_a_gateway_that_refuses_leaves_the_hold_and_says_so(world: World) -> None:
    buyer = await world.person()
    booking = await world.hold(buyer, await world.event())
    world.bank.refuses = True

    with pytest.raises(PaymentRefused):
        await world.start_payment(buyer, booking)

    world.bank.refuses = False
    assert (await world.booking(booking)).status is BookingStatus.HELD
    assert (await world.start_payment(buyer, booking)).page_url


async def test_a_poll_finds_what_no_notice_told(every_world: World) -> None:
    world = every_world
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    world.bank.becomes(payment.id, ChargeState.CAPTURED)

    await world.deeds.poll_gateways()
    assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT  # It is not time to ask yet.
    world.clock.advance(timedelta(minutes=3))
    await world.deeds.poll_gateways()
    await world.settle()

    assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
    assert len(await world.tickets(booking)) == 1


async def test_a_poll_asks_less_and_less_often_and_then_gives_up(world: World) -> None:
    buyer = await world.person()
    booking = await world.hold(buyer, await world.event(in_hours=24 * 30))
    payment = await world.start_payment(buyer, booking)
    asked = []
    for _ in range(60 * 24 * 6):
        world.clock.advance(timedelta(minutes=1))
        before = world.bank.calls
        await world.deeds.poll_gateways()
        if world.bank.calls > before:
            asked.append(world.clock.now())

    pauses = [(later - earlier) // timedelta(minutes=1) for earlier, later in pairwise(asked)]
    assert pauses[:4] == [5, 15, 60, 360]
    assert set(pauses[4:]) == {360}
    [ended] = (await world.deeds.bookings.show(world.operator, booking.id)).payments
    assert ended.id == payment.id
    assert ended.status is PaymentStatus.FAILED
    assert ended.next_poll_at is None


async def test_a_forged_notice_is_not_kept(world: World) -> None:
    buyer = await world.person()
    booking = await world.hold(buyer, await world.event())
    payment = await world.start_payment(buyer, booking)
    world.bank.becomes(payment.id, ChargeState.CAPTURED)
    _, body = world.bank.notice(payment.id)

    with pytest.raises(NoticeNotGenuine):
        await world.deeds.receive_notice("pocket", {"signature": "forged"}, body)
    await world.settle()

    assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT


async def test_another_amount_moves_nothing(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    charge = world.bank.charges[payment.id]
    world.bank.charges[payment.id] = evolve(charge, amount=Money(1, "EUR"))

    await world.bank_says(payment, ChargeState.CAPTURED)

    assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT
    assert await refunds(world, booking) == []


async def test_cancelling_a_paid_booking_returns_places_money_and_kills_its_codes(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    buyer = await world.person()
    booking = await world.buy(buyer, event, 2)

    with pytest.raises(NotAllowed):
        await world.deeds.cancel_booking(buyer, CancelBookingCommand(booking.id))
    cancel = CancelBookingCommand(booking.id, "sorry")
    await asyncio.gather(*(world.deeds.cancel_booking(organizer, cancel) for _ in range(20)))
    await world.settle()

    assert (await world.booking(booking)).status is BookingStatus.CANCELLED
    assert await places(world, event) == (0, 0)
    assert {ticket.status for ticket in await world.tickets(booking)} == {TicketStatus.VOID}
    assert await refunds(world, booking) == [RefundStatus.SUCCEEDED]
    assert len(world.bank.refunds) == 1


async def test_a_buyer_gives_up_a_hold_and_the_page_is_closed(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)

    await world.deeds.cancel_booking(buyer, CancelBookingCommand(booking.id))
    await world.settle()

    assert await places(world, event) == (0, 0)
    assert world.bank.closed == {payment.id}
    with pytest.raises(BookingOver):
        await world.start_payment(buyer, booking)


async def test_a_refund_that_fails_gives_its_reservation_back_once(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event)
    world.bank.refund_state = RefundState.PENDING
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id))
    await world.settle()
    [refund] = (await world.deeds.bookings.show(organizer, booking.id)).refunds
    assert refund.status is RefundStatus.PENDING

    world.bank.refunds[refund.id] = evolve(world.bank.refunds[refund.id], state=RefundState.FAILED, reason="closed")
    for _ in range(3):
        world.clock.advance(timedelta(hours=2))
        await world.deeds.poll_gateways()

    full = await world.deeds.bookings.show(organizer, booking.id)
    assert full.refunds[0].status is RefundStatus.FAILED
    assert full.payments[0].refundable == booking.price


async def test_calling_an_event_off_refunds_everybody_once(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer, capacity=50)
    paid = [await world.buy(await world.person(), event) for _ in range(5)]
    held = await world.hold(await world.person(), event)

    await world.deeds.move_event.cancel(organizer, event.id, "Concert")
    await world.settle()
    await world.settle()

    assert {(await world.booking(booking)).status for booking in [*paid, held]} == {BookingStatus.CANCELLED}
    assert await places(world, event) == (0, 0)
    assert len(world.bank.refunds) == 5
    with pytest.raises(EventNotOnSale):
        await world.hold(await world.person(), event)


async def test_money_for_an_event_that_was_called_off_goes_back(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    await world.deeds.move_event.cancel(organizer, event.id, "Concert")

    await world.bank_says(payment, ChargeState.CAPTURED)

    assert (await world.booking(booking)).status is BookingStatus.CANCELLED
    assert world.bank.charges[payment.id].refunded == booking.price


async def test_limits_hold_over_repeated_lines_and_over_a_buyers_bookings(every_world: World) -> None:
    world = every_world
    kind = TicketTypePlan("Standard", "5", 100, per_order_max=3, per_buyer_max=4)
    event = await world.event(ticket_types=(kind,))
    buyer = await world.person()
    type_id = event.ticket_types[0].id

    with pytest.raises(OrderLimitReached):
        await world.deeds.book_places(buyer, BookPlacesCommand(event.id, ((type_id, 2), (type_id, 2))))
    first = await world.hold(buyer, event, 3)
    with pytest.raises(BuyerLimitReached):
        await world.hold(buyer, event, 2)
    assert (await world.hold(await world.person(), event, 3)).status is BookingStatus.HELD
    await world.deeds.cancel_booking(buyer, CancelBookingCommand(first.id))

    assert (await world.hold(buyer, event, 3)).status is BookingStatus.HELD


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
async def test_an_absurd_count_is_refused(world: World, quantity: int) -> None:
    event = await world.event()

    with pytest.raises(InvalidValue):
        await world.hold(await world.person(), event, quantity)


async def test_a_closed_sale_and_a_draft_take_no_bookings(world: World) -> None:
    event = await world.event()
    draft = await world.event(published=False)

    with pytest.raises(NotFound):
        await world.hold(await world.person(), draft)
    world.clock.set(event.schedule.doors_open_at)
    with pytest.raises((EventNotOnSale, SaleClosed)):
        await world.hold(await world.person(), event)


@pytest.mark.parametrize("count", [200])
async def test_two_hundred_buyers_want_the_last_ten_places_and_ten_get_one(every_world: World, count: int) -> None:
    world = every_world
    event = await world.event(capacity=10)
    buyers = [await world.person() for _ in range(count)]

    async def try_it(buyer: Actor) -> bool:
        try:
            await world.hold(buyer, event)
        except SoldOut:
            return False
        return True

    won = await asyncio.gather(*(try_it(buyer) for buyer in buyers))

    assert sum(won) == 10
    assert await places(world, event) == (10, 0)


async def test_a_stranger_sees_no_booking_of_others(world: World) -> None:
    event = await world.event()
    booking = await world.buy(await world.person(), event)

    for stranger in (await world.person(), await world.organizer()):
        with pytest.raises(NotFound):
            await world.deeds.bookings.show(stranger, booking.id)
        with pytest.raises(NotFound):
            await world.start_payment(stranger, booking)
    assert (await world.deeds.bookings.show(await world.person(Role.ADMIN), booking.id)).booking == booking
