"""The ledger as CSV, read back by a reader of CSV."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from adapters.exports.transactions_csv import COLUMNS, transactions_csv
from application.queries.reports import Wanted
from application.use_cases.create_event import TicketTypePlan
from tests.support.ledger_stories import HOSTILE_TITLE, a_sale_and_a_refund
from tests.support.world import World

TODAY = Wanted(date(2026, 11, 22), date(2026, 11, 22), "Asia/Kolkata")


async def written(world: World, wanted: Wanted = TODAY) -> bytes:
    lines = await world.deeds.reports.transactions(world.operator, wanted)
    return b"".join([part async for _, part in transactions_csv(lines)])


def read(data: bytes) -> list[Mapping[str, str]]:
    return list(csv.DictReader(StringIO(data.decode(), newline="")))


async def test_every_column_is_read_back_as_it_is_in_the_ledger(every_world: World) -> None:
    event = await every_world.event(title=HOSTILE_TITLE)
    await a_sale_and_a_refund(every_world, event)

    rows = read(await written(every_world))

    assert [row["kind"] for row in rows] == ["capture", "capture", "refund"]
    assert [Decimal(row["amount"]) for row in rows] == [Decimal("25.00"), Decimal("25.00"), Decimal("-25.00")]
    assert [int(row["amount_minor"]) for row in rows] == [2_500, 2_500, -2_500]
    for row in rows:
        assert tuple(row) == COLUMNS
        assert row["time"] == "2026-11-22T17:30:00+05:30"
        assert row["time_utc"] == "2026-11-22T12:00:00+00:00"
        assert row["event_title"] == "'" + HOSTILE_TITLE
        assert (row["event"], row["organizer"], row["currency"]) == (event.id, event.organizer_id, "EUR")
        assert (row["gateway"], row["subject"][:4]) == ("pocket", "rfd_" if row["kind"] == "refund" else "pay_")
    assert rows[2]["payment"] in {row["payment"] for row in rows[:2]}


@pytest.mark.parametrize(
    ("currency", "price", "cell"),
    [("JPY", "1500", b",-1500,-1500\r\n"), ("KWD", "7.125", b",-7.125,-7125\r\n"), ("EUR", "0.05", b",-0.05,-5\r\n")],
)
async def test_amounts_have_the_places_of_their_currency_and_are_numbers(
    world: World, currency: str, price: str, cell: bytes
) -> None:
    event = await world.event(currency=currency, ticket_types=(TicketTypePlan("Standard", price, 10),))
    await a_sale_and_a_refund(world, event)

    assert (await written(world)).endswith(cell)


async def test_a_report_of_nothing_has_its_heading(world: World) -> None:
    data = await written(world)

    assert read(data) == []
    assert data.decode().count("\r\n") == 1


async def test_rows_of_an_event_that_is_gone_have_no_title(world: World) -> None:
    event = await world.event()
    await a_sale_and_a_refund(world, event)
    store: Any = world.container.store()
    lines = await world.deeds.reports.transactions(world.operator, TODAY)
    del store._store._records["event", event.id]

    assert {line.event_title async for page in lines.read() for line in page} == {""}
