"""What is stored, and by what it can be found: one table that every store reads."""

from collections.abc import Mapping
from typing import Final

from application.kind import Kind
from application.kinds_of_money import MONEY
from application.kinds_of_people import PEOPLE
from application.kinds_of_sales import SALES
from application.kinds_of_upkeep import UPKEEP
from application.ports.store import Key, Record

_KINDS: Final = (*SALES, *MONEY, *PEOPLE, *UPKEEP)

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _KINDS}
_BY_TYPE: Final = {kind.type: kind for kind in _KINDS}

ALLOTMENT: Final = "allotment"
"""The kind under which keys name allotments, which are counted and not versioned."""


def kind_of(record: Record) -> Kind:
    return _BY_TYPE[type(record)]


def kind_of_type(record_type: type[Record]) -> Kind:
    return _BY_TYPE[record_type]


def key_of(record: Record) -> Key:
    return Key(_BY_TYPE[type(record)].name, record.id)
