"""The tables of the SQL stores, made from the one table of kinds. Migrations bring a database to just this."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.types import TypeEngine

from application.kind import Attribute, Kind
from application.kinds import ALLOTMENT, KINDS

# Ids sort alike in every store: by code point, as Python does, whatever language the server was set up in.
TEXT: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")

METADATA: Final = MetaData()

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


event.listen(METADATA, "before_create", _make_refusal)


def _column(attribute: Attribute) -> Column[str] | Column[int]:
    return Column(attribute.name, TEXT) if attribute.type is str else Column(attribute.name, BigInteger)


def _table(kind: Kind) -> Table:
    table = Table(
        kind.name,
        METADATA,
        Column("id", TEXT, primary_key=True),
        Column("version", Integer, nullable=False),
        *(_column(attribute) for attribute in kind.attributes),
        Column("body", Text, nullable=False),
    )
    for index in kind.indexes:
        partition, sort = table.c[index.partition], table.c[index.sort]
        # What is in no partition, or has no place in the order, costs nothing to keep out of the index.
        inside = partition.is_not(None) & sort.is_not(None)
        Index(f"{kind.name}_{index.name}", partition, sort, table.c.id, postgresql_where=inside, sqlite_where=inside)
    if kind.only_grows:
        event.listen(table, "after_create", _guard)
    return table


TABLES: Final = {kind.name: _table(kind) for kind in KINDS.values()}

ALLOTMENTS: Final = Table(
    ALLOTMENT,
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
    CheckConstraint("held >= 0", name="allotment_held_check"),
    CheckConstraint("sold >= 0", name="allotment_sold_check"),
    CheckConstraint("held + sold <= capacity", name="allotment_capacity_check"),
)
