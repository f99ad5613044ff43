"""Reports as JSON documents and as tables, with the names that the HTTP API uses."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from adapters.cli import views
from adapters.cli.showing import Table
from adapters.cli.views import Document
from application.queries.books import Balance, BooksChecked
from application.queries.reports import EventReport, Line, Report
from domain.books import Difference
from domain.money import decimal_text
from domain.totals import Totals

_HEADINGS: Final = ("currency", "gross", "fees", "refunds", "disputes", "net", "sales", "refunded", "disputed")


def _sum(amount_minor: int, currency: str) -> Document:
    return {"amount": decimal_text(amount_minor, currency), "amount_minor": amount_minor, "currency": currency}


def totals(of: Totals) -> Document:
    return {
        "currency": of.currency,
        "gross": _sum(of.gross_minor, of.currency),
        "fees": _sum(of.fees_minor, of.currency),
        "refunds": _sum(of.refunds_minor, of.currency),
        "disputes": _sum(of.disputes_minor, of.currency),
        "net": _sum(of.net_minor, of.currency),
        "counts": {
            "payments": of.payments,
            "fees": of.fees,
            "refunds": of.refunds,
            "refunds_bounced": of.refunds_bounced,
            "disputes": of.disputes,
            "disputes_won": of.disputes_won,
        },
    }


def report(shown: Report) -> Document:
    """With its days if it has any."""
    span = shown.span
    return {
        "start": span.first.isoformat(),
        "end": span.last.isoformat(),
        "zone": span.zone,
        "starts_at": views.moment(span.start, span.zone),
        "ends_before": views.moment(span.end, span.zone),
        "organizer_id": shown.organizer_id,
        "totals": [totals(one) for one in shown.totals],
        "days": [{"date": day.isoformat(), "totals": [totals(one) for one in of]} for day, of in shown.days],
    }


def event_report(shown: EventReport) -> Document:
    return {
        "event_id": shown.event.id,
        "title": shown.event.title,
        "organizer_id": shown.event.organizer_id,
        "totals": [totals(one) for one in shown.totals],
    }


def totals_table(of: Sequence[Totals], title: str) -> Table:
    return Table(_HEADINGS, [_row(one) for one in of], title)


def days_table(days: Sequence[tuple[date, Sequence[Totals]]]) -> Table:
    rows = [(day.isoformat(), *_row(one)) for day, of in days for one in of]
    return Table(("day", *_HEADINGS), rows, "By day")


def _row(of: Totals) -> tuple[str, ...]:
    sums = (of.gross_minor, of.fees_minor, of.refunds_minor, of.disputes_minor, of.net_minor)
    counts = (of.payments, of.refunds - of.refunds_bounced, of.disputes - of.disputes_won)
    return (of.currency, *(decimal_text(one, of.currency) for one in sums), *map(str, counts))


def line(shown: Line, zone: str) -> Document:
    moved = shown.moved
    return {
        "id": moved.id,
        "at": views.moment(moved.at, zone),
        "kind": moved.kind,
        "gateway": moved.gateway,
        "booking_id": moved.booking_id,
        "payment_id": moved.payment_id,
        "subject": moved.subject,
        "event_id": moved.event_id,
        "event_title": shown.event_title,
        "organizer_id": moved.organizer_id,
        "amounts": [views.money(amount) for amount in moved.at_gateway],
    }


def line_row(shown: Line, zone: str) -> tuple[str, ...]:
    moved = shown.moved
    amounts = ", ".join(str(amount) for amount in moved.at_gateway)
    return (views.wall(moved.at, zone), moved.kind, amounts, moved.gateway, moved.booking_id, shown.event_title)


def books(checked: BooksChecked) -> Document:
    return {
        "right": checked.is_right,
        "payments": checked.payments,
        "rows": checked.rows,
        "balances": [_balance(one) for one in checked.balances],
        "differences": [_difference(one) for one in checked.differences],
        "differences_count": checked.differences_count,
    }


def _balance(of: Balance) -> Document:
    return {
        "account": of.account,
        "ledger": _sum(of.ledger_minor, of.currency),
        "records": _sum(of.records_minor, of.currency),
    }


def _difference(of: Difference) -> Document:
    return {"payment_id": of.payment_id, "subject": of.subject, "said": of.said}
