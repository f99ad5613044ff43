"""Notices, payments, comparisons and findings as JSON documents, with the names that the HTTP API uses."""

from adapters.cli import views
from adapters.cli.views import Document
from application.ports.payment_gateway import Charge
from application.queries.announcements import Announced
from application.queries.notices import NoticeInFull
from application.records import NoticeReceipt
from domain.payment import Payment
from domain.reconciliation import Difference, Finding, Reconciliation


def notice(receipt: NoticeReceipt) -> Document:
    return {
        "id": receipt.id,
        "gateway": receipt.gateway,
        "account": receipt.account,
        "event_id": receipt.event_id,
        "kind": receipt.kind,
        "state": receipt.state,
        "outcome": receipt.outcome,
        "payment_id": receipt.payment_id,
        "refund_id": receipt.refund_id,
        "payment_reference": receipt.payment_reference,
        "received_at": views.moment(receipt.received_at),
        "applied_at": views.moment(receipt.applied_at),
    }


def notice_in_full(full: NoticeInFull) -> Document:
    return notice(full.receipt) | {"body": full.body}


def payment(made: Payment) -> Document:
    return views.payment(made) | {
        "booking_id": made.booking_id,
        "gateway_reference": made.gateway_reference,
        "quarantined": made.quarantined,
        "announced": made.announced,
        "disputed": made.disputed,
        "remaining": views.money(made.remaining),
        "next_poll_at": views.moment(made.next_poll_at),
    }


def charge(said: Charge | None) -> Document | None:
    """What the gateway says; None if it never heard of it."""
    if said is None:
        return None
    return {"state": said.state, "amount": views.money(said.amount), "refunded": views.money(said.refunded)}


def reconciliation(day: Reconciliation) -> Document:
    return {
        "id": day.id,
        "gateway": day.gateway,
        "start": views.moment(day.start),
        "end": views.moment(day.end),
        "started_at": views.moment(day.started_at),
        "finished_at": views.moment(day.finished_at),
        "matched": day.matched,
        "findings": day.findings,
        "healed": day.healed,
        "trouble": day.trouble,
    }


def difference(found: Difference) -> Document:
    return {
        "id": found.finding_id,
        "kind": found.kind,
        "gateway": found.gateway,
        "subject": found.subject,
        "detail": found.detail,
    }


def finding(found: Finding) -> Document:
    return difference(found.difference) | {
        "status": found.status,
        "decision": found.decision,
        "decided_by": found.decided_by,
        "found_at": views.moment(found.found_at),
        "decided_at": views.moment(found.decided_at),
    }


def announced(heard: Announced) -> Document:
    return {
        "gateway": heard.gateway,
        "captured": heard.captured,
        "unannounced": heard.unannounced,
        "in_a_row": heard.in_a_row,
        "silent_since": views.moment(heard.silent_since),
    }
