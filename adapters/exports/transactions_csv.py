"""Rows of the ledger as CSV, the same from the command line and over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from adapters.exports.formula_safe_csv import Cell, csv_bytes
from application.queries.reports import Line, Lines

COLUMNS: Final = (
    "time",
    "time_utc",
    "kind",
    "gateway",
    "booking",
    "payment",
    "subject",
    "event",
    "event_title",
    "organizer",
    "currency",
    "amount",
    "amount_minor",
)
"""`time` is in the report's zone. The amount is what our balance at the gateway moved by: negative where it shrank."""


async def transactions_csv(lines: Lines) -> AsyncIterator[tuple[int, bytes]]:
    """The heading, and then a page of rows at a time, each with the number of its rows."""
    zone = ZoneInfo(lines.zone)
    yield 0, csv_bytes([COLUMNS])
    async for page in lines.read():
        cells = [row for line in page for row in _rows(line, zone)]
        yield len(cells), csv_bytes(cells)


def _rows(line: Line, zone: ZoneInfo) -> list[tuple[Cell, ...]]:
    moved = line.moved
    return [
        (
            moved.at.astimezone(zone).isoformat(timespec="seconds"),
            moved.at.astimezone(UTC).isoformat(timespec="seconds"),
            moved.kind,
            moved.gateway,
            moved.booking_id,
            moved.payment_id,
            moved.subject,
            moved.event_id,
            line.event_title,
            moved.organizer_id,
            amount.currency,
            Decimal(amount.decimal()),
            amount.amount_minor,
        )
        for amount in moved.at_gateway
    ]
