"""Where two rules about money meet: disputes and tickets, policies and repetition, second persons and cancellations."""

from datetime import timedelta

import pytest
from attrs import evolve

from application.access import Actor
from application.ports.payment_gateway import ChargeState, DisputeReport, DisputeState
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.create_event import RefundTerms
from application.use_cases.refund_booking import RefundCommand, TicketsNotMade
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.account import NotAllowed, Role
from domain.booking import Booking, BookingOver, BookingStatus
from domain.booking_outcome import OutcomeState
from domain.dispute import DisputePolicy
from domain.event import Event
from domain.money import Money
from domain.payment import NothingToRefund, Payment, PaymentDisputed
from domain.refund import RefundStatus
from domain.refund_policy import BeyondRefundPolicy, FourEyes
from domain.ticket import TicketStatus, TicketUsed
from tests.support.calling_off import call_off, states
from tests.support.world import World


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


async def paid_with(world: World, booking: Booking) -> Payment:
    full = await world.deeds.bookings.show(world.operator, booking.id)
    return next(payment for payment in full.payments if payment.is_captured)


async def statuses(world: World, booking: Booking) -> list[TicketStatus]:
    return [ticket.status for ticket in await world.tickets(booking)]


async def told(world: World, payment: Payment, notice_id: str) -> None:
    headers, body = world.bank.notice(payment.id, notice_id)
    await world.deeds.receive_notice("pocket", headers, body)
    await world.settle()


async def paid_without_tickets(world: World, event: Event, buyer: Actor) -> tuple[Booking, Payment]:
    """Confirmed, and the relay has not come to make its tickets."""
    booking = await world.hold(buyer, event, 2)
    payment = await world.start_payment(buyer, booking)
    world.bank.becomes(payment.id, ChargeState.CAPTURED)
    await world.container.learn_payment()(payment)
    return await world.booking(booking), payment


class TestAPolicyAskedAgainAndAgain:
    """Half of the price goes back, and the other half stays, however often somebody asks."""

    async def sold(self, world: World, quantity: int = 2) -> tuple[Actor, Actor, Booking]:
        organizer, buyer = await world.organizer(), await world.person()
        event = await world.event(organizer, refund_policy=RefundTerms(until_hours=1, percent=50))
        return organizer, buyer, await world.buy(buyer, event, quantity)

    async def test_a_booking_that_was_given_up_gives_nothing_more(self, world: World) -> None:
        organizer, buyer, booking = await self.sold(world)
        await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill"))

        with pytest.raises(BookingOver):
            await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill"))
        with pytest.raises(NothingToRefund):
            await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill"))
        assert (await paid_with(world, booking)).refunding == eur(2_500)

    async def test_the_rest_after_one_ticket_is_the_price_of_the_others_alone(self, world: World) -> None:
        _, buyer, booking = await self.sold(world)
        [first, _] = await world.tickets(booking)
        await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill", ticket_ids=(first.id,)))

        quote = await world.deeds.refund_booking.quote(buyer, RefundCommand(booking.id, "ill too"))

        assert (quote.amount, quote.kept) == (eur(1_250), eur(1_250))

    async def test_amounts_one_after_the_other_are_bound_together(self, world: World) -> None:
        organizer, _, booking = await self.sold(world)
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "20.00"))

        with pytest.raises(BeyondRefundPolicy, match=r"5\.00 EUR at most"):
            await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "5.01"))
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "5.00"))
        assert (await paid_with(world, booking)).refunding == eur(2_500)

    async def test_rounding_each_ticket_up_gives_no_more_than_the_whole(self, world: World) -> None:
        organizer, buyer = await world.organizer(), await world.person()
        terms = RefundTerms(until_hours=1, percent=50)
        booking = await world.buy(buyer, await world.event(organizer, price="0.01", refund_policy=terms), 4)
        for ticket in (await world.tickets(booking))[:2]:
            await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill", ticket_ids=(ticket.id,)))

        with pytest.raises(NothingToRefund):
            await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill"))

    async def test_an_administrator_may_still_give_all_that_is_left(self, world: World) -> None:
        _, buyer, booking = await self.sold(world)
        await world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill"))

        refund = await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "we were wrong"))

        assert refund.amount == eur(2_500)


