"""What a record is in DynamoDB: its body, what people may look for in the console, and its place in each index."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.aws.dynamo_line import Item
from adapters.codec import decode, encode
from application.kind import Index, Kind
from application.kinds import KINDS, kind_of
from application.ports.store import Record

ITEM_BYTES_MAX: Final = 400 * 1024
COMPRESSED_FROM: Final = 4096
"""From this length on a body is compressed: DynamoDB counts, and charges, by the kilobyte."""
KEY_BYTES_MAX: Final = 1000
"""A sort key has 1,024 bytes at most, and an id is part of every one."""
PARTITION_BYTES_MAX: Final = 2000
SPREAD: Final = 8
"""Over how many partition keys an index spreads the records of one common value.

A partition takes 1,000 writes a second, and a list of everything would be one partition.
"""
GONE: Final = "gone_at"
"""The attribute by which DynamoDB removes what has passed, in seconds since 1970."""
_KEPT_ON_S: Final = 86_400
"""How long after its end something may still be removed only by ourselves: clocks differ."""
_MICROSECONDS: Final = 1_000_000
_SIGN: Final = 2**63
_SORT_WIDTH: Final = 20
SORT_LEAST: Final = "0"
SORT_BEYOND: Final = ":"
"""Sorts behind every digit."""


class ItemTooLarge(Exception):
    """A record of ours is larger than DynamoDB takes. Nothing of its set is stored."""


def item_of(record: Record) -> Item:
    """The item of a record as it is stored next."""
    kind = kind_of(record)
    values = kind.attributes_of(record)
    item: dict[str, Any] = {
        "id": {"S": record.id},
        "version": {"N": str(record.version + 1)},
        "body": _packed(encode(record)),
        **_filing(kind, record.id, values),
    }
    gone_at = values.get(kind.gone_after or "")
    if isinstance(gone_at, int):
        item[GONE] = {"N": str(gone_at // _MICROSECONDS + _KEPT_ON_S)}
    if size_of(item) > ITEM_BYTES_MAX:
        raise ItemTooLarge(f"{kind.name} {record.id} has {size_of(item)} bytes of at most {ITEM_BYTES_MAX}")
    return item


def record_of(kind: str, item: Item) -> Record:
    """The record that an item keeps."""
    return decode(kind, _unpacked(item["body"]), int(item["version"]["N"]))


def is_misfiled(kind: str, item: Item) -> bool:
    """Whether lists find it by something else than the record in it says. What is there beyond that misleads none."""
    record = record_of(kind, item)
    filing = _filing(KINDS[kind], record.id, KINDS[kind].attributes_of(record))
    return any(item.get(name) != value for name, value in filing.items())


def size_of(item: Item) -> int:
    """Bytes, a little more than DynamoDB counts."""
    return sum(len(name) + _length(value) for name, value in item.items())


def partition_key(index: Index) -> str:
    return f"{index.name}_key"


def sort_key(index: Index) -> str:
    return f"{index.name}_sort"


def partitions_of(kind: Kind, index: Index, value: str) -> Iterator[str]:
    """Under which partition keys the records of a value are found."""
    return (f"{value}#{shard}" for shard in range(_spread(kind, index)))


def sort_text(sort: int, record_id: str = "") -> str:
    """A text that sorts as the number does, and then as the id."""
    return f"{sort + _SIGN:0{_SORT_WIDTH}}#{record_id}"


def place_of(text: str) -> tuple[int, str]:
    """The number and the id of such a text."""
    return int(text[:_SORT_WIDTH]) - _SIGN, text[_SORT_WIDTH + 1 :]


def _filing(kind: Kind, record_id: str, values: Mapping[str, str | int | None]) -> dict[str, Any]:
    """What is kept beside a body, to find it by."""
    return {
        **{name: _typed(value) for name, value in values.items() if value is not None},
        **_places(kind, record_id, values),
    }


def _places(kind: Kind, record_id: str, values: Mapping[str, str | int | None]) -> dict[str, Any]:
    places: dict[str, Any] = {}
    for index in kind.indexes:
        partition, sort = values[index.partition], values[index.sort]
        if isinstance(partition, str) and isinstance(sort, int):
            # By the id, so that a record that is saved again stays where it is.
            shard = zlib.crc32(record_id.encode()) % _spread(kind, index)
            places[partition_key(index)] = {"S": f"{partition}#{shard}"}
            places[sort_key(index)] = {"S": sort_text(sort, record_id)}
    return places


def _spread(kind: Kind, index: Index) -> int:
    is_common = next(attribute.is_common for attribute in kind.attributes if attribute.name == index.partition)
    return SPREAD if is_common else 1


def _typed(value: str | int) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def _packed(body: str) -> dict[str, Any]:
    return {"S": body} if len(body) < COMPRESSED_FROM else {"B": zlib.compress(body.encode())}


def _unpacked(body: Mapping[str, Any]) -> str:
    text: str = body["S"] if "S" in body else zlib.decompress(body["B"]).decode()
    return text


def _length(value: Mapping[str, Any]) -> int:
    [content] = value.values()
    return len(content.encode() if isinstance(content, str) else content)
