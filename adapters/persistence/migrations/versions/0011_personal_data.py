"""Erasures under way, and what people agreed to, which only grows.

Accounts that an earlier version deleted kept their names on bookings and tickets: those are swept from here on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_DELETED = {
    "postgresql": "INSERT INTO erasure (id, version, state, started_at, body) SELECT id, 1, 'running', created_at,"
    " json_build_object('id', id, 'asked_by', 'system', 'started_at', body::json ->> 'created_at')::text"
    " FROM account WHERE status = 'deleted'",
    "sqlite": "INSERT INTO erasure (id, version, state, started_at, body) SELECT id, 1, 'running', created_at,"
    " json_object('id', id, 'asked_by', 'system', 'started_at', json_extract(body, '$.created_at'))"
    " FROM account WHERE status = 'deleted'",
}


def upgrade() -> None:
    _table("erasure", "state", "started_at")
    _table("consent", "account_id", "at")
    _index("erasure", "erasure_by_state", "state", "started_at")
    _index("consent", "consent_by_account", "account_id", "at")
    dialect = op.get_bind().dialect.name
    op.execute(sa.text(_DELETED[dialect]))
    for statement in _guards(dialect):
        op.execute(sa.text(statement))


def _guards(dialect: str) -> tuple[str, ...]:
    if dialect == "postgresql":
        change = "CREATE TRIGGER consent_only_grows BEFORE UPDATE OR DELETE ON consent FOR EACH ROW"
        empty = "CREATE TRIGGER consent_is_not_emptied BEFORE TRUNCATE ON consent FOR EACH STATEMENT"
        return tuple(f"{trigger} EXECUTE FUNCTION relex_only_grows()" for trigger in (change, empty))
    refusal = "BEGIN SELECT RAISE(ABORT, 'consent only grows'); END"
    return tuple(
        f"CREATE TRIGGER consent_no_{verb.lower()} BEFORE {verb} ON consent {refusal}" for verb in ("UPDATE", "DELETE")
    )


def _table(name: str, by: str, sort: str) -> None:
    op.create_table(
        name,
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(by, TEXT),
        sa.Column(sort, sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _index(table: str, name: str, partition: str, sort: str) -> None:
    inside = sa.text(f"{partition} IS NOT NULL AND {sort} IS NOT NULL")
    op.create_index(name, table, [partition, sort, "id"], postgresql_where=inside, sqlite_where=inside)
