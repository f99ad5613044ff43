"""Each guard of the main job switched off for once: the tests that lean on it would then see the harm."""

import asyncio
from itertools import permutations
from pathlib import Path
from secrets import token_bytes

import pytest
from attrs import evolve

from adapters.persistence import deciding
from application.ports.payment_gateway import ChargeState
from application.use_cases import settle_refund
from application.use_cases.refund_booking import RefundCommand
from domain.admission import AdmissionOutcome
from domain.allotment import Allotment, AllotmentChange
from domain.ids import RefundId, make_id
from domain.money import Money
from domain.payment import Payment, PaymentStatus
from domain.refund import Refund
from domain.ticket import Ticket
from tests.support.world import World


def take_anyway(change: AllotmentChange, allotment: Allotment | None) -> Allotment:
    assert allotment is not None
    held, sold = allotment.held + change.held, allotment.sold + change.sold
    return evolve(allotment, held=held, sold=sold, capacity=max(allotment.capacity, held + sold))


async def test_without_guarded_counts_more_than_the_last_places_are_sold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await world.event(capacity=10)
    buyers = [await world.person() for _ in range(20)]
    monkeypatch.setattr(deciding, "apply", take_anyway)

    bookings = await asyncio.gather(*(world.hold(buyer, event) for buyer in buyers))

    assert len(bookings) == 20


async def test_without_versions_one_ticket_admits_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    [ticket] = await world.tickets(await world.buy(await world.person(), event))
    world.open_doors(event)
    monkeypatch.setattr(deciding, "_stale", lambda _changes, _versions: None)

    scans = await asyncio.gather(*(world.scan(organizer, event, ticket.token, scan_id=f"s{n}") for n in range(50)))

    assert [scan.outcome for scan in scans].count(AdmissionOutcome.ADMITTED) > 1


async def test_without_generations_an_old_code_opens_the_door(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    organizer = await world.organizer()
    event = await world.event(organizer)
    buyer = await world.person()
    [old] = await world.tickets(await world.buy(buyer, event))
    await world.deeds.reissue_ticket(buyer, old.id)
    world.open_doors(event)
    monkeypatch.setattr(Ticket, "check_admits", lambda _ticket, _generation: None)

    assert (await world.scan(organizer, event, old.token)).outcome is AdmissionOutcome.ADMITTED


async def test_without_the_forward_rule_the_order_of_news_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Payment, "_forward_to", lambda payment, status, _at: evolve(payment, status=status))
    ends = set()
    for number, order in enumerate(permutations((ChargeState.FAILED, ChargeState.CAPTURED))):
        world = World.of(tmp_path / str(number))
        buyer = await world.person()
        booking = await world.hold(buyer, await world.event())
        payment = await world.start_payment(buyer, booking)
        for state in order:
            await world.bank_says(payment, state)
        ends.add((await world.deeds.bookings.show(buyer, booking.id)).payments[0].status)

    assert ends == {PaymentStatus.FAILED, PaymentStatus.CAPTURED}


async def test_without_reservations_clicks_at_once_refund_more_than_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizer = await world.organizer()
    booking = await world.buy(await world.person(), await world.event(organizer))
    monkeypatch.setattr(Payment, "reserve_refund", lambda payment, _amount: payment)
    monkeypatch.setattr(Payment, "remaining", property(lambda payment: payment.amount))
    monkeypatch.setattr(deciding, "_stale", lambda _changes, _versions: None)

    clicks = (world.deeds.refund_booking(organizer, RefundCommand(booking.id, "x", "20.00")) for _ in range(10))
    refunds = await asyncio.gather(*clicks, return_exceptions=True)

    assert sum(isinstance(refund, Refund) for refund in refunds) > 1


async def test_without_names_made_from_their_cause_money_is_counted_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = await world.buy(await world.person(), await world.event())
    [payment] = (await world.deeds.bookings.show(world.operator, booking.id)).payments
    world.bank.refund_by_hand(payment.id, Money(100, "EUR"))
    monkeypatch.setattr(
        settle_refund, "outside_refund_id", lambda _payment, _receipt: RefundId(make_id("rfd", token_bytes(16)))
    )
    learn = world.container.learn_payment()

    for _ in range(2):
        await learn(await world.container.begin()().payments.get(payment.id))

    assert len((await world.deeds.bookings.show(world.operator, booking.id)).refunds) == 2
