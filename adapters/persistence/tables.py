"""The tables of the SQL stores, made from the one table of kinds."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from application.kind import Attribute, Kind
from application.kinds import ALLOTMENT, KINDS

# Ids sort alike in every store: by code point, as Python does, whatever language the server was set up in.
TEXT: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")

BARE: Final = MetaData()
"""What a store reads and writes; schema.py adds what only a database that is made or changed has to know."""


def _column(attribute: Attribute) -> Column[str] | Column[int]:
    return Column(attribute.name, TEXT) if attribute.type is str else Column(attribute.name, BigInteger)


def _table(kind: Kind) -> Table:
    return Table(
        kind.name,
        BARE,
        Column("id", TEXT, primary_key=True),
        Column("version", Integer, nullable=False),
        *(_column(attribute) for attribute in kind.attributes),
        Column("body", Text, nullable=False),
    )


TABLES: Final = {kind.name: _table(kind) for kind in KINDS.values()}

ALLOTMENTS: Final = Table(
    ALLOTMENT,
    BARE,
    Column("id", TEXT, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
    CheckConstraint("held >= 0", name="allotment_held_check"),
    CheckConstraint("sold >= 0", name="allotment_sold_check"),
    CheckConstraint("held + sold <= capacity", name="allotment_capacity_check"),
)
