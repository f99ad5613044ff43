"""Invitations to work at an event."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "event_invitation",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT),
        sa.Column("email", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("by_event", "event_id", "created_at")
    _index("by_email", "email", "created_at")
    _index("expiring", "everything", "expires_at")


def _index(name: str, partition: str, sort: str) -> None:
    inside = sa.text(f"{partition} IS NOT NULL AND {sort} IS NOT NULL")
    columns = [partition, sort, "id"]
    op.create_index(
        f"event_invitation_{name}", "event_invitation", columns, postgresql_where=inside, sqlite_where=inside
    )
