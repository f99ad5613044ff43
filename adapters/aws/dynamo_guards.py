"""Copies of a version, for records that very many sets at once expect unchanged.

A condition on an item is charged as a write of the whole of it, and two transactions with conditions on the same item
collide like two that write it. So beside an event lie a few small items that say its version and nothing else. Who
expects it looks at one of them, chosen by chance; who changes it, which is rare, writes them all in the same
transaction.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from application.kinds import KINDS
from application.ports.store import Key

GUARDS: Final = 8
"""How many. It may grow: one that is missing is not taken for anything, and the record itself is looked at."""


def is_guarded(key: Key) -> bool:
    return key.kind in KINDS and KINDS[key.kind].is_watched


def guard_id(record_id: str, number: int) -> str:
    """No record has an id with this sign in it."""
    return f"{record_id}#{number}"


def is_guard(item: Mapping[str, Any]) -> bool:
    """Whether it is a guard and no record."""
    return "body" not in item


def put_all(table: str, record_id: str, version: int) -> Iterator[dict[str, Any]]:
    """Write every guard, whatever it says: the record itself, in the same transaction, is what may be refused."""
    for number in range(GUARDS):
        item = {"id": {"S": guard_id(record_id, number)}, "version": {"N": str(version)}}
        yield {"Put": {"TableName": table, "Item": item}}


def delete_all(table: str, record_id: str) -> Iterator[dict[str, Any]]:
    for number in range(GUARDS):
        yield {"Delete": {"TableName": table, "Key": {"id": {"S": guard_id(record_id, number)}}}}
