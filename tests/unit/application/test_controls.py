"""Each guard of the main job switched off for once: the tests that lean on it would then see the harm."""

import asyncio
from itertools import permutations
from pathlib import Path

import pytest
from attrs import evolve

from adapters.persistence import deciding
from application.ports.payment_gateway import ChargeState
from domain.admission import AdmissionOutcome
from domain.allotment import Allotment, AllotmentChange
from domain.payment import Payment, PaymentStatus
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
