"""Promotion codes. Their uses are counted where places are, and bookings keep theirs in their bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "promo_code",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    inside = sa.text("event_id IS NOT NULL AND created_at IS NOT NULL")
    op.create_index(
        "promo_code_by_event",
        "promo_code",
        ["event_id", "created_at", "id"],
        postgresql_where=inside,
        sqlite_where=inside,
    )
