"""Reports as they go out. The figures of one currency are never added to those of another."""

import datetime as dt
from typing import ClassVar, Self

from adapters.http.views import MoneyView, View, moment
from application.queries.reports import EventReport, Line, Report
from domain.money import decimal_text
from domain.totals import Totals


def _sum(amount_minor: int, currency: str) -> MoneyView:
    return MoneyView(decimal_text(amount_minor, currency), amount_minor, currency)


class CountsView(View, frozen=True):
    """How many movements of each sort there were."""

    EXAMPLE: ClassVar = {
        "payments": 4,
        "fees": 4,
        "refunds": 1,
        "refunds_bounced": 0,
        "disputes": 0,
        "disputes_won": 0,
    }

    payments: int
    fees: int
    refunds: int
    refunds_bounced: int
    disputes: int
    disputes_won: int


class TotalsView(View, frozen=True):
    """`net` is what the balance at the gateways moved by: `gross` less all of the others."""

    EXAMPLE: ClassVar = {
        "currency": "EUR",
        "gross": {"amount": "100.00", "amount_minor": 10000, "currency": "EUR"},
        "fees": {"amount": "3.00", "amount_minor": 300, "currency": "EUR"},
        "refunds": {"amount": "25.00", "amount_minor": 2500, "currency": "EUR"},
        "disputes": {"amount": "0.00", "amount_minor": 0, "currency": "EUR"},
        "net": {"amount": "72.00", "amount_minor": 7200, "currency": "EUR"},
        "counts": CountsView.EXAMPLE,
    }

    currency: str
    gross: MoneyView
    fees: MoneyView
    refunds: MoneyView
    disputes: MoneyView
    net: MoneyView
    counts: CountsView

    @classmethod
    def of(cls, totals: Totals) -> Self:
        return cls(
            currency=totals.currency,
            gross=_sum(totals.gross_minor, totals.currency),
            fees=_sum(totals.fees_minor, totals.currency),
            refunds=_sum(totals.refunds_minor, totals.currency),
            disputes=_sum(totals.disputes_minor, totals.currency),
            net=_sum(totals.net_minor, totals.currency),
            counts=CountsView(
                payments=totals.payments,
                fees=totals.fees,
                refunds=totals.refunds,
                refunds_bounced=totals.refunds_bounced,
                disputes=totals.disputes,
                disputes_won=totals.disputes_won,
            ),
        )


class DayView(View, frozen=True):
    EXAMPLE: ClassVar = {"date": "2026-11-06", "totals": [TotalsView.EXAMPLE]}

    date: dt.date
    totals: list[TotalsView]


class ReportView(View, frozen=True):
    """The days from `start` to `end`, both included, on the calendar of `zone`; `days` only of a month."""

    EXAMPLE: ClassVar = {
        "start": "2026-11-01",
        "end": "2026-11-30",
        "zone": "Asia/Kolkata",
        "starts_at": "2026-10-31T18:30:00Z",
        "ends_before": "2026-11-30T18:30:00Z",
        "organizer_id": None,
        "totals": [TotalsView.EXAMPLE],
        "days": [DayView.EXAMPLE],
    }

    start: dt.date
    end: dt.date
    zone: str
    starts_at: dt.datetime
    ends_before: dt.datetime
    organizer_id: str | None
    totals: list[TotalsView]
    days: list[DayView]

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(
            start=report.span.first,
            end=report.span.last,
            zone=report.span.zone,
            starts_at=report.span.start,
            ends_before=report.span.end,
            organizer_id=report.organizer_id,
            totals=[TotalsView.of(totals) for totals in report.totals],
            days=[DayView(day, [TotalsView.of(totals) for totals in of]) for day, of in report.days],
        )


class EventReportView(View, frozen=True):
    EXAMPLE: ClassVar = {
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "title": "Jazz Night",
        "organizer_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "totals": [TotalsView.EXAMPLE],
    }

    event_id: str
    title: str
    organizer_id: str
    totals: list[TotalsView]

    @classmethod
    def of(cls, report: EventReport) -> Self:
        return cls(
            event_id=report.event.id,
            title=report.event.title,
            organizer_id=report.event.organizer_id,
            totals=[TotalsView.of(totals) for totals in report.totals],
        )


class TransactionView(View, frozen=True):
    """One movement of money. `amounts` are what the balance at the gateway moved by: negative where it shrank."""

    EXAMPLE: ClassVar = {
        "id": "led/rfd_01arz3ndektsv4rrffq69g5fav/refund",
        "at": "2026-11-22T12:00:00Z",
        "kind": "refund",
        "gateway": "stripe",
        "booking_id": "bkg_01arz3ndektsv4rrffq69g5fav",
        "payment_id": "pay_01arz3ndektsv4rrffq69g5fav",
        "subject": "rfd_01arz3ndektsv4rrffq69g5fav",
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "event_title": "Jazz Night",
        "organizer_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "amounts": [{"amount": "-25.00", "amount_minor": -2500, "currency": "EUR"}],
    }

    id: str
    at: dt.datetime | None
    kind: str
    gateway: str
    booking_id: str
    payment_id: str
    subject: str
    event_id: str
    event_title: str
    organizer_id: str
    amounts: list[MoneyView]

    @classmethod
    def of(cls, line: Line) -> Self:
        moved = line.moved
        return cls(
            id=moved.id,
            at=moment(moved.at),
            kind=moved.kind,
            gateway=moved.gateway,
            booking_id=moved.booking_id,
            payment_id=moved.payment_id,
            subject=moved.subject,
            event_id=moved.event_id,
            event_title=line.event_title,
            organizer_id=moved.organizer_id,
            amounts=[MoneyView.of(amount) for amount in moved.at_gateway],
        )
