"""Whatever moves money in whatever order: the ledger, the records and the bank say the same."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from application.listing import every
from application.ports.payment_gateway import DisputeState
from application.ports.store import ChangeSet, Committed, Listing, Page
from application.queries import books as books_module
from application.queries.books import BooksChecked
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.settle_refund import SettleRefund
from application.work import Work
from domain.account import NotAllowed, Role
from domain.booking import Booking
from domain.ids import AccountId, BookingId, EventId, LedgerId, PaymentId
from domain.ledger import Journal, LedgerTransaction
from domain.money import Money
from domain.refund import Refund, RefundStatus
from domain.totals import Totals
from tests.support.meddling import MemoryHand
from tests.support.money_programs import MoneyProgram, Step, programs
from tests.support.world import World


def figures(of: Sequence[Totals]) -> dict[str, dict[str, int]]:
    """Those that are not all zero, in the words of the bank."""
    told = {
        one.currency: {
            "gross": one.gross_minor,
            "fees": one.fees_minor,
            "refunds": one.refunds_minor,
            "disputes": one.disputes_minor,
            "net": one.net_minor,
        }
        for one in of
    }
    return {currency: sums for currency, sums in told.items() if any(sums.values())}


def added(parts: Sequence[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    whole: dict[str, dict[str, int]] = {}
    for part in parts:
        for currency, sums in part.items():
            so_far = whole.setdefault(currency, dict.fromkeys(sums, 0))
            whole[currency] = {name: so_far[name] + sums[name] for name in sums}
    return whole


async def reported(world: World, program: MoneyProgram) -> dict[str, dict[str, dict[str, int]]]:
    """The same figures by event, by month, and by the days of the months."""
    reports, operator = world.deeds.reports, world.operator
    by_event = [figures((await reports.of_event(operator, event.id)).totals) for event in program.events]
    months, by_day, first = [], [], date(2026, 11, 1)
    while first <= world.clock.now().date() + timedelta(days=1):
        month = await reports.monthly(operator, f"{first:%Y-%m}", zone="America/St_Johns")
        months.append(figures(month.totals))
        by_day += [figures(totals) for _, totals in month.days]
        first = (first + timedelta(days=32)).replace(day=1)
    return {"events": added(by_event), "months": added(months), "days": added(by_day)}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs)
def test_ledger_records_and_bank_agree_after_any_program(steps: Sequence[Step]) -> None:
    async def run(folder: Path) -> None:
        world = World.of(folder)
        program = await MoneyProgram.of(world)
        await program.play(steps)

        checked = await world.deeds.books.check(world.operator)
        assert checked.differences == ()
        assert all(one.ledger_minor == one.records_minor for one in checked.balances)
        told = {currency: sums for currency, sums in program.bank_says().items() if any(sums.values())}
        for way, found in (await reported(world, program)).items():
            assert found == told, way

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))


LIFE: Sequence[Step] = (
    ("buy", 0, 5),
    ("buy", 1, 5),
    ("buy", 2, 5),
    ("fee", 0, 75),
    ("cancel", 1, 1),
    ("bounce", 1, 1),
    ("wait", 0, 30),
    ("by_hand", 0, 10),
    ("tell", 0, 0),
    ("settle_by_hand", 0, 1),
    ("tell", 0, 0),
    ("dispute", 2, 21),
    ("tell", 2, 0),
    ("lose", 2, 0),
    ("buy", 0, 2),
    ("dispute", 3, 20),
    ("tell", 3, 0),
    ("win", 3, 0),
)
"""With every sort of row."""


async def test_a_life_with_every_sort_of_row_adds_up_on_every_store(every_world: World) -> None:
    program = await MoneyProgram.of(every_world)
    await program.play(LIFE)

    checked = await every_world.deeds.books.check(every_world.operator)
    kinds = {row.kind for row in await rows(every_world)}
    assert kinds == {"capture", "fee", "refund", "refund_bounced", "dispute", "dispute_fee", "dispute_won"}
    assert (checked.is_right, checked.differences, checked.payments, checked.rows) == (True, (), 4, 13)
    assert {one.currency for one in checked.balances} == {"EUR", "JPY", "KWD"}
    for way, found in (await reported(every_world, program)).items():
        assert found == program.bank_says(), way


async def test_without_the_row_of_a_bounced_refund_the_books_and_the_bank_differ(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(_: object, work: Work, journal: Journal, _before: Refund, after: Refund) -> None:
        if after.status is RefundStatus.SUCCEEDED:
            work.ledger.add(journal.refunded(after))

    monkeypatch.setattr(SettleRefund, "_write_down", forgetful)
    program = await MoneyProgram.of(world)
    await program.play(LIFE)

    assert {one.said.split(":")[0] for one in (await check(world)).differences} == {"gateway", "refunds"}
    assert (await reported(world, program))["months"] != program.bank_says()


async def rows(world: World) -> list[LedgerTransaction]:
    events = [event async for event in every(store(world), Listing("event", "everything", "all"))]
    return [row for event in events async for row in every(store(world), Listing("ledger", "by_event", event.id))]


def store(world: World) -> Any:
    return world.container.store()


async def plant(world: World, *changes: ChangeSet) -> None:
    """New rows by the store; what no store does to a row of the ledger, past its guard."""
    hand = MemoryHand(store(world)._store)
    for change in changes:
        if change.inserts:
            assert await store(world).commit([change]) == [Committed()]
        await hand.put(*change.saves)
        await hand.remove(*change.deletes)


async def check(world: World) -> BooksChecked:
    return await world.deeds.books.check(world.operator)


async def sold(world: World) -> tuple[Booking, LedgerTransaction]:
    booking = await world.buy(await world.person(), await world.event())
    assert (await check(world)).is_right
    [row] = await rows(world)
    return booking, row


WRONG: dict[str, tuple[Callable[[LedgerTransaction], ChangeSet], str]] = {
    "twice": (lambda row: ChangeSet(inserts=(evolve(row, id=LedgerId("led/again"), version=0),)), "50.00 EUR"),
    "missing": (lambda row: ChangeSet(deletes=(row,)), "the ledger has 0.00 EUR"),
    "another amount": (
        lambda row: ChangeSet(
            saves=(evolve(row, entries=tuple(evolve(one, amount=one.amount * 3) for one in row.entries)),)
        ),
        "the ledger has 75.00 EUR, the records make 25.00",
    ),
    "another currency": (
        lambda row: ChangeSet(
            saves=(
                evolve(
                    row,
                    entries=tuple(evolve(one, amount=Money(one.amount.amount_minor, "USD")) for one in row.entries),
                ),
            )
        ),
        "USD",
    ),
    "another organizer": (
        lambda row: ChangeSet(saves=(evolve(row, organizer_id=AccountId("acc_other")),)),
        "filed under organizer acc_other",
    ),
    "another event": (
        lambda row: ChangeSet(saves=(evolve(row, event_id=EventId("evt_other")),)),
        "filed under event evt_other",
    ),
    "another booking": (
        lambda row: ChangeSet(saves=(evolve(row, booking_id=BookingId("bkg_other")),)),
        "filed under booking bkg_other",
    ),
    "another gateway": (
        lambda row: ChangeSet(saves=(evolve(row, gateway="other"),)),
        "filed under gateway other",
    ),
    "no such payment": (
        lambda row: ChangeSet(
            inserts=(evolve(row, id=LedgerId("led/orphan"), payment_id=PaymentId("pay_other"), version=0),)
        ),
        "of a payment that does not exist",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_row_is_found_and_told_with_its_payment(world: World, name: str) -> None:
    booking, row = await sold(world)
    change, words = WRONG[name]
    await plant(world, change(row))

    found = await check(world)

    payments = {booking.payment_id, "pay_other"} if name == "no such payment" else {booking.payment_id}
    assert not found.is_right
    assert any(words in one.said for one in found.differences), found.differences
    assert {one.payment_id for one in found.differences} <= payments
    assert found.differences_count == len(found.differences)


async def test_a_planted_row_is_found_on_every_store(every_world: World) -> None:
    _, row = await sold(every_world)
    await plant(every_world, WRONG["twice"][0](row))

    found = await check(every_world)

    assert {one.subject for one in found.differences} == {row.payment_id}
    assert [one.ledger_minor - one.records_minor for one in found.balances] == [2_500, -2_500]


async def test_a_refund_that_was_not_written_down_is_found(world: World) -> None:
    booking, _ = await sold(world)
    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "asked"))
    await world.settle()
    assert (await check(world)).is_right
    [refund_row] = [row for row in await rows(world) if row.kind == "refund"]
    await plant(world, ChangeSet(deletes=(refund_row,)))

    assert {one.subject for one in (await check(world)).differences} == {refund_row.subject}


async def test_a_dispute_that_was_not_written_down_is_found(world: World) -> None:
    booking, _ = await sold(world)
    payment_id = booking.payment_id
    assert payment_id is not None
    world.bank.dispute(payment_id, DisputeState.OPEN, booking.price)
    program = MoneyProgram(world, world.operator, [], [payment_id])
    await program.hear_all()
    assert (await check(world)).is_right
    [row] = [row for row in await rows(world) if row.kind == "dispute"]
    await plant(world, ChangeSet(deletes=(row,)))

    assert {one.subject for one in (await check(world)).differences} == {row.subject}


async def test_only_so_many_differences_are_told_and_all_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, row = await sold(world)
    await plant(
        world,
        *(
            ChangeSet(inserts=(evolve(row, id=LedgerId(f"led/{n}"), payment_id=PaymentId(f"pay_{n}"), version=0),))
            for n in range(9)
        ),
    )
    monkeypatch.setattr(books_module, "DIFFERENCES_MAX", 4)

    found = await check(world)

    assert (len(found.differences), found.differences_count) == (4, 9)


class LaggingStore(GatheringStore):
    """A store whose lists of the ledger miss what is new, the first times that they are asked."""

    lags = 0

    async def list(self, listing: Listing) -> Page[Any]:
        if listing.kind == "ledger" and listing.index == "by_booking" and self.lags:
            self.lags -= 1
            return Page(())
        return await super().list(listing)


@pytest.mark.parametrize(("looks", "is_right"), [(books_module.LOOKS_MAX, True), (1, False)])
async def test_a_list_that_lags_is_looked_at_again_before_anything_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int, *, is_right: bool
) -> None:
    lagging = LaggingStore(MemoryStore())
    world = World.of(tmp_path, lagging)
    await sold(world)
    monkeypatch.setattr(books_module, "LOOKS_MAX", looks)
    lagging.lags = 1

    assert (await check(world)).is_right is is_right


async def test_the_books_are_for_administrators(world: World) -> None:
    for role in (Role.USER, Role.ORGANIZER):
        with pytest.raises(NotAllowed):
            await world.deeds.books.check(await world.person(role))
    assert (await world.deeds.books.check(await world.person(Role.ADMIN))).is_right


async def test_progress_is_told_up_to_the_last_row(world: World) -> None:
    await sold(world)
    counts: list[int] = []
    await world.deeds.books.check(world.operator, counts.append)

    assert counts == [1, 2]
