"""All that a database has: the tables, their indexes, and what refuses to change a row. Migrations bring it to this.

Apart from the tables, for only a migration asks: the indexes load the dialects of both engines, which no start should
cost.
"""

from typing import Any, Final

from sqlalchemy import Connection, Index, MetaData, Table, event, text

from adapters.persistence.tables import BARE, TABLES
from application.kind import Kind
from application.kinds import KINDS

_REFUSE: Final = (
    "CREATE FUNCTION relex_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' only grows'; END $$"
)


def _guards(table: str, dialect: str) -> tuple[str, ...]:
    """What refuses to change or delete a row, whoever asks for it."""
    if dialect == "postgresql":
        change = f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
        empty = f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        return tuple(f"{trigger} EXECUTE FUNCTION relex_only_grows()" for trigger in (change, empty))
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refusal}" for verb in ("UPDATE", "DELETE")
    )


def _make_refusal(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(_REFUSE))


def _guard(table: Table, connection: Connection, **_: Any) -> None:
    for statement in _guards(table.name, connection.dialect.name):
        connection.execute(text(statement))


def _add_indexes(kind: Kind, table: Table) -> None:
    for index in kind.indexes:
        partition, sort = table.c[index.partition], table.c[index.sort]
        # What is in no partition, or has no place in the order, costs nothing to keep out of the index.
        inside = partition.is_not(None) & sort.is_not(None)
        Index(f"{kind.name}_{index.name}", partition, sort, table.c.id, postgresql_where=inside, sqlite_where=inside)


def _complete() -> MetaData:
    event.listen(BARE, "before_create", _make_refusal)
    for kind in KINDS.values():
        _add_indexes(kind, TABLES[kind.name])
        if kind.only_grows:
            event.listen(TABLES[kind.name], "after_create", _guard)
    return BARE


METADATA: Final = _complete()
