"""The store on DynamoDB."""

import random
from collections.abc import Callable, Mapping, Sequence

from attrs import define, field

from adapters.aws import dynamo_listing
from adapters.aws.dynamo_committing import Committing, Reading, Spreads
from adapters.aws.dynamo_counters import total
from adapters.aws.dynamo_guards import is_guard
from adapters.aws.dynamo_items import KEY_BYTES_MAX, is_misfiled, record_of
from adapters.aws.dynamo_line import DynamoLine, Item
from adapters.aws.dynamo_tables import Tables
from adapters.persistence.storable import can_be_stored
from application.kinds import ALLOTMENT
from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record
from domain.allotment import Allotment
from domain.ids import AllotmentId


@define(eq=False)
class DynamoStore:
    """Keeps its promises by the conditions of transactions, also against other processes on the same tables.

    What is read by its key is read consistently; a listing finds ids in an index, which may lag, and then reads.
    """

    _line: DynamoLine
    _tables: Tables
    _spreads: Spreads = field(factory=lambda: Spreads(1))
    _choose: Callable[[int], int] = field(default=random.randrange)

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        items = await self._items(keys, ("id", "version", "body"))
        return {key: record_of(key.kind, item) for key, item in items.items()}

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        return [key for key, item in (await self._items(keys)).items() if is_misfiled(key.kind, item)]

    async def _items(self, keys: Sequence[Key], attributes: Sequence[str] = ()) -> dict[Key, Item]:
        """The items of those that exist; whole ones without `attributes`."""
        known = [key for key in keys if _can_be_an_id(key.id)]
        wanted: dict[str, list[str]] = {}
        for key in known:
            wanted.setdefault(self._tables.name(key.kind), []).append(key.id)
        items = await self._line.get(wanted, attributes)
        return {
            Key(kind, item["id"]["S"]): item
            for kind in {key.kind for key in known}
            for item in items[self._tables.name(kind)]
            if not is_guard(item)
        }

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        wanted = [allotment_id for allotment_id in ids if _can_be_an_id(allotment_id)]
        if not wanted:
            return {}
        counters = await Reading(self._line, self._tables, self._spreads).counters(wanted)
        return {allotment_id: total(allotment_id, some) for allotment_id, some in counters.items()}

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        return await Committing(self._line, self._tables, self._spreads, self._choose)(batch)

    async def list(self, listing: Listing) -> Page[Record]:
        return await dynamo_listing.page(self._line, self._tables, listing)

    async def ping(self) -> None:
        await self._line.get({self._tables.name(ALLOTMENT): ["ping"]}, ("id",))

    async def close(self) -> None:
        await self._line.close()


def _can_be_an_id(text: str) -> bool:
    return bool(text) and can_be_stored(text) and len(text.encode()) <= KEY_BYTES_MAX
