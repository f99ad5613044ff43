"""The controls of the seams: with one guard switched off, money or a place goes to whom it does not belong."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.payment_gateway import DisputeState
from application.use_cases import refund_booking
from application.use_cases.create_event import RefundTerms
from application.use_cases.refund_booking import RefundCommand
from domain.dispute import Dispute
from domain.payment import Payment
from domain.refund_policy import RefundPolicy
from domain.ticket import Ticket, TicketStatus
from tests.support.world import World
from tests.unit.application.test_money_seams import eur, paid_with, paid_without_tickets, statuses


async def test_without_a_cap_amounts_one_after_the_other_empty_a_policy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RefundPolicy, "rest", lambda policy, paid, _gone_back: policy.share(paid))
    organizer = await world.organizer()
    event = await world.event(organizer, refund_policy=RefundTerms(until_hours=1, percent=50))
    booking = await world.buy(await world.person(), event)

    for _ in range(2):
        await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "12.50"))

    assert (await paid_with(world, booking)).refunding == eur(2_500)


async def test_with_no_look_at_the_dispute_tickets_made_meanwhile_open_doors(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Dispute, "blocks_tickets", False)
    booking, payment = await paid_without_tickets(world, await world.event(), await world.person())
    world.bank.dispute(payment.id, DisputeState.OPEN, eur(5_000))
    await world.container.learn_payment()(payment)

    await world.settle()

    assert await statuses(world, booking) == [TicketStatus.VALID] * 2


async def test_sent_all_the_same_a_refund_is_paid_beside_a_lost_dispute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Payment, "is_overdrawn", False)
    booking = await world.buy(await world.person(), await world.event())
    payment = await paid_with(world, booking)
    await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "x", "1.00"))
    for state in (DisputeState.OPEN, DisputeState.LOST):
        world.bank.dispute(payment.id, state, eur(2_500))
        await world.container.learn_payment()(payment)
    world.clock.advance(timedelta(hours=7))
    await world.deeds.poll_gateways()
    await world.settle()

    assert [receipt.amount for receipt in world.bank.refunds.values()] == [eur(100)]


async def test_given_up_before_they_are_made_tickets_stay_valid_with_the_money_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unchecked(*_: object) -> list[Ticket]:
        return []

    monkeypatch.setattr(refund_booking, "_wanted", unchecked)
    booking, _ = await paid_without_tickets(world, await world.event(), await world.person())

    await world.deeds.refund_booking(world.operator, RefundCommand(booking.id, "at once"))
    await world.settle()

    assert await statuses(world, booking) == [TicketStatus.VALID] * 2
    assert not (await paid_with(world, booking)).remaining


async def test_fifty_clicks_of_a_buyer_give_a_policys_share_once(every_world: World) -> None:
    world = every_world
    buyer = await world.person()
    event = await world.event(refund_policy=RefundTerms(until_hours=1, percent=50))
    booking = await world.buy(buyer, event, 2)

    clicks = (world.deeds.refund_booking(buyer, RefundCommand(booking.id, "ill")) for _ in range(50))
    outcomes = await asyncio.gather(*clicks, return_exceptions=True)
    await world.settle()

    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert [receipt.amount for receipt in world.bank.refunds.values()] == [eur(2_500)]
