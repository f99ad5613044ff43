"""What was sold, kept, given back and contested: read from the ledger, each within what the actor may see."""

from collections.abc import AsyncIterator, Sequence
from datetime import date

from attrs import evolve, field, frozen
from attrs.validators import optional

from application.access import Actor
from application.errors import NotFound
from application.event_access import event_for
from application.paging import Page
from application.ports.store import Store
from application.queries.ledger_rows import LedgerRows
from application.work import Begin
from domain.account import Role
from domain.errors import InvalidValue
from domain.event import Event
from domain.ledger import LedgerTransaction
from domain.span import Span
from domain.time import is_zone
from domain.totals import Tally, Totals


@frozen
class Report:
    """The figures of a span."""

    span: Span
    organizer_id: str | None
    """Whose they are; None: everybody's."""
    totals: tuple[Totals, ...]
    days: tuple[tuple[date, tuple[Totals, ...]], ...] = ()
    """Of a month: those of its days on which something moved."""


@frozen
class EventReport:
    """The figures of one event, from its first sale to its last dispute."""

    event: Event
    totals: tuple[Totals, ...]


@frozen
class Wanted:
    """Which rows somebody wants to see. Days are of `zone`, both included; the rows of one event need none."""

    first: date | None = None
    last: date | None = None
    zone: str | None = field(default=None, validator=optional(is_zone))
    event_id: str | None = None
    organizer_id: str | None = None
    gateway: str | None = None


@frozen
class Line:
    """A row, and what its event is called."""

    moved: LedgerTransaction
    event_title: str
    """Empty if the event is gone."""


@frozen
class Lines:
    """All rows that were asked for, by somebody who may see them."""

    zone: str
    _begin: Begin
    _rows: LedgerRows

    async def read(self) -> AsyncIterator[Sequence[Line]]:
        """In the order of time, a page at a time, so that none is kept."""
        async for rows in self._rows.read():
            yield await self._titled(rows)

    async def page(self, cursor: str | None, limit: int) -> Page[Line]:
        page = await self._rows.page(cursor, limit)
        return Page(tuple(await self._titled(page.items)), page.next_cursor)

    async def _titled(self, rows: Sequence[LedgerTransaction]) -> Sequence[Line]:
        known = await self._begin().events.get_all(dict.fromkeys(row.event_id for row in rows))
        titles: dict[str, str] = {event.id: event.title for event in known}
        return [Line(row, titles.get(row.event_id, "")) for row in rows]


@frozen
class Reports:
    """Administrators see everybody's figures, or one organizer's; organizers see their own, and a team its event's."""

    begin: Begin
    store: Store
    zone: str
    """The zone of the business, whose days are meant where no other is named."""

    async def daily(
        self, actor: Actor, day: date, *, zone: str | None = None, organizer_id: str | None = None
    ) -> Report:
        """The figures of one day."""
        whose = _scope(actor, organizer_id)
        span = Span.day(day, self.zone if zone is None else zone)
        return Report(span, whose, (await self._tally(LedgerRows(self.store, span, whose))).totals())

    async def monthly(
        self, actor: Actor, month: str, *, zone: str | None = None, organizer_id: str | None = None
    ) -> Report:
        """The figures of a month such as 2026-11, and of each of its days."""
        whose = _scope(actor, organizer_id)
        span = Span.month(month, self.zone if zone is None else zone)
        day_of, whole, by_day = span.day_finder(), Tally(), dict[date, Tally]()
        async for rows in LedgerRows(self.store, span, whose).read():
            for row in rows:
                whole.add(row)
                by_day.setdefault(day_of(row.at), Tally()).add(row)
        days = tuple((day, tally.totals()) for day, tally in sorted(by_day.items()))
        return Report(span, whose, whole.totals(), days)

    async def of_event(self, actor: Actor, event_id: str) -> EventReport:
        """For whoever manages the event."""
        event = await event_for(self.begin(), actor, event_id)
        rows = LedgerRows(self.store, None, event_id=event.id, organizer_id=_whose_rows(actor, event))
        return EventReport(event, (await self._tally(rows)).totals())

    async def transactions(self, actor: Actor, wanted: Wanted) -> Lines:
        """The rows themselves. Whether the actor may see them is decided now, and not when they are read."""
        whose = _scope(actor, wanted.organizer_id)
        if wanted.event_id is not None:
            event = await event_for(self.begin(), actor, wanted.event_id)
            whose = _whose_rows(actor, event)
            wanted = evolve(wanted, zone=wanted.zone or event.schedule.zone)
        zone = wanted.zone or self.zone
        rows = LedgerRows(self.store, _span(wanted, zone), whose, wanted.event_id, wanted.gateway)
        return Lines(zone, self.begin, rows)

    async def _tally(self, rows: LedgerRows) -> Tally:
        tally = Tally()
        async for page in rows.read():
            for row in page:
                tally.add(row)
        return tally


def _scope(actor: Actor, wanted: str | None) -> str | None:
    """Whose rows are read: None for everybody's, which only administrators see."""
    actor.check(Role.ORGANIZER)
    whose = _whose(actor, wanted)
    if wanted is not None and whose != wanted:
        raise NotFound("no such organizer")
    return whose


def _whose(actor: Actor, wanted: str | None) -> str | None:
    return wanted if actor.has(Role.ADMIN) else actor.signed_in().id


def _whose_rows(actor: Actor, event: Event) -> str | None:
    """Those of an event are its organizer's, whoever of the team looks at them."""
    return None if actor.has(Role.ADMIN) else event.organizer_id


def _span(wanted: Wanted, zone: str) -> Span | None:
    if wanted.first is not None and wanted.last is not None:
        return Span(wanted.first, wanted.last, zone)
    if wanted.event_id is None or wanted.first is not None or wanted.last is not None:
        raise InvalidValue("say the first and the last day; only the rows of one event need neither")
    return None
