"""What the gateway tells us unasked: refunds made by hand, disputes, fees, money that is only set aside."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from application.access import Actor
from application.ports.payment_gateway import ChargeState, DisputeState, RefundState
from application.ports.store import Listing, Page
from application.use_cases.refund_booking import RefundCommand
from domain.booking import Booking, BookingStatus
from domain.dispute import DisputePolicy, DisputeStatus
from domain.event import Event
from domain.ids import PaymentId
from domain.ledger import LedgerAccount, LedgerTransaction, balances
from domain.money import Money
from domain.payment import Payment, PaymentDisputed
from domain.refund import RefundStatus
from domain.ticket import TicketStatus
from tests.support.world import World


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


class Sold:
    """A booking of two places for 50.00, paid."""

    def __init__(self, world: World, organizer: Actor, event: Event, booking: Booking, payment: Payment) -> None:
        self.world, self.organizer, self.event, self.booking, self.payment = world, organizer, event, booking, payment

    @classmethod
    async def by(cls, world: World, **plan: Any) -> "Sold":
        organizer = await world.organizer()
        event = await world.event(organizer, **plan)
        booking = await world.buy(await world.person(), event, 2)
        [payment] = (await world.deeds.bookings.show(world.operator, booking.id)).payments
        return cls(world, organizer, event, booking, payment)

    async def told(self, times: int = 1) -> None:
        """The gateway tells us that something about the payment changed, each time in a message of its own."""
        for _ in range(times):
            self.world._people += 1
            headers, body = self.world.bank.notice(self.payment.id, f"notice-{self.world._people}")
            await self.world.deeds.receive_notice("pocket", headers, body)
            await self.world.settle()

    async def now(self) -> Payment:
        payment = await self.world.container.begin()().payments.get(self.payment.id)
        assert isinstance(payment, Payment)
        return payment

    async def statuses(self) -> list[TicketStatus]:
        return [ticket.status for ticket in await self.world.tickets(self.booking)]

    async def ledger(self) -> list[LedgerTransaction]:
        page: Page[Any] = await self.world.container.store().list(Listing("ledger", "by_booking", self.booking.id))
        return list(page.items)

    async def sums(self) -> dict[LedgerAccount, int]:
        entries = [entry for moved in await self.ledger() for entry in moved.entries]
        return dict(balances(entries)["EUR"])


async def test_every_movement_is_written_down_once_and_balanced(every_world: World) -> None:
    sold = await Sold.by(every_world)
    await every_world.deeds.refund_booking(sold.organizer, RefundCommand(sold.booking.id, "x", "7.50"))
    await every_world.settle()
    await sold.told(times=3)

    moved = await sold.ledger()

    assert [each.kind for each in moved] == ["capture", "refund"]
    assert await sold.sums() == {
        LedgerAccount.GATEWAY: 4_250,
        LedgerAccount.SALES: -5_000,
        LedgerAccount.REFUNDS: 750,
    }
    assert {each.organizer_id for each in moved} == {sold.organizer.signed_in().id}


async def test_a_refund_made_by_hand_is_written_down(every_world: World) -> None:
    sold = await Sold.by(every_world)
    every_world.bank.refund_by_hand(sold.payment.id, eur(1_000), RefundState.PENDING)
    await sold.told(times=2)
    assert (await sold.now()).remaining == eur(4_000)

    every_world.bank.refund_by_hand(sold.payment.id, eur(1_000))
    await sold.told(times=2)

    [refund] = (await every_world.deeds.bookings.show(every_world.operator, sold.booking.id)).refunds
    assert (refund.outside, refund.status, refund.amount) == (True, RefundStatus.SUCCEEDED, eur(1_000))
    assert await sold.statuses() == [TicketStatus.VALID] * 2
    assert (await sold.sums())[LedgerAccount.REFUNDS] == 1_000


async def test_when_nothing_is_left_after_a_refund_by_hand_the_booking_ends(world: World) -> None:
    sold = await Sold.by(world)

    world.bank.refund_by_hand(sold.payment.id, eur(5_000))
    await sold.told()

    assert (await world.booking(sold.booking)).status is BookingStatus.CANCELLED
    assert set(await sold.statuses()) == {TicketStatus.VOID}


async def test_a_refund_by_hand_that_fails_leaves_all_as_it_was(world: World) -> None:
    sold = await Sold.by(world)
    world.bank.refund_by_hand(sold.payment.id, eur(1_000), RefundState.PENDING)
    await sold.told()

    world.bank.refund_by_hand(sold.payment.id, eur(1_000), RefundState.FAILED)
    await sold.told(times=2)

    assert (await sold.now()).remaining == eur(5_000)
    assert LedgerAccount.REFUNDS not in await sold.sums()


async def test_ours_and_theirs_at_once_never_give_back_more_than_was_paid(world: World) -> None:
    sold = await Sold.by(world)
    world.bank.refund_by_hand(sold.payment.id, eur(4_000))

    refund = await world.deeds.refund_booking(sold.organizer, RefundCommand(sold.booking.id, "x", "20.00"))
    await world.settle()
    await sold.told()

    assert (await world.deeds.money.refund(sold.organizer, refund.id)).status is RefundStatus.FAILED
    assert (await sold.now()).remaining == eur(1_000)
    assert (await sold.sums())[LedgerAccount.REFUNDS] == 4_000


async def test_a_dispute_freezes_refunds_and_blocks_tickets(every_world: World) -> None:
    world = every_world
    sold = await Sold.by(world)
    used, fresh = await world.tickets(sold.booking)
    world.open_doors(sold.event)
    await world.scan(sold.organizer, sold.event, used.token)

    world.bank.dispute(sold.payment.id, DisputeState.OPEN, eur(5_000), fee=eur(1_500))
    await sold.told(times=2)

    with pytest.raises(PaymentDisputed):
        await world.deeds.refund_booking(sold.organizer, RefundCommand(sold.booking.id, "x", "1.00"))
    assert await sold.statuses() == [TicketStatus.USED, TicketStatus.BLOCKED]
    refused = await world.scan(sold.organizer, sold.event, fresh.token)
    assert refused.reason == "ticket_blocked"
    assert await sold.sums() == {
        LedgerAccount.GATEWAY: -1_500,
        LedgerAccount.SALES: -5_000,
        LedgerAccount.DISPUTES: 5_000,
        LedgerAccount.FEES: 1_500,
    }
    [mail] = [mail for mail in world.mailbox.to(sold.organizer.signed_in().email) if "disputed" in mail.subject]
    assert "fraudulent" in mail.text


async def test_a_dispute_that_is_won_lets_everything_go_on(world: World) -> None:
    sold = await Sold.by(world)
    world.bank.dispute(sold.payment.id, DisputeState.OPEN, eur(5_000))
    await sold.told()

    world.bank.dispute(sold.payment.id, DisputeState.WON, eur(5_000))
    await sold.told(times=2)

    assert await sold.statuses() == [TicketStatus.VALID] * 2
    assert (await sold.now()).refundable == eur(5_000)
    assert (await sold.sums())[LedgerAccount.DISPUTES] == 0
    [dispute] = (await world.deeds.money.disputes(world.operator, None, None, 10)).items
    assert dispute.status is DisputeStatus.WON


async def test_a_dispute_that_is_lost_ends_the_booking(world: World) -> None:
    sold = await Sold.by(world)
    world.bank.dispute(sold.payment.id, DisputeState.OPEN, eur(5_000))
    await sold.told()

    world.bank.dispute(sold.payment.id, DisputeState.LOST, eur(5_000))
    await sold.told(times=2)

    assert (await world.booking(sold.booking)).status is BookingStatus.CANCELLED
    assert (await sold.now()).remaining == eur(0)
    assert (await sold.sums())[LedgerAccount.GATEWAY] == 0


async def test_what_a_provider_takes_only_when_it_is_lost_is_not_written_down_before(every_world: World) -> None:
    world = every_world
    sold = await Sold.by(world)
    world.bank.dispute(sold.payment.id, DisputeState.OPEN, eur(5_000), withdrawn=False)
    await sold.told(times=2)
    assert (await sold.now()).disputed
    assert LedgerAccount.DISPUTES not in await sold.sums()
    assert (await world.deeds.books.check(world.operator)).is_right

    world.bank.dispute(sold.payment.id, DisputeState.LOST, eur(4_000))
    await sold.told(times=2)

    assert (await sold.sums())[LedgerAccount.DISPUTES] == 4_000
    assert (await sold.now()).remaining == eur(1_000)
    assert (await world.deeds.books.check(world.operator)).is_right


async def test_a_question_that_ends_well_moves_no_money(world: World) -> None:
    sold = await Sold.by(world)
    for state in (DisputeState.OPEN, DisputeState.WON):
        world.bank.dispute(sold.payment.id, state, eur(5_000), withdrawn=False)
        await sold.told()

    assert [moved.kind for moved in await sold.ledger()] == ["capture"]
    assert await sold.statuses() == [TicketStatus.VALID] * 2
    assert (await world.deeds.books.check(world.operator)).is_right


async def test_an_organizer_may_choose_to_keep_disputed_tickets(world: World) -> None:
    sold = await Sold.by(world, dispute_policy=DisputePolicy.KEEP)
    for state in (DisputeState.OPEN, DisputeState.LOST):
        world.bank.dispute(sold.payment.id, state, eur(5_000))
        await sold.told()

    assert await sold.statuses() == [TicketStatus.VALID] * 2
    assert (await world.booking(sold.booking)).status is BookingStatus.CONFIRMED


async def test_a_refund_that_was_set_aside_waits_for_the_end_of_a_dispute(world: World) -> None:
    sold = await Sold.by(world)
    world.bank.down = True
    refund = await world.deeds.refund_booking(sold.organizer, RefundCommand(sold.booking.id, "x", "1.00"))
    await world.settle()
    world.bank.down = False
    world.bank.dispute(sold.payment.id, DisputeState.OPEN, eur(5_000))
    await sold.told()
    for _ in range(3):
        world.clock.advance(timedelta(hours=7))
        await world.deeds.poll_gateways()
        await world.settle()
    assert not world.bank.refunds

    world.bank.dispute(sold.payment.id, DisputeState.WON, eur(5_000))
    await sold.told()
    world.clock.advance(timedelta(hours=7))
    await world.deeds.poll_gateways()
    await world.settle()

    assert (await world.deeds.money.refund(sold.organizer, refund.id)).status is RefundStatus.SUCCEEDED


async def test_the_gateways_fee_is_written_down_once(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)
    world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], fee=eur(98))

    await world.bank_says(payment, ChargeState.CAPTURED)
    await world.bank_says(payment, ChargeState.CAPTURED, notice_id="again")

    page: Page[Any] = await world.container.store().list(Listing("ledger", "by_booking", booking.id))
    assert Counter(moved.kind for moved in page.items) == {"capture": 1, "fee": 1}


async def test_money_that_is_only_set_aside_is_captured(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    booking = await world.hold(buyer, event)
    payment = await world.start_payment(buyer, booking)

    await world.bank_says(payment, ChargeState.AUTHORISED)

    assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
    assert world.bank.charges[payment.id].state is ChargeState.CAPTURED


async def test_another_sum_is_not_captured(world: World) -> None:
    event = await world.event()
    buyer = await world.person()
    payment = await world.start_payment(buyer, await world.hold(buyer, event))
    world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], amount=eur(1))

    await world.bank_says(payment, ChargeState.AUTHORISED)

    assert world.bank.charges[payment.id].state is ChargeState.AUTHORISED
    stored = await world.container.begin()().payments.get(payment.id)
    assert "was set aside" in stored.quarantined


async def test_a_notice_about_money_that_we_do_not_know_is_quarantined(world: World) -> None:
    sold = await Sold.by(world)
    stranger = evolve(world.bank.charges[sold.payment.id], payment_id=PaymentId("pay_elsewhere"))
    world.bank.charges[stranger.payment_id] = stranger
    headers, body = world.bank.notice(stranger.payment_id)

    await world.deeds.receive_notice("pocket", headers, body)
    await world.settle()

    page: Page[Any] = await world.container.store().list(Listing("notice", "by_state", "quarantined"))
    assert [receipt.payment_id for receipt in page.items] == ["pay_elsewhere"]


async def test_news_from_all_sides_at_once_is_written_down_once(every_world: World) -> None:
    world = every_world
    sold = await Sold.by(world)
    world.bank.refund_by_hand(sold.payment.id, eur(1_000))
    world.bank.dispute(sold.payment.id, DisputeState.WON, eur(4_000), fee=eur(1_500))
    learn = world.container.learn_payment()
    payment = await sold.now()

    await asyncio.gather(*(learn(payment) for _ in range(12)))

    assert Counter(moved.kind for moved in await sold.ledger()) == {
        "capture": 1,
        "refund": 1,
        "dispute": 1,
        "dispute_fee": 1,
        "dispute_won": 1,
    }
    assert (await sold.now()).remaining == eur(4_000)
