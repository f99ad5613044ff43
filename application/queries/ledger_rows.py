"""The ledger's rows, found by whichever index has them together."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from attrs import evolve, frozen

from application.cursor import decode_cursor, encode_cursor
from application.kind import microseconds
from application.listing import pages
from application.ports.store import PAGE_MAX, Listing, Page, Store
from domain.ledger import LedgerTransaction
from domain.span import Span

ROWS_READ_MAX: Final = 2_000
"""How many rows one page may be sieved out of: it is then short, and the next one goes on from there."""


@frozen
class LedgerRows:
    """Those of a span, or of all time for one event, in the order of time."""

    store: Store
    span: Span | None
    organizer_id: str | None = None
    event_id: str | None = None
    gateway: str | None = None

    async def read(self) -> AsyncIterator[Sequence[LedgerTransaction]]:
        """All of them, a page at a time."""
        async for rows in self._unsieved(None, PAGE_MAX):
            yield self._sieved(rows)

    async def page(self, cursor: str | None, limit: int) -> Page[LedgerTransaction]:
        """One page of at most `limit`. It may be short where only few rows are of the wanted gateway."""
        found: list[LedgerTransaction] = []
        rows_read = 0
        async for rows in self._unsieved(cursor, min(limit + 1, PAGE_MAX)):
            found += self._sieved(rows)
            rows_read += len(rows)
            if len(found) > limit:
                return Page(tuple(found[:limit]), _position(found[limit - 1]))
            if rows_read >= ROWS_READ_MAX:
                return Page(tuple(found), _position(rows[-1]))
        return Page(tuple(found))

    async def _unsieved(self, cursor: str | None, size: int) -> AsyncIterator[Sequence[LedgerTransaction]]:
        for listing in self._listings(cursor):
            async for rows in pages(self.store, evolve(listing, limit=size, after=cursor)):
                if rows:
                    yield rows

    def _listings(self, cursor: str | None) -> Iterator[Listing]:
        least = None if self.span is None else microseconds(self.span.start)
        below = None if self.span is None else microseconds(self.span.end)
        if self.event_id is not None:
            # An organizer's are asked for by name once more: an event's rows are its organizer's, or nobody's to see.
            equal = {} if self.organizer_id is None else {"organizer_id": self.organizer_id}
            yield Listing("ledger", "by_event", self.event_id, least, below, equal=equal)
        elif self.organizer_id is not None:
            yield Listing("ledger", "by_organizer", self.organizer_id, least, below)
        else:
            assert self.span is not None, "everybody's rows are found by their days"
            # Rows are numbered by their time, so that a cursor tells how far the days before have been read.
            reached = -1 if cursor is None else decode_cursor(cursor)[0]
            for day in self.span.utc_days():
                following = datetime.combine(day, time(), UTC) + timedelta(days=1)
                if microseconds(following) > reached:
                    yield Listing("ledger", "by_day", day.isoformat(), least, below)

    def _sieved(self, rows: Sequence[LedgerTransaction]) -> Sequence[LedgerTransaction]:
        return rows if self.gateway is None else [row for row in rows if row.gateway == self.gateway]


def _position(row: LedgerTransaction) -> str:
    return encode_cursor(microseconds(row.at), row.id)
