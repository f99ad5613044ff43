import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click

from adapters.cli import report_views
from adapters.cli.exits import Exit
from adapters.cli.new_file import whole_file
from adapters.cli.paging import Wish, paged, read, show_progress
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import Desk, verb
from adapters.exports.formula_safe_csv import BYTE_ORDER_MARK
from adapters.exports.transactions_csv import transactions_csv
from application.queries.reports import Lines, Report, Wanted
from domain.money import decimal_text

DAY: Final = click.DateTime(["%Y-%m-%d"])
_PIPE: Final = Path("-")
zone_option = click.option(
    "--zone", help="IANA zone whose days are meant, such as Asia/Kolkata; else RELEX_REPORT_ZONE."
)
organizer_option = click.option("--organizer", help="Only those of one organizer, by address or id.")


@click.group()
def reports() -> None:
    """What was sold, kept, given back and contested, from the ledger."""


async def _organizer(desk: Desk, who: str | None) -> str | None:
    return None if who is None else (await desk.deeds.accounts.show(desk.actor, who)).id


def _date(day: datetime | None) -> date | None:
    return None if day is None else day.date()


def _shown(report: Report, title: str) -> Answer:
    table = report_views.totals_table(report.totals, f"{title} ({report.span.zone})")
    parts = (table, report_views.days_table(report.days)) if report.days else (table,)
    return Answer(report_views.report(report), parts if report.totals else (f"{title}: nothing moved.",))


@verb(reports, "daily", "relexbooking reports daily 2026-11-06 --zone Asia/Kolkata")
@click.argument("day", type=DAY, metavar="DATE")
@zone_option
@organizer_option
async def daily(desk: Desk, day: datetime, zone: str | None, organizer: str | None) -> Answer:
    """The figures of one day, for each currency."""
    whose = await _organizer(desk, organizer)
    report = await desk.deeds.reports.daily(desk.actor, day.date(), zone=zone, organizer_id=whose)
    return _shown(report, str(day.date()))


@verb(reports, "monthly", "relexbooking reports monthly 2026-11 --json")
@click.argument("month", metavar="YYYY-MM")
@zone_option
@organizer_option
async def monthly(desk: Desk, month: str, zone: str | None, organizer: str | None) -> Answer:
    """The figures of one month and of each of its days, for each currency."""
    whose = await _organizer(desk, organizer)
    report = await desk.deeds.reports.monthly(desk.actor, month, zone=zone, organizer_id=whose)
    return _shown(report, month)


@verb(reports, "event", "relexbooking reports event evt_…")
@click.argument("event_id", metavar="EVENT")
async def event(desk: Desk, event_id: str) -> Answer:
    """The figures of one event, from its first sale to its last dispute."""
    report = await desk.deeds.reports.of_event(desk.actor, event_id)
    return Answer(report_views.event_report(report), (report_views.totals_table(report.totals, report.event.title),))


@verb(
    reports,
    "transactions",
    "relexbooking reports transactions --start 2026-11-01 --end 2026-11-30 --output november.csv\n"
    "relexbooking reports transactions --event evt_… --output - | head",
)
@click.option("--start", type=DAY, metavar="DATE", help="The first day; --event alone needs none.")
@click.option("--end", type=DAY, metavar="DATE", help="The last day, included.")
@zone_option
@click.option("--event", "event_id", help="Only those of one event.")
@organizer_option
@click.option("--gateway", help="Only those of one payment gateway, such as stripe.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write all of them as CSV to this file, or with `-` to standard output.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@paged
async def transactions(desk: Desk, *, output: Path | None, force: bool, organizer: str | None, **given: Any) -> Answer:
    """Every movement of money, oldest first: a page of them, or all as CSV that a spreadsheet never runs."""
    wish = Wish(given["limit"], given["cursor"], given["everything"])
    wanted = Wanted(
        first=_date(given["start"]),
        last=_date(given["end"]),
        zone=given["zone"],
        event_id=given["event_id"],
        organizer_id=await _organizer(desk, organizer),
        gateway=given["gateway"],
    )
    lines = await desk.deeds.reports.transactions(desk.actor, wanted)
    if output is not None:
        return await _written(lines, output, force=force)
    listed = await read(wish, lines.page)
    rows = [report_views.line_row(line, lines.zone) for line in listed.items]
    table = Table(("at", "kind", "amount", "gateway", "booking", "event"), rows)
    return Answer(listed.document(lambda line: report_views.line(line, lines.zone)), (table, *listed.more))


async def _written(lines: Lines, output: Path, *, force: bool) -> Answer:
    count = 0
    if output == _PIPE:
        if click.get_current_context().params["as_json"]:
            raise click.UsageError("--output - writes CSV where --json would write its document: choose one")
        async for _, part in transactions_csv(lines):
            sys.stdout.buffer.write(part)
        return Answer(None)
    with whole_file(output, force=force) as file:
        file.write(BYTE_ORDER_MARK)
        async for rows, part in transactions_csv(lines):
            file.write(part)
            count += rows
            show_progress(count, is_last=False)
    show_progress(count, is_last=True)
    return Answer({"file": str(output), "rows": count}, (f"{count} transactions are in {output}.",))


@verb(reports, "check", "relexbooking reports check --json")
async def check(desk: Desk) -> Answer:
    """Look whether the ledger says the same as all payments, refunds and disputes. Changes nothing.

    Ends with exit code 1 if anything differs.
    """
    checked = await desk.deeds.books.check(desk.actor, lambda count: show_progress(count, is_last=False))
    show_progress(checked.payments + checked.rows, is_last=True)
    balances = Table(
        ("currency", "account", "ledger", "records"),
        [
            (b.currency, b.account, decimal_text(b.ledger_minor, b.currency), decimal_text(b.records_minor, b.currency))
            for b in checked.balances
        ],
    )
    said = f"{checked.payments} payments and {checked.rows} rows of the ledger: "
    if checked.is_right:
        return Answer(report_views.books(checked), (balances, said + "they agree."))
    rows = [(one.payment_id, one.subject, one.said) for one in checked.differences]
    found = Table(("payment", "subject", "difference"), rows, "Differences")
    more = f"{checked.differences_count} differences."
    return Answer(report_views.books(checked), (balances, found, said + more), Exit.UNEXPECTED)
