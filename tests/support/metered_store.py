"""A store in memory that counts what the same work is charged for on DynamoDB."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from attrs import define, field, frozen

from adapters.aws.dynamo_facts import expectations
from adapters.aws.dynamo_guards import GUARDS, is_guarded
from adapters.aws.dynamo_items import SPREAD, item_of, partition_key, size_of, sort_key
from adapters.persistence.memory import MemoryStore
from application.kinds import KINDS, kind_of
from application.paging import Page
from application.ports.store import ChangeSet, Committed, Key, Listing, Outcome, Record
from domain.allotment import Allotment
from domain.ids import AllotmentId

SMALL_BYTES = 200
"""More than a counter takes, or a guard: five short names, four numbers and an id."""
ENTRY_BYTES = 300
"""More than an index of keys takes for one record."""


@frozen
class Charged:
    """What some work is charged for."""

    transactions: int = 0
    items: int = 0
    writes: int = 0
    """Write units: two for each kilobyte of an item in a transaction, one for each place in an index."""
    reads: int = 0
    """Read units: one for each four kilobytes of an item."""

    def __add__(self, other: "Charged") -> "Charged":
        return Charged(*(getattr(self, n) + getattr(other, n) for n in ("transactions", "items", "writes", "reads")))

    def __sub__(self, other: "Charged") -> "Charged":
        return Charged(*(getattr(self, n) - getattr(other, n) for n in ("transactions", "items", "writes", "reads")))


@define(eq=False)
class MeteredStore:
    """Each set is a transaction of its own here, so this is the most that can be charged."""

    inner: MemoryStore = field(factory=MemoryStore)
    charged: Charged = Charged()
    stored_bytes: int = 0

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        found = await self.inner.get(keys)
        units = sum(_read(size_of(item_of(record))) for record in found.values()) + len(set(keys)) - len(found)
        self.charged += Charged(reads=units)
        return found

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        self.charged += Charged(reads=len(set(ids)))
        return await self.inner.allotments(ids)

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for changes in batch:
            charged, grown = await self._charge(changes)
            [outcome] = await self.inner.commit([changes])
            outcomes.append(outcome)
            # What is refused is charged too.
            self.charged += charged
            self.stored_bytes += grown if isinstance(outcome, Committed) else 0
        return outcomes

    async def _charge(self, changes: ChangeSet) -> tuple[Charged, int]:
        keys = [key for key, _ in expectations(changes)]
        looked_at = {Key(expect.kind, expect.id) for expect in changes.expects}
        guards = GUARDS * sum(is_guarded(key) for key in keys if key not in looked_at)
        before = await self.inner.get(keys)
        after = {record.id: record for record in (*changes.inserts, *changes.saves)}
        counters = len(changes.allotments) + len(changes.changes)
        writes, grown = 2 * (counters + guards) * _write(SMALL_BYTES), len(changes.allotments) * SMALL_BYTES
        for key in keys:
            old = item_of(before[key]) if key in before else {}
            new = item_of(after[key.id]) if key.id in after else {}
            # A condition is charged as a write of what is there: of a guard, if there are any.
            is_small = is_guarded(key) and key in looked_at
            writes += 2 * _write(SMALL_BYTES if is_small else max(size_of(old), size_of(new)))
            writes += _index_writes(key, old, new) if new or key in map(_key, changes.deletes) else 0
            grown += size_of(new) - size_of(old) if new else 0
        return Charged(1, len(keys) + counters + guards, writes, 0), grown

    async def list(self, listing: Listing) -> Page[Record]:
        page = await self.inner.list(listing)
        kind = KINDS[listing.kind]
        index = kind.index(listing.index)
        is_common = next(each.is_common for each in kind.attributes if each.name == index.partition)
        # An index is asked without consistency, which is half a unit for each of its parts; the records with it.
        units = (SPREAD // 2 if is_common else 1) + sum(_read(size_of(item_of(record))) for record in page.items)
        self.charged += Charged(reads=units)
        return page

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        return await self.inner.misfiled(keys)

    async def ping(self) -> None:
        await self.inner.ping()

    async def close(self) -> None:
        await self.inner.close()


def _key(record: Record) -> Key:
    return Key(kind_of(record).name, record.id)


def _index_writes(key: Key, old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """A place that is taken is a write, one that is left another; one that stays as it is costs nothing."""
    units = 0
    for index in KINDS[key.kind].indexes:
        places = [(some.get(partition_key(index)), some.get(sort_key(index))) for some in (old, new)]
        if places[0] != places[1]:
            units += sum(_write(ENTRY_BYTES) for place in places if place[0] is not None)
    return units


def _write(size: int) -> int:
    return max(1, ceil(size / 1024))


def _read(size: int) -> int:
    return max(1, ceil(size / 4096))
