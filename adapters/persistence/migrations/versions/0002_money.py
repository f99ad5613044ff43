"""Disputes, the ledger, cancellations of events, reconciliations; and more to find payments and notices by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _payment()
    _notice()
    _index("refund", "refund_by_status", "status", "created_at")
    _dispute()
    _ledger()
    _table("event_cancellation", "state", "started_at")
    _index("event_cancellation", "event_cancellation_by_state", "state", "started_at")
    _table("booking_outcome", "event_id", "state", "created_at", "look_at", "everything")
    _index("booking_outcome", "booking_outcome_by_event", "event_id", "created_at")
    _index("booking_outcome", "booking_outcome_looking", "everything", "look_at")
    _table("reconciliation", "gateway", "started_at", "everything")
    _index("reconciliation", "reconciliation_by_gateway", "gateway", "started_at")
    _index("reconciliation", "reconciliation_everything", "everything", "started_at")
    _table("finding", "status", "kind", "gateway", "found_at")
    _index("finding", "finding_by_status", "status", "found_at")


_REFERENCE = {
    "postgresql": "UPDATE payment SET gateway_reference = NULLIF(body::json ->> 'gateway_reference', '')",
    "sqlite": "UPDATE payment SET gateway_reference = NULLIF(json_extract(body, '$.gateway_reference'), '')",
}
_QUARANTINED = {
    "postgresql": "UPDATE payment SET quarantined = 'all' WHERE body::json ->> 'quarantined' <> ''",
    "sqlite": "UPDATE payment SET quarantined = 'all' WHERE json_extract(body, '$.quarantined') <> ''",
}
_STATE = {
    "postgresql": "UPDATE notice SET everything = 'all', state ="
    " CASE WHEN body::json ->> 'applied_at' IS NULL THEN 'pending' ELSE 'applied' END",
    "sqlite": "UPDATE notice SET everything = 'all', state ="
    " CASE WHEN json_extract(body, '$.applied_at') IS NULL THEN 'pending' ELSE 'applied' END",
}


def _payment() -> None:
    op.add_column("payment", sa.Column("gateway_reference", TEXT))
    op.add_column("payment", sa.Column("quarantined", TEXT))
    op.execute(sa.text(_REFERENCE[op.get_bind().dialect.name]))
    op.execute(sa.text(_QUARANTINED[op.get_bind().dialect.name]))
    _index("payment", "payment_by_reference", "gateway_reference", "created_at")
    _index("payment", "payment_quarantined", "quarantined", "created_at")


def _notice() -> None:
    op.drop_column("notice", "outcome")
    op.add_column("notice", sa.Column("state", TEXT))
    op.add_column("notice", sa.Column("everything", TEXT))
    op.execute(sa.text(_STATE[op.get_bind().dialect.name]))
    _index("notice", "notice_by_state", "state", "received_at")
    _index("notice", "notice_everything", "everything", "received_at")


def _dispute() -> None:
    _table("dispute", "payment_id", "booking_id", "event_id", "status", "opened_at", "everything")
    _index("dispute", "dispute_by_payment", "payment_id", "opened_at")
    _index("dispute", "dispute_by_event", "event_id", "opened_at")
    _index("dispute", "dispute_by_status", "status", "opened_at")
    _index("dispute", "dispute_everything", "everything", "opened_at")


def _ledger() -> None:
    _table("ledger", "event_id", "organizer_id", "booking_id", "kind", "day", "at")
    _index("ledger", "ledger_by_day", "day", "at")
    _index("ledger", "ledger_by_organizer", "organizer_id", "at")
    _index("ledger", "ledger_by_event", "event_id", "at")
    _index("ledger", "ledger_by_booking", "booking_id", "at")


def _table(name: str, *attributes: str) -> None:
    columns = (
        sa.Column(attribute, sa.BigInteger() if attribute == "at" or attribute.endswith("_at") else TEXT)
        for attribute in attributes
    )
    op.create_table(
        name,
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *columns,
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _index(table: str, name: str, partition: str, sort: str) -> None:
    inside = sa.text(f"{partition} IS NOT NULL AND {sort} IS NOT NULL")
    op.create_index(name, table, [partition, sort, "id"], postgresql_where=inside, sqlite_where=inside)