class TestTicketsAndRefunds:
    async def test_places_are_not_given_up_before_their_tickets_are_made(self, world: World) -> None:
        booking, _ = await paid_without_tickets(world, await world.event(), await world.person())

        with pytest.raises(TicketsNotMade):
            await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "at once"))
        await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "a broken seat", "1.00"))
        await world.settle()
        refund = await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "now"))

        assert refund.amount == eur(4_900)
        assert (await world.booking(booking)).status is BookingStatus.CANCELLED

    async def test_whoever_has_entered_gets_all_back_only_from_an_administrator(self, world: World) -> None:
        organizer, buyer = await world.organizer(), await world.person()
        event = await world.event(organizer, refund_policy=RefundTerms(until_hours=0))
        booking = await world.buy(buyer, event, 2)
        world.open_doors(event)
        await world.scan(organizer, event, (await world.tickets(booking))[0].token)

        for actor in (buyer, organizer):
            with pytest.raises(TicketUsed):
                await world.deeds.refund_booking(actor, RefundCommand(booking.id, "dull"))
        assert (await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "fire"))).amount == eur(
            5_000
        )


class TestTicketsAndDisputes:
    async def test_tickets_made_while_a_dispute_is_open_are_blocked(self, world: World) -> None:
        booking, payment = await paid_without_tickets(world, await world.event(), await world.person())
        world.bank.dispute(payment.id, DisputeState.OPEN, eur(5_000))
        await world.container.learn_payment()(payment)

        await world.settle()
        assert await statuses(world, booking) == [TicketStatus.BLOCKED] * 2

        world.bank.dispute(payment.id, DisputeState.WON, eur(5_000))
        await told(world, payment, "won")
        assert await statuses(world, booking) == [TicketStatus.VALID] * 2

    async def test_where_disputed_tickets_are_kept_they_are_made_valid(self, world: World) -> None:
        event = await world.event(dispute_policy=DisputePolicy.KEEP)
        booking, payment = await paid_without_tickets(world, event, await world.person())
        world.bank.dispute(payment.id, DisputeState.OPEN, eur(5_000))
        await world.container.learn_payment()(payment)

        await world.settle()

        assert await statuses(world, booking) == [TicketStatus.VALID] * 2

    async def test_an_entry_taken_back_during_a_dispute_opens_no_door(self, world: World) -> None:
        organizer = await world.organizer()
        event = await world.event(organizer)
        booking = await world.buy(await world.person(), event)
        [ticket] = await world.tickets(booking)
        world.open_doors(event)
        await world.scan(organizer, event, ticket.token)
        payment = await paid_with(world, booking)
        world.bank.dispute(payment.id, DisputeState.OPEN, eur(2_500))
        await told(world, payment, "opened")

        await world.deeds.undo_admission(organizer, UndoAdmissionCommand(ticket.id, "by mistake"))

        assert await statuses(world, booking) == [TicketStatus.BLOCKED]

    async def test_one_that_is_won_opens_no_door_while_another_is_open(self, world: World) -> None:
        booking = await world.buy(await world.person(), await world.event())
        payment = await paid_with(world, booking)
        reports = [DisputeReport(f"pd_{n}", DisputeState.OPEN, eur(1_250), "fraudulent", None) for n in range(2)]
        world.bank.dispute(payment.id, DisputeState.OPEN, eur(1_250))
        world.bank.contested[payment.id] = reports
        await told(world, payment, "both")

        world.bank.contested[payment.id] = [evolve(reports[0], state=DisputeState.WON), reports[1]]
        await told(world, payment, "one is won")
        assert await statuses(world, booking) == [TicketStatus.BLOCKED]

        world.bank.contested[payment.id] = [evolve(report, state=DisputeState.WON) for report in reports]
        await told(world, payment, "both are won")
        assert await statuses(world, booking) == [TicketStatus.VALID]

    async def test_a_booking_is_not_cancelled_by_hand_while_its_money_cannot_go_back(self, world: World) -> None:
        booking = await world.buy(await world.person(), await world.event())
        payment = await paid_with(world, booking)
        cancel = CancelBookingCommand(booking.id, "x")
        world.bank.dispute(payment.id, DisputeState.OPEN, eur(2_500))
        await told(world, payment, "opened")
        with pytest.raises(PaymentDisputed):
            await world.deeds.cancel_booking(world.operator, cancel)

        world.bank.dispute(payment.id, DisputeState.WON, eur(2_500))
        await told(world, payment, "won")
        await world.deeds.cancel_booking(world.operator, cancel)

        assert not (await paid_with(world, booking)).remaining

    async def test_what_a_dispute_took_is_not_sent_as_a_refund_as_well(self, world: World) -> None:
        """Some providers would pay it: whoever contested had the money twice."""
        booking = await world.buy(await world.person(), await world.event())
        payment = await paid_with(world, booking)
        world.bank.down = True
        refund = await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "x", "1.00"))
        world.bank.down = False
        for state in (DisputeState.OPEN, DisputeState.LOST):
            world.bank.dispute(payment.id, state, eur(2_500))
            await world.container.learn_payment()(payment)
        for _ in range(3):
            world.clock.advance(timedelta(hours=7))
            await world.deeds.poll_gateways()
            await world.settle()

        shown = await world.deeds.money.refund(world.operator, refund.id)
        assert not world.bank.refunds
        assert shown.status is RefundStatus.FAILED
        assert "the buyer's bank" in shown.failure


