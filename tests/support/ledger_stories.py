"""What moved money in a small shop, for tests of how reports look from outside."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from application.access import Actor
from application.ports.store import ChangeSet, Committed
from application.queries.reports import Wanted
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.event import Event
from domain.ids import LedgerId
from domain.ledger import LedgerTransaction
from tests import build
from tests.support.world import World

HOSTILE_TITLE: Final = '=HYPERLINK("http://evil.example")'
TODAY: Final = "2026-11-22"
"""By the clock of every world."""


async def a_sale_and_a_refund(world: World, event: Event) -> None:
    """Two bookings are paid, and the second one goes back."""
    buyer = await world.person()
    await world.buy(buyer, event)
    cancelled = await world.buy(buyer, event)
    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(cancelled.id, "asked"))
    await world.settle()


async def plant_row(world: World, event: Event, at: datetime | None = None) -> LedgerTransaction:
    """A row that nothing moved."""
    row = build.ledger_transaction(
        id=LedgerId("led/planted"),
        event_id=event.id,
        organizer_id=event.organizer_id,
        at=at or datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    )
    [outcome] = await world.container.store().commit([ChangeSet(inserts=(row,))])
    assert isinstance(outcome, Committed)
    return row


NOVEMBER: Final = Wanted(date(2026, 11, 1), date(2026, 11, 30))


def moved(at: datetime, event: Event, number: int, **given: Any) -> LedgerTransaction:
    """A row of its own, without all that is behind one."""
    return build.ledger_transaction(
        id=LedgerId(f"led/{number:05d}"), at=at, event_id=event.id, organizer_id=event.organizer_id, **given
    )


async def keep(world: World, rows: Sequence[LedgerTransaction]) -> None:
    for start in range(0, len(rows), 80):
        [outcome] = await world.container.store().commit([ChangeSet(inserts=tuple(rows[start : start + 80]))])
        assert isinstance(outcome, Committed)


async def ids(world: World, wanted: Wanted, limit: int, actor: Actor | None = None) -> list[str]:
    """Of all rows, page by page."""
    lines = await world.deeds.reports.transactions(actor or world.operator, wanted)
    found: list[str] = []
    cursor = None
    while True:
        page = await lines.page(cursor, limit)
        assert len(page.items) <= limit
        found += [line.moved.id for line in page.items]
        if page.next_cursor is None:
            return found
        assert page.next_cursor != cursor
        cursor = page.next_cursor


async def a_month_of_rows(world: World) -> tuple[Event, Event, list[LedgerTransaction]]:
    """Of two organizers, with rows of the same instant, empty days, and some on each side of the month."""
    one, other = await world.event(), await world.event()
    first = datetime(2026, 10, 30, 20, 0, tzinfo=UTC)
    rows = [
        moved(
            first + timedelta(hours=5) * (number // 3) + timedelta(days=6) * (number // 120),
            one if number % 3 else other,
            number,
            gateway="stripe" if number % 5 else "razorpay",
        )
        for number in range(300)
    ]
    await keep(world, rows)
    return one, other, rows
