"""The tables of the SQL stores, made from the one table of kinds. Migrations bring a database to just this."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from application.kinds import ALLOTMENT, KINDS, Attribute, Kind

# Ids sort alike in every store: by code point, as Python does, whatever language the server was set up in.
TEXT: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")

METADATA: Final = MetaData()


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
