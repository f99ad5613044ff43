"""The first schema: a table for each kind of record, and one for allotments."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _event()
    _booking()
    _ticket()
    _admission()
    _payment()
    _refund()
    _account()
    _kyc_request()
    _claim()
    _session()
    _one_time_token()
    _event_grant()
    _outbox()
    _audit()
    _answer()
    _notice()
    _allotment()


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organizer_id", TEXT),
        sa.Column("status", TEXT),
        sa.Column("visibility", TEXT),
        sa.Column("upcoming", TEXT),
        sa.Column("category", TEXT),
        sa.Column("place", TEXT),
        sa.Column("search", TEXT),
        sa.Column("starts_at", sa.BigInteger()),
        sa.Column("next_change_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("event", "event_by_organizer", "organizer_id", "created_at")
    _index("event", "event_changing", "everything", "next_change_at")
    _index("event", "event_everything", "everything", "created_at")
    _index("event", "event_public", "visibility", "starts_at")
    _index("event", "event_upcoming", "upcoming", "starts_at")


def _booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT),
        sa.Column("buyer_id", TEXT),
        sa.Column("status", TEXT),
        sa.Column("holding", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("hold_expires_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("booking", "booking_by_buyer", "buyer_id", "created_at")
    _index("booking", "booking_by_event", "event_id", "created_at")
    _index("booking", "booking_by_status", "status", "created_at")
    _index("booking", "booking_expiring", "holding", "hold_expires_at")


def _ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("booking_id", TEXT),
        sa.Column("event_id", TEXT),
        sa.Column("status", TEXT),
        sa.Column("number", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("ticket", "ticket_by_booking", "booking_id", "number")
    _index("ticket", "ticket_by_event", "event_id", "number")


def _admission() -> None:
    op.create_table(
        "admission",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT),
        sa.Column("booking_id", TEXT),
        sa.Column("outcome", TEXT),
        sa.Column("at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("admission", "admission_by_booking", "booking_id", "at")
    _index("admission", "admission_by_event", "event_id", "at")


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("booking_id", TEXT),
        sa.Column("event_id", TEXT),
        sa.Column("status", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("next_poll_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("payment", "payment_by_booking", "booking_id", "created_at")
    _index("payment", "payment_by_event", "event_id", "created_at")
    _index("payment", "payment_everything", "everything", "created_at")
    _index("payment", "payment_polling", "everything", "next_poll_at")


def _refund() -> None:
    op.create_table(
        "refund",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("booking_id", TEXT),
        sa.Column("payment_id", TEXT),
        sa.Column("status", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("next_poll_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("refund", "refund_by_booking", "booking_id", "created_at")
    _index("refund", "refund_by_payment", "payment_id", "created_at")
    _index("refund", "refund_everything", "everything", "created_at")
    _index("refund", "refund_polling", "everything", "next_poll_at")


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", TEXT),
        sa.Column("rank", TEXT),
        sa.Column("kyc", TEXT),
        sa.Column("search", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("account", "account_by_rank", "rank", "created_at")
    _index("account", "account_everything", "everything", "created_at")


def _kyc_request() -> None:
    op.create_table(
        "kyc_request",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", TEXT),
        sa.Column("status", TEXT),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("kyc_request", "kyc_request_by_account", "account_id", "submitted_at")
    _index("kyc_request", "kyc_request_by_status", "status", "submitted_at")


def _claim() -> None:
    op.create_table(
        "claim",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("session", "session_by_account", "account_id", "created_at")
    _index("session", "session_expiring", "everything", "expires_at")


def _one_time_token() -> None:
    op.create_table(
        "one_time_token",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", TEXT),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("one_time_token", "one_time_token_expiring", "everything", "expires_at")


def _event_grant() -> None:
    op.create_table(
        "event_grant",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT),
        sa.Column("account_id", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("event_grant", "event_grant_by_account", "account_id", "created_at")
    _index("event_grant", "event_grant_by_event", "event_id", "created_at")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", TEXT),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("outbox", "outbox_queue", "state", "due_at")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", TEXT),
        sa.Column("actor", TEXT),
        sa.Column("action", TEXT),
        sa.Column("at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("audit", "audit_by_actor", "actor", "at")
    _index("audit", "audit_by_subject", "subject", "at")
    _index("audit", "audit_everything", "everything", "at")


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("answer", "answer_expiring", "everything", "created_at")


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("gateway", TEXT),
        sa.Column("payment_id", TEXT),
        sa.Column("outcome", TEXT),
        sa.Column("received_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("notice", "notice_by_gateway", "gateway", "received_at")
    _index("notice", "notice_by_payment", "payment_id", "received_at")


def _allotment() -> None:
    op.create_table(
        "allotment",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("held + sold <= capacity", name="allotment_capacity_check"),
        sa.CheckConstraint("held >= 0", name="allotment_held_check"),
        sa.CheckConstraint("sold >= 0", name="allotment_sold_check"),
    )


def _index(table: str, name: str, partition: str, sort: str) -> None:
    inside = sa.text(f"{partition} IS NOT NULL AND {sort} IS NOT NULL")
    op.create_index(name, table, [partition, sort, "id"], postgresql_where=inside, sqlite_where=inside)
