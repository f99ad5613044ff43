"""Money that goes back: how much, by whom, with which tickets, and never twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from dependency_injector import providers

from application.access import Actor
from application.errors import FreshSignInRequired
from application.ports.payment_gateway import RefundState
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.create_event import RefundTerms, TicketTypePlan
from application.use_cases.edit_event import EventEdit
from application.use_cases.refund_booking import PartialRefundUnsupported, RefundBooking, RefundCommand
from domain.account import NotAllowed, Role
from domain.booking import Booking, BookingStatus
from domain.errors import DomainError, InvalidValue
from domain.event import Event
from domain.money import AmountNotExact, Money
from domain.payment import NothingToRefund, Payment, RefundTooLarge
from domain.refund import AlreadyDecided, RefundStatus
from domain.refund_policy import BeyondRefundPolicy, FourEyes, RefundWindowClosed
from domain.ticket import TicketStatus, TicketUsed, TicketVoid
from tests.support.world import World


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


async def paid_with(world: World, booking: Booking) -> Payment:
    full = await world.deeds.bookings.show(world.operator, booking.id)
    return next(payment for payment in full.payments if payment.is_captured)


async def places_sold(world: World, event: Event) -> int:
    shown = await world.deeds.events.show(world.operator, event.id)
    return sum(allotment.sold for allotment in shown.allotments)


async def statuses(world: World, booking: Booking) -> list[TicketStatus]:
    return [ticket.status for ticket in await world.tickets(booking)]


def limited(world: World, limit: Money) -> None:
    """From now on, more than so much needs a second person."""
    eyes = FourEyes({limit.currency: limit})
    deeds = world.container.deeds()
    world.deeds = evolve(
        deeds,
        refund_booking=evolve(deeds.refund_booking, four_eyes=eyes),
        cancel_booking=evolve(deeds.cancel_booking, four_eyes=eyes),
    )


async def test_an_amount_goes_back_and_the_tickets_stay_valid(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 2)

    refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "a broken seat", "7.50"))
    await world.settle()

    assert refund.amount == eur(750)
    assert await statuses(world, booking) == [TicketStatus.VALID] * 2
    assert (await paid_with(world, booking)).remaining == eur(4_250)
    assert await places_sold(world, event) == 2
    assert world.bank.charges[refund.payment_id].refunded == eur(750)


async def test_a_ticket_goes_back_at_the_price_it_had_and_frees_its_place(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    kind = TicketTypePlan("Standard", "10", 10, per_order_max=3, per_buyer_max=3)
    event = await world.event(organizer, ticket_types=(kind,))
    buyer = await world.person()
    booking = await world.buy(buyer, event, 3)
    first, second, _ = await world.tickets(booking)

    refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill", ticket_ids=(second.id,)))
    await world.settle()

    assert refund.amount == eur(1_000)
    assert await statuses(world, booking) == [TicketStatus.VALID, TicketStatus.VOID, TicketStatus.VALID]
    assert await places_sold(world, event) == 2
    assert (await world.hold(buyer, event)).ticket_count == 1  # The buyer's own limit was freed too.
    with pytest.raises(DomainError):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "again", ticket_ids=(second.id,)))
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id, "all of it"))
    assert await places_sold(world, event) == 0
    assert first.id


async def test_the_last_ticket_ends_the_booking(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 2)
    for ticket in await world.tickets(booking):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill", ticket_ids=(ticket.id,)))
    await world.settle()

    assert (await world.booking(booking)).status is BookingStatus.CANCELLED
    assert await places_sold(world, event) == 0
    assert (await paid_with(world, booking)).remaining == eur(0)


async def test_without_a_word_all_that_is_left_goes_back(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 2)
    await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "a broken seat", "7.50"))

    refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "sorry"))
    await world.settle()

    assert refund.amount == eur(4_250)
    assert (await world.booking(booking)).status is BookingStatus.CANCELLED
    assert set(await statuses(world, booking)) == {TicketStatus.VOID}


@pytest.mark.parametrize(
    ("price", "currency", "share"), [("10", "JPY", "10"), ("0.101", "KWD", "0.101"), ("0.01", "EUR", "0.01")]
)
async def test_every_currency_goes_back_in_its_own_units(world: World, price: str, currency: str, share: str) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer, price=price, currency=currency)
    booking = await world.buy(await world.person(), event, 3)
    [ticket, *_] = await world.tickets(booking)

    refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill", ticket_ids=(ticket.id,)))

    assert refund.amount == Money.parse(share, currency)
    with pytest.raises(AmountNotExact):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill", "0.0001"))


async def test_fifty_clicks_refund_once(every_world: World) -> None:
    world = every_world
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))

    clicks = (world.deeds.refund_booking(organizer, RefundCommand(booking.id, "sorry")) for _ in range(50))
    outcomes = await asyncio.gather(*clicks, return_exceptions=True)
    await world.settle()

    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} <= {NothingToRefund}
    assert len(world.bank.refunds) == 1


async def test_more_than_what_remains_is_refused_with_the_sum_that_remains(world: World) -> None:
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))
    await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "a broken seat", "20.00"))

    with pytest.raises(RefundTooLarge, match=r"5\.00 EUR remains of 25\.00 EUR"):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "more", "5.01"))


@pytest.mark.parametrize("amount", ["0", "-1", "", "ten", "1e999", "NaN", "5.001"])
async def test_what_is_no_amount_is_refused(world: World, amount: str) -> None:
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))

    with pytest.raises(InvalidValue):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", amount))


async def test_amounts_and_tickets_are_not_mixed_and_used_tickets_stay(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event, 2)
    used, fresh = await world.tickets(booking)
    world.open_doors(event)
    await world.scan(organizer, event, used.token)

    with pytest.raises(InvalidValue, match="not both"):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "1", (fresh.id,)))
    with pytest.raises(TicketUsed):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", ticket_ids=(used.id,)))
    with pytest.raises(DomainError, match="no ticket tkt_other"):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", ticket_ids=("tkt_other",)))


class TestAPolicy:
    """Ninety percent less a fee of one, until a day before."""

    TERMS = RefundTerms(until_hours=24, percent=90, fee="1.00")

    async def sold(self, world: World, **terms: Any) -> tuple[Actor, Actor, Event, Booking]:
        organizer, buyer = await world.organizer(), await world.person()
        event = await world.event(organizer, refund_policy=evolve(self.TERMS, **terms))
        return organizer, buyer, event, await world.buy(buyer, event, 2)

    async def test_it_is_quoted_and_kept(self, world: World) -> None:
        _, buyer, event, booking = await self.sold(world)

        quote = await world.deeds.refund_booking.quote(buyer, RefundCommand(booking.id, "ill"))
        refund = await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill"))

        assert (quote.amount, quote.kept) == (eur(4_400), eur(600))
        assert quote.until == event.schedule.starts_at - timedelta(hours=24)
        assert (refund.amount, quote.ends_booking) == (quote.amount, True)
        assert (await world.booking(booking)).status is BookingStatus.CANCELLED

    async def test_it_is_the_one_of_the_sale(self, world: World) -> None:
        organizer, buyer, event, booking = await self.sold(world)
        await world.deeds.edit_event(organizer, event.id, EventEdit(refund_policy=RefundTerms(0, 10)))

        quote = await world.deeds.refund_booking.quote(buyer, RefundCommand(booking.id, "ill"))
        assert quote.amount == eur(4_400)

    async def test_it_binds_the_organizer_and_not_an_administrator(self, world: World) -> None:
        organizer, _, _, booking = await self.sold(world)
        admin = await world.person(Role.ADMIN)

        with pytest.raises(BeyondRefundPolicy, match=r"44\.00 EUR at most"):
            await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "44.01"))
        refund = await world.deeds.refund_booking(admin, RefundCommand(booking.id, "x", "44.01"))

        assert refund.amount == eur(4_401)

    async def test_after_the_window_only_an_administrator_may(self, world: World) -> None:
        organizer, buyer, event, booking = await self.sold(world)
        world.clock.set(event.schedule.starts_at - timedelta(hours=24))

        for actor in (organizer, buyer):
            with pytest.raises(RefundWindowClosed):
                await world.deeds.refund_booking(actor, RefundCommand(booking.id, "late"))
        admin = await world.person(Role.ADMIN)
        assert (await world.deeds.refund_booking(admin, RefundCommand(booking.id, "late"))).amount == eur(5_000)

    async def test_a_buyer_may_only_where_it_says_so(self, world: World) -> None:
        _, buyer, _, booking = await self.sold(world, by_buyer=False)
        with pytest.raises(NotAllowed):
            await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill"))

        organizer = await world.organizer()
        unbound = await world.buy(buyer, await world.event(organizer))
        with pytest.raises(NotAllowed):
            await world.deeds.refund_booking(buyer, RefundCommand(unbound.id, "ill"))

    async def test_a_buyer_names_no_amount(self, world: World) -> None:
        _, buyer, _, booking = await self.sold(world)

        with pytest.raises(NotAllowed):
            await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill", "1.00"))

    async def test_a_cancellation_by_the_organizer_gives_everything_back(self, world: World) -> None:
        organizer, _, _, booking = await self.sold(world)

        await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id, "we cannot host you"))
        await world.settle()

        payment = await paid_with(world, booking)
        assert payment.remaining == eur(0)
        assert world.bank.charges[payment.id].refunded == eur(5_000)


class TestFourEyes:
    async def waiting(self, world: World) -> tuple[Actor, Event, Booking, str]:
        limited(world, eur(4_000))
        organizer = await world.organizer()
        event = await world.event(organizer)
        booking = await world.buy(await world.person(), event, 2)
        refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "sorry"))
        assert refund.status is RefundStatus.AWAITING_APPROVAL
        await world.settle()
        return organizer, event, booking, refund.id

    async def test_above_the_limit_nothing_is_sent_before_a_second_person_agrees(self, world: World) -> None:
        _, event, booking, refund_id = await self.waiting(world)
        assert not world.bank.refunds
        assert await statuses(world, booking) == [TicketStatus.VALID] * 2
        world.clock.advance(timedelta(days=2))
        await world.deeds.poll_gateways()
        await world.settle()
        assert not world.bank.refunds

        await world.deeds.approve_refund.approve(await world.person(Role.ADMIN), refund_id)
        await world.settle()

        assert len(world.bank.refunds) == 1
        assert set(await statuses(world, booking)) == {TicketStatus.VOID}
        assert await places_sold(world, event) == 0

    async def test_at_the_limit_one_person_is_enough(self, world: World) -> None:
        limited(world, eur(5_000))
        organizer = await world.organizer()
        booking = await world.buy(await world.person(), await world.event(organizer), 2)

        refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "sorry"))

        assert refund.status is RefundStatus.RESERVED

    async def test_nobody_agrees_with_themselves(self, world: World) -> None:
        limited(world, eur(1))
        admin, second = await world.person(Role.ADMIN), await world.person(Role.ADMIN)
        booking = await world.buy(await world.person(), await world.event())
        refund = await world.deeds.refund_booking(admin, RefundCommand(booking.id, "sorry"))

        with pytest.raises(NotAllowed, match="second person"):
            await world.deeds.approve_refund.approve(admin, refund.id)
        with pytest.raises(NotAllowed):
            await world.deeds.approve_refund.approve(await world.organizer(), refund.id)

        await world.deeds.approve_refund.approve(second, refund.id)
        with pytest.raises(AlreadyDecided):
            await world.deeds.approve_refund.approve(second, refund.id)

    async def test_what_was_rejected_may_be_asked_for_again(self, world: World) -> None:
        organizer, _, booking, refund_id = await self.waiting(world)
        with pytest.raises(NothingToRefund):
            await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "again"))

        await world.deeds.approve_refund.reject(await world.person(Role.ADMIN), refund_id, "they came")
        await world.settle()

        assert not world.bank.refunds
        assert (await paid_with(world, booking)).remaining == eur(5_000)

    async def test_a_cancellation_is_no_way_around_it(self, world: World) -> None:
        limited(world, eur(1))
        organizer = await world.organizer()
        booking = await world.buy(await world.person(), await world.event(organizer))

        await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id, "x"))
        await world.settle()

        assert not world.bank.refunds
        [refund] = (await world.deeds.bookings.show(organizer, booking.id)).refunds
        assert refund.status is RefundStatus.AWAITING_APPROVAL

    async def test_a_ticket_is_not_paid_for_twice(self, world: World) -> None:
        limited(world, eur(1_000))
        organizer, admin = await world.organizer(), await world.person(Role.ADMIN)
        booking = await world.buy(await world.person(), await world.event(organizer), 3)
        [ticket, *_] = await world.tickets(booking)
        ask = RefundCommand(booking.id, "ill", ticket_ids=(ticket.id,))
        first = await world.deeds.refund_booking(organizer, ask)
        second = await world.deeds.refund_booking(organizer, ask)

        await world.deeds.approve_refund.approve(admin, first.id)
        with pytest.raises(TicketVoid):
            await world.deeds.approve_refund.approve(admin, second.id)


async def test_a_provider_that_gives_back_only_wholes_is_not_asked_for_parts(world: World) -> None:
    deed: RefundBooking = world.deeds.refund_booking
    gateway = evolve(world.bank.as_gateway(), partial_refunds=None)
    whole = evolve(deed, gateways=evolve(deed.gateways, known={"pocket": gateway}))
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))

    with pytest.raises(PartialRefundUnsupported):
        await whole(organizer, RefundCommand(booking.id, "x", "1.00"))
    assert (await whole(organizer, RefundCommand(booking.id, "x"))).amount == eur(2_500)


async def test_a_refund_that_succeeded_and_came_back_may_be_made_again(world: World) -> None:
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))
    refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "sorry"))
    await world.settle()
    receipt = world.bank.refunds[refund.id]

    world.bank.refunds[refund.id] = evolve(receipt, state=RefundState.FAILED, reason="account closed")
    headers, body = world.bank.notice(refund.payment_id, "bounced")
    await world.deeds.receive_notice("pocket", headers, body)
    await world.settle()

    payment = await paid_with(world, booking)
    assert payment.remaining == eur(2_500)
    assert "account closed" in world.mailbox.to(organizer.signed_in().email)[-1].text
    again = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "again"))
    await world.settle()
    assert (await world.deeds.money.refund(organizer, again.id)).status is RefundStatus.SUCCEEDED


def test_the_container_takes_the_limit_from_the_settings(world: World) -> None:
    settings = evolve(world.container.settings(), refund_approval_above=("500 EUR", "50000 JPY"))
    world.container.settings.override(providers.Object(settings))
    world.container.four_eyes.reset()

    eyes: FourEyes = world.container.four_eyes()

    assert eyes.are_needed(eur(50_001))
    assert not eyes.are_needed(eur(50_000))
    assert eyes.are_needed(Money(50_001, "JPY"))
    assert not eyes.are_needed(Money(10**9, "USD"))


async def test_a_paid_booking_is_cancelled_by_who_signed_in_a_moment_ago(world: World) -> None:
    staff = await world.organizer()
    event = await world.event(staff)
    paid, held = await world.buy(await world.person(), event), await world.hold(await world.person(), event)
    stale = evolve(staff, session=None)

    await world.deeds.cancel_booking(stale, CancelBookingCommand(held.id, "no money moves"))
    with pytest.raises(FreshSignInRequired):
        await world.deeds.cancel_booking(stale, CancelBookingCommand(paid.id, "all of it goes back"))

    assert (await world.booking(paid)).status is BookingStatus.CONFIRMED
    cancelled = await world.deeds.cancel_booking(staff, CancelBookingCommand(paid.id, "all of it goes back"))
    assert cancelled.status is BookingStatus.CANCELLED
