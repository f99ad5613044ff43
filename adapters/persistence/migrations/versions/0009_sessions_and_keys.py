"""What holds for everybody at once, and API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", TEXT),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("everything", TEXT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("api_key_by_account", "account_id", "created_at")
    _index("api_key_everything", "everything", "created_at")
    _index("api_key_expiring", "everything", "expires_at")


def _index(name: str, partition: str, sort: str) -> None:
    inside = sa.text(f"{partition} IS NOT NULL AND {sort} IS NOT NULL")
    op.create_index(name, "api_key", [partition, sort, "id"], postgresql_where=inside, sqlite_where=inside)
