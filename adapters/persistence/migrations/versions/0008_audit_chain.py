"""The audit as a chain. What was recorded before waits to be sealed; records, links and the ledger only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_WAITING = {
    "postgresql": "INSERT INTO audit_unsealed (id, version, at, everything, body) SELECT id, 1, at, 'all',"
    " json_build_object('id', id, 'at', body::json ->> 'at')::text FROM audit",
    "sqlite": "INSERT INTO audit_unsealed (id, version, at, everything, body) SELECT id, 1, at, 'all',"
    " json_object('id', id, 'at', json_extract(body, '$.at')) FROM audit",
}
_ONLY_GROWS = ("ledger", "audit", "audit_link", "audit_checkpoint")
_FUNCTION = (
    "CREATE FUNCTION relex_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' only grows'; END $$"
)


def upgrade() -> None:
    _table("audit_unsealed", "at", "everything")
    _index("audit_unsealed", "audit_unsealed_everything", "everything", "at")
    _table("audit_link", "sequence", "everything")
    _index("audit_link", "audit_link_everything", "everything", "sequence")
    _table("audit_head")
    _table("audit_checkpoint", "sequence", "everything")
    _index("audit_checkpoint", "audit_checkpoint_everything", "everything", "sequence")
    dialect = op.get_bind().dialect.name
    op.execute(sa.text(_WAITING[dialect]))
    if dialect == "postgresql":
        op.execute(sa.text(_FUNCTION))
    for table in _ONLY_GROWS:
        for statement in _guards(table, dialect):
            op.execute(sa.text(statement))


def _guards(table: str, dialect: str) -> tuple[str, ...]:
    if dialect == "postgresql":
        change = f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
        empty = f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        return tuple(f"{trigger} EXECUTE FUNCTION relex_only_grows()" for trigger in (change, empty))
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refusal}" for verb in ("UPDATE", "DELETE")
    )


def _table(name: str, *attributes: str) -> None:
    columns = (
        sa.Column(attribute, sa.BigInteger() if attribute in {"at", "sequence"} else TEXT) for attribute in attributes
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
