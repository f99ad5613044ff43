"""Our books against the gateway's: each planted difference is found, none is invented, and what can be is put right."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from application import comparing
from application.listing import every
from application.ports.payment_gateway import ChargeState
from application.ports.store import Listing
from application.use_cases.compare_books import CompareBooks
from domain.booking import BookingStatus
from domain.ledger import LedgerTransaction, balances
from domain.money import Money
from domain.payment import PaymentStatus
from domain.reconciliation import Finding, FindingKind, FindingStatus
from tests.support.planted_money import SOUND, WRONG, Planting, compare, findings
from tests.support.world import World


def told(found: Sequence[Finding]) -> list[tuple[FindingKind, str, FindingStatus]]:
    return sorted((one.kind, one.subject, one.status) for one in found)


async def plant_and_compare(world: World, names: Sequence[str]) -> None:
    """Whatever is planted in whatever order: exactly that is found."""
    planting = await Planting.of(world)
    expected = [await planting.plant(name) for name in names]

    compared = await compare(world)

    assert told(await findings(world)) == sorted(one for one in expected if one is not None)
    assert compared.is_finished


@pytest.mark.parametrize("name", [*SOUND, *WRONG])
async def test_each_difference_is_found_alone(every_world: World, name: str) -> None:
    await plant_and_compare(every_world, [name])


@given(names=st.lists(st.sampled_from((*SOUND, *WRONG)), min_size=2, max_size=10))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_set_of_planted_differences_is_found_and_none_is_invented(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    asyncio.run(plant_and_compare(World.of(tmp_path_factory.mktemp("world")), names))


@given(names=st.lists(st.sampled_from((*SOUND, *WRONG)), min_size=2, max_size=8))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_holds_on_sqlite(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("world")

    async def on_sqlite() -> None:
        store = GatheringStore(await open_sql_store(f"sqlite:///{folder}/relexbooking.db"))
        try:
            await plant_and_compare(World.of(folder, store), names)
        finally:
            await store.close()

    asyncio.run(on_sqlite())


async def ledger(world: World) -> list[LedgerTransaction]:
    day = world.clock.now().date().isoformat()
    return [moved async for moved in every(world.container.store(), Listing("ledger", "by_day", day))]


async def test_healed_ones_end_where_a_notice_would_have_brought_them(world: World) -> None:
    planting = await Planting.of(world)
    unheard, late, by_hand, nothing, ticketless = [
        expected[1]
        for name in ("unheard", "unheard_and_too_late", "refunded_by_hand", "bought_nothing", "tickets_never_made")
        if (expected := await planting.plant(name))
    ]

    await compare(world)
    await world.settle()

    async def end(payment_id: str) -> tuple[BookingStatus, int, Money]:
        payment = (await world.deeds.payments.show(world.operator, payment_id)).payment
        full = await world.deeds.bookings.show(world.operator, payment.booking_id)
        assert payment.status is PaymentStatus.CAPTURED
        return full.booking.status, len(full.tickets), payment.remaining

    price, zero = planting.event.ticket_types[0].price, Money(0, "EUR")
    assert await end(unheard) == (BookingStatus.CONFIRMED, 1, price)
    assert await end(late) == (BookingStatus.CANCELLED, 0, zero)
    assert await end(by_hand) == (BookingStatus.CONFIRMED, 1, Money(1500, "EUR"))
    assert (await end(nothing))[2] == zero
    assert await end(ticketless) == (BookingStatus.CONFIRMED, 1, price)
    # And now the two agree about everything.
    again = await compare(world)
    assert [day.findings for day in again.days] == [0, 0]
    for moved in await ledger(world):
        assert all(not sum(by_account.values()) for by_account in balances(moved.entries).values())


async def test_found_again_it_is_the_same_finding_and_nothing_is_refunded_twice(world: World) -> None:
    planting = await Planting.of(world)
    for name in ("bought_nothing", "gone_there", "foreign"):
        await planting.plant(name)
    await compare(world)
    await world.settle()
    first, refunds = await findings(world), len(world.bank.refunds)

    await compare(world)
    await world.settle()

    assert told(await findings(world)) == told(first)
    assert len(world.bank.refunds) == refunds == 1


async def test_what_was_mended_elsewhere_is_closed_by_the_next_comparison(world: World) -> None:
    planting = await Planting.of(world)
    expected = await planting.plant("gone_there")
    assert expected
    await compare(world)
    [charge] = [charge for charge in world.bank.charges.values() if charge.payment_id == expected[1]]
    world.bank.becomes(charge.payment_id, ChargeState.CAPTURED)
    world.clock.advance(60)

    await compare(world)

    [finding] = await findings(world)
    assert (finding.status, finding.decided_by) == (FindingStatus.HEALED, "system")
    world.bank.becomes(charge.payment_id, ChargeState.FAILED)
    await compare(world)
    [back] = await findings(world)
    assert (back.id, back.status, back.decision) == (finding.id, FindingStatus.OPEN, "")


async def captured_there_earlier_than_here(world: World) -> None:
    """The gateway took the money the evening before; the notice was lost, and a poll found it the next day."""
    event = await world.event(in_hours=24 * 30)
    buyer = await world.person()
    world.clock.advance(8 * 3600)
    payment = await world.start_payment(buyer, await world.hold(buyer, event))
    world.bank.becomes(payment.id, ChargeState.CAPTURED, at=world.clock.now())
    world.clock.advance(10 * 3600)
    await world.deeds.poll_gateways()
    await world.settle()
    world.clock.advance(60)


async def test_a_payment_that_each_side_notes_on_another_day_is_no_difference(world: World) -> None:
    await captured_there_earlier_than_here(world)

    compared = await compare(world, days=1)

    assert [(day.matched, day.findings) for day in compared.days] == [(1, 0)]


async def test_without_the_look_up_one_by_one_the_edge_of_a_day_accuses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a list alone is not believed."""
    await captured_there_earlier_than_here(world)

    async def unasked(self: CompareBooks, gateway: Any, payment_id: Any, listed: Any = None) -> AsyncIterator[Any]:
        for difference in comparing.compare(listed, await self.ours(payment_id), self.clock.now()):
            yield difference

    monkeypatch.setattr(CompareBooks, "payment", unasked)
    await compare(world, days=1)

    assert [finding.kind for finding in await findings(world)] == [FindingKind.NOT_CAPTURED_THERE]


@pytest.mark.parametrize(
    ("direction", "missed"),
    [("_captured_here", "gone_there"), ("_lines", "unheard"), ("_confirmed_here", "unpaid_tickets")],
)
async def test_without_one_of_its_directions_a_comparison_misses_something(
    world: World, monkeypatch: pytest.MonkeyPatch, direction: str, missed: str
) -> None:
    """The control: each of the three is needed."""

    async def nothing(*_: Any) -> AsyncIterator[Any]:
        found: tuple[Any, ...] = ()
        for one in found:
            yield one

    planting = await Planting.of(world)
    await planting.plant(missed)
    monkeypatch.setattr(CompareBooks, direction, nothing)
    await compare(world)

    assert await findings(world) == []


async def test_more_than_a_page_is_compared(world: World) -> None:
    planting = await Planting.of(world)
    buyer = await world.person()
    for _ in range(120):
        await world.buy(buyer, planting.event)
        world.clock.advance(60)
    await planting.plant("foreign")

    compared = await compare(world)

    assert sum(day.matched for day in compared.days) == 120
    assert len(await findings(world)) == 1
