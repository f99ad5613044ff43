"""What counts attempts, so that they can be limited."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_NO_COUNTERS = {
    "postgresql": "UPDATE account SET body = ((body::jsonb - 'wrong_tries') - 'locked_until')::text",
    "sqlite": "UPDATE account SET body = json_remove(body, '$.wrong_tries', '$.locked_until')",
}
"""Wrong passwords are counted in records of their own, and begin anew."""


def upgrade() -> None:
    _table("rate_count", "expected_at", "everything")
    _index("rate_count", "rate_count_expiring", "everything", "expected_at")
    _table("guess_count", "forget_at", "everything")
    _index("guess_count", "guess_count_expiring", "everything", "forget_at")
    _table("known_device", "account_id", "created_at", "expires_at", "everything")
    _index("known_device", "known_device_by_account", "account_id", "created_at")
    _index("known_device", "known_device_expiring", "everything", "expires_at")
    op.execute(sa.text(_NO_COUNTERS[op.get_bind().dialect.name]))


def _table(name: str, *attributes: str) -> None:
    columns = (sa.Column(attribute, sa.BigInteger() if attribute.endswith("_at") else TEXT) for attribute in attributes)
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
