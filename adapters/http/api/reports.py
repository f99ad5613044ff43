"""Figures and movements of money, from the ledger: an organizer's own, or everybody's for administrators."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Annotated, Final

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from adapters.exports.formula_safe_csv import BYTE_ORDER_MARK
from adapters.exports.transactions_csv import transactions_csv
from adapters.http.api.report_views import EventReportView, ReportView, TransactionView
from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView
from application.limits import EXPORT
from application.queries.reports import Lines, Wanted
from domain.api_key import Scope

Day = Annotated[dt.date, QueryParameter(name="date", description="A day, such as 2026-11-06")]
Month = Annotated[str, QueryParameter(max_length=7, description="A month, such as 2026-11")]
Start = Annotated[dt.date | None, QueryParameter(description="The first day; the rows of one event need none")]
End = Annotated[dt.date | None, QueryParameter(description="The last day, included; 366 days at most")]
Zone = Annotated[
    str | None, QueryParameter(max_length=64, description="The IANA zone whose days are meant, such as Asia/Kolkata")
]
Organizer = Annotated[
    str | None, QueryParameter(max_length=64, description="Only that organizer's; administrators may name anybody")
]
EventOnly = Annotated[str | None, QueryParameter(max_length=64, description="Only those of one event")]
GatewayOnly = Annotated[str | None, QueryParameter(max_length=64, description="Only those of one payment gateway")]

_CSV: Final = "text/csv"
_REFUSALS: Final = ("invalid_value", "not_found")


async def _lines(request: Call, wanted: Wanted) -> Lines:
    return await request.deeds.reports.transactions(request.actor, wanted)


async def _body(lines: Lines) -> AsyncIterator[bytes]:
    yield BYTE_ORDER_MARK
    async for _, part in transactions_csv(lines):
        yield part


def _file_name(wanted: Wanted) -> str:
    """Made of dates alone: nothing that somebody typed gets into a header."""
    if wanted.first is None or wanted.last is None:
        return "transactions.csv"
    return f"transactions-{wanted.first}-to-{wanted.last}.csv"


class ReportController(Controller):
    path = "/reports"
    tags = ("Reports",)

    @get("/daily", **route(Policy.ORGANIZER, "The figures of a day", *_REFUSALS, scope=Scope.REPORTS_READ))
    async def daily(self, request: Call, day: Day, zone: Zone = None, organizer_id: Organizer = None) -> ReportView:
        """For each currency that moved."""
        reports = request.deeds.reports
        return ReportView.of(await reports.daily(request.actor, day, zone=zone, organizer_id=organizer_id))

    @get("/monthly", **route(Policy.ORGANIZER, "The figures of a month", *_REFUSALS, scope=Scope.REPORTS_READ))
    async def monthly(
        self, request: Call, month: Month, zone: Zone = None, organizer_id: Organizer = None
    ) -> ReportView:
        """For each currency that moved, whole and by day."""
        reports = request.deeds.reports
        return ReportView.of(await reports.monthly(request.actor, month, zone=zone, organizer_id=organizer_id))

    @get(
        "/transactions",
        **route(Policy.ORGANIZER, "Every movement of money", *_REFUSALS, "invalid_cursor", scope=Scope.REPORTS_READ),
    )
    async def transactions(
        self,
        request: Call,
        *,
        start: Start = None,
        end: End = None,
        zone: Zone = None,
        event_id: EventOnly = None,
        organizer_id: Organizer = None,
        gateway: GatewayOnly = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[TransactionView]:
        """Oldest first. With `gateway` a page may be short before the last one."""
        lines = await _lines(request, Wanted(start, end, zone, event_id, organizer_id, gateway))
        return PageView.of(await lines.page(cursor, limit), TransactionView.of)

    @get(
        "/transactions.csv",
        media_type=_CSV,
        **route(Policy.ORGANIZER, "The same as CSV", *_REFUSALS, limit=EXPORT, scope=Scope.REPORTS_READ),
    )
    async def transactions_as_csv(
        self,
        request: Call,
        *,
        start: Start = None,
        end: End = None,
        zone: Zone = None,
        event_id: EventOnly = None,
        organizer_id: Organizer = None,
        gateway: GatewayOnly = None,
    ) -> Stream:
        """All of them. No cell is a formula: texts that look like one have an apostrophe in front."""
        wanted = Wanted(start, end, zone, event_id, organizer_id, gateway)
        lines = await _lines(request, wanted)
        headers = {"Content-Disposition": f'attachment; filename="{_file_name(wanted)}"'}
        return Stream(_body(lines), media_type=_CSV, headers=headers)


class EventReportController(Controller):
    path = "/events/{event_id:str}/report"
    tags = ("Reports",)

    @get("/", **route(Policy.TEAM, "The figures of an event", "not_found", scope=Scope.REPORTS_READ))
    async def of_event(self, request: Call, event_id: FromPath[str]) -> EventReportView:
        """From its first sale to its last dispute."""
        return EventReportView.of(await request.deeds.reports.of_event(request.actor, event_id))