class TestSecondPersons:
    def limited(self, world: World, limit: Money) -> None:
        eyes = FourEyes({limit.currency: limit})
        deeds = world.deeds
        world.deeds = evolve(
            deeds,
            refund_booking=evolve(deeds.refund_booking, four_eyes=eyes),
            cancel_booking=evolve(deeds.cancel_booking, four_eyes=eyes),
        )

    async def test_small_amounts_one_after_the_other_are_no_way_around_them(self, world: World) -> None:
        self.limited(world, eur(1_000))
        booking = await world.buy(await world.person(), await world.event())

        asked = [
            await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "x", "6.00")) for _ in range(2)
        ]
        await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "x"))

        assert [refund.status for refund in asked] == [RefundStatus.RESERVED, RefundStatus.AWAITING_APPROVAL]
        full = await world.deeds.bookings.show(world.operator, booking.id)
        waiting = [refund for refund in full.refunds if refund.status is RefundStatus.AWAITING_APPROVAL]
        assert Money.total((refund.amount for refund in waiting), "EUR") == eur(1_900)

    async def waiting(self, world: World) -> tuple[Actor, Event, Booking, str]:
        self.limited(world, eur(1_000))
        organizer = await world.organizer()
        event = await world.event(organizer)
        booking = await world.buy(await world.person(), event)
        refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "sorry"))
        await call_off(world, organizer, event)
        await world.settle()
        assert await states(world, event) == {OutcomeState.AWAITING_APPROVAL: 1}
        return organizer, event, booking, refund.id

    async def test_what_waits_can_be_agreed_to_after_its_event_was_called_off(self, world: World) -> None:
        _, event, booking, refund_id = await self.waiting(world)

        await world.deeds.approve_refund.approve(await world.person(Role.ADMIN), refund_id)
        await world.settle()

        assert await states(world, event) == {OutcomeState.SUCCEEDED: 1}
        assert not (await paid_with(world, booking)).remaining

    async def test_what_is_rejected_is_owed_from_that_moment_on(self, world: World) -> None:
        _, event, _, refund_id = await self.waiting(world)

        await world.deeds.approve_refund.reject(await world.person(Role.ADMIN), refund_id, "not so")
        await world.settle()

        assert await states(world, event) == {OutcomeState.FAILED: 1}

    async def test_a_buyer_is_no_second_person_for_their_own_money(self, world: World) -> None:
        self.limited(world, eur(1_000))
        organizer, buyer = await world.organizer(), await world.person(Role.ADMIN)
        booking = await world.buy(buyer, await world.event(organizer))
        refund = await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "for a friend"))

        with pytest.raises(NotAllowed, match="your own"):
            await world.deeds.approve_refund.approve(buyer, refund.id)


async def test_what_was_paid_by_hand_does_not_go_back_once_more(world: World) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    booking = await world.buy(await world.person(), event)
    world.bank.refuses = True
    await call_off(world, organizer, event)
    await world.settle()
    await world.deeds.pay_by_hand(organizer, event.id, booking.id, "in cash")
    world.bank.refuses = False

    for actor in (organizer, world.operator):
        with pytest.raises(NothingToRefund, match="in cash"):
            await world.deeds.refund_booking(actor, RefundCommand(booking.id, "again"))


async def test_a_payment_is_no_longer_set_apart_once_the_provider_says_what_we_asked_for(world: World) -> None:
    booking = await world.buy(await world.person(), await world.event())
    payment = await paid_with(world, booking)
    right = world.bank.charges[payment.id]
    world.bank.charges[payment.id] = evolve(right, amount=eur(1))
    await told(world, payment, "wrong")
    assert (await paid_with(world, booking)).quarantined

    world.bank.charges[payment.id] = right
    await told(world, payment, "right")

    assert not (await paid_with(world, booking)).quarantined
