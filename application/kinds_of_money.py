"""How what moves money is stored and found, with what the providers told and where the books differ."""

from typing import Final

from application.kind import Index, Kind, always, text, time
from application.records import NoticeReceipt
from domain.dispute import Dispute
from domain.ledger import LedgerTransaction
from domain.payment import Payment
from domain.reconciliation import Finding, Reconciliation
from domain.refund import Refund

MONEY: Final = (
    Kind(
        "payment",
        Payment,
        (
            text("booking_id"),
            text("event_id"),
            text("status"),
            text("gateway_reference", lambda payment: payment.gateway_reference or None),
            text("quarantined", lambda payment: "all" if payment.quarantined else None),
            time("created_at"),
            time("next_poll_at"),
            always("everything"),
        ),
        (
            Index("by_booking", "booking_id", "created_at"),
            Index("by_event", "event_id", "created_at"),
            Index("by_reference", "gateway_reference", "created_at"),
            Index("quarantined", "quarantined", "created_at"),
            Index("everything", "everything", "created_at"),
            Index("polling", "everything", "next_poll_at"),
        ),
    ),
    Kind(
        "refund",
        Refund,
        (
            text("booking_id"),
            text("payment_id"),
            text("status"),
            time("created_at"),
            time("next_poll_at"),
            always("everything"),
        ),
        (
            Index("by_booking", "booking_id", "created_at"),
            Index("by_payment", "payment_id", "created_at"),
            Index("by_status", "status", "created_at"),
            Index("everything", "everything", "created_at"),
            Index("polling", "everything", "next_poll_at"),
        ),
    ),
    Kind(
        "dispute",
        Dispute,
        (
            text("payment_id"),
            text("booking_id"),
            text("event_id"),
            text("status"),
            time("opened_at"),
            always("everything"),
        ),
        (
            Index("by_payment", "payment_id", "opened_at"),
            Index("by_event", "event_id", "opened_at"),
            Index("by_status", "status", "opened_at"),
            Index("everything", "everything", "opened_at"),
        ),
    ),
    Kind(
        "ledger",
        LedgerTransaction,
        (
            text("event_id"),
            text("organizer_id"),
            text("booking_id"),
            text("kind"),
            text("day", lambda moved: moved.at.date().isoformat(), is_common=True),
            time("at"),
        ),
        (
            Index("by_day", "day", "at"),
            Index("by_organizer", "organizer_id", "at"),
            Index("by_event", "event_id", "at"),
            Index("by_booking", "booking_id", "at"),
        ),
        only_grows=True,
    ),
    Kind(
        "reconciliation",
        Reconciliation,
        (text("gateway"), time("started_at"), always("everything")),
        (Index("everything", "everything", "started_at"), Index("by_gateway", "gateway", "started_at")),
    ),
    Kind(
        "finding",
        Finding,
        (text("status"), text("kind"), text("gateway"), time("found_at")),
        (Index("by_status", "status", "found_at"),),
    ),
    Kind(
        "notice",
        NoticeReceipt,
        (
            text("gateway", is_common=True),
            text("payment_id"),
            text("state", is_common=True),
            time("received_at"),
            always("everything"),
        ),
        (
            Index("by_gateway", "gateway", "received_at"),
            Index("by_payment", "payment_id", "received_at"),
            Index("by_state", "state", "received_at"),
            Index("everything", "everything", "received_at"),
        ),
    ),
)
