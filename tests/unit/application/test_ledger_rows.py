"""Rows of the ledger come once, in order, and a page at a time."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from application.errors import InvalidCursor
from application.ports.store import Listing, Page
from application.queries import ledger_rows
from application.queries.reports import Wanted
from tests.support.ledger_stories import NOVEMBER, a_month_of_rows, ids, keep, moved
from tests.support.world import World


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"])
async def test_every_row_of_a_span_comes_once_and_in_order_on_every_store(every_world: World, zone: str) -> None:
    one, other, rows = await a_month_of_rows(every_world)
    there = ZoneInfo(zone)
    within = [row for row in rows if (row.at.astimezone(there).year, row.at.astimezone(there).month) == (2026, 11)]
    assert 100 < len(within) < len(rows)
    wanted = evolve(NOVEMBER, zone=zone)

    for limit in (7, 40, 100):
        assert await ids(every_world, wanted, limit) == [row.id for row in within]
    assert await ids(every_world, evolve(wanted, organizer_id=one.organizer_id), 13) == [
        row.id for row in within if row.organizer_id == one.organizer_id
    ]
    assert await ids(every_world, evolve(wanted, event_id=other.id), 13) == [
        row.id for row in within if row.event_id == other.id
    ]
    assert await ids(every_world, evolve(wanted, gateway="razorpay"), 13) == [
        row.id for row in within if row.gateway == "razorpay"
    ]
    assert await ids(every_world, Wanted(event_id=other.id), 100) == [
        row.id for row in rows if row.event_id == other.id
    ]


async def test_a_cursor_that_is_not_ours_is_refused(world: World) -> None:
    lines = await world.deeds.reports.transactions(world.operator, NOVEMBER)

    with pytest.raises(InvalidCursor):
        await lines.page("made up", 10)


async def test_a_sieve_that_lets_little_through_gives_short_pages_and_loses_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, rows = await a_month_of_rows(world)
    monkeypatch.setattr(ledger_rows, "ROWS_READ_MAX", 10)
    wanted = evolve(NOVEMBER, gateway="nobody")
    lines = await world.deeds.reports.transactions(world.operator, wanted)
    first = await lines.page(None, 5)

    assert (first.items, first.next_cursor is not None) == ((), True)
    assert await ids(world, wanted, 5) == []
    assert await ids(world, evolve(NOVEMBER, gateway="razorpay"), 5) == [
        row.id for row in rows if row.gateway == "razorpay" and row.at.month == 11
    ]


class CountedStore(GatheringStore):
    """A store that knows how many pages it was asked for."""

    asked = 0

    async def list(self, listing: Listing) -> Page[Any]:
        self.asked += 1
        return await super().list(listing)


async def test_no_page_is_read_before_the_one_in_front_was_taken(tmp_path: Path) -> None:
    counted = CountedStore(MemoryStore())
    world = World.of(tmp_path, counted)
    event = await world.event()
    noon = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)
    await keep(world, [moved(noon + timedelta(seconds=n), event, n) for n in range(450)])
    lines = await world.deeds.reports.transactions(world.operator, Wanted(date(2026, 11, 6), date(2026, 11, 6)))
    counted.asked = 0

    taken = [(len(page), counted.asked) async for page in lines.read()]

    assert taken == [(100, 1), (100, 2), (100, 3), (100, 4), (50, 5)]


@pytest.mark.parametrize("yields", [True, False])
async def test_others_get_their_turn_between_the_pages_of_a_long_report(
    world: World, monkeypatch: pytest.MonkeyPatch, *, yields: bool
) -> None:
    event = await world.event()
    noon = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)
    await keep(world, [moved(noon + timedelta(seconds=n), event, n) for n in range(1_000)])
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await pause(0)

    pause = asyncio.sleep
    if not yields:

        async def at_once(_: float) -> None: ...

        monkeypatch.setattr(asyncio, "sleep", at_once)
    running = asyncio.get_running_loop().create_task(other())
    await world.deeds.reports.of_event(world.operator, event.id)
    running.cancel()

    assert (turns >= 9) is yields
