"""A store that lives and dies with the process: for tests and for trying things out."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import Factory, define

from adapters.persistence.deciding import Shelf, committed, decide, stored_next
from adapters.persistence.sieving import lets_through
from application.cursor import decode_cursor, encode_cursor
from application.kinds import KINDS, key_of
from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record
from domain.allotment import Allotment
from domain.ids import AllotmentId


@define
class MemoryStore:
    """Keeps its promises within one event loop: nothing in here waits, so nothing comes between."""

    _records: dict[Key, Record] = Factory(dict)
    _shelf: Shelf = Factory(Shelf)

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        return {key: self._records[key] for key in keys if key in self._records}

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        known = self._shelf.allotments
        return {allotment_id: known[allotment_id] for allotment_id in ids if allotment_id in known}

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        outcomes = decide(batch, self._shelf)
        for changes in committed(batch, outcomes):
            for record in (*changes.inserts, *changes.saves):
                self._records[key_of(record)] = stored_next(record)
            for record in changes.deletes:
                del self._records[key_of(record)]
        return outcomes

    async def list(self, listing: Listing) -> Page[Record]:
        found = sorted(self._matching(listing), key=lambda pair: pair[0], reverse=listing.descending)
        if listing.after is not None:
            position = decode_cursor(listing.after)
            found = [pair for pair in found if (pair[0] < position if listing.descending else pair[0] > position)]
        page = found[: listing.limit]
        more = len(found) > listing.limit
        return Page(tuple(record for _, record in page), encode_cursor(*page[-1][0]) if more else None)

    def _matching(self, listing: Listing) -> Iterator[tuple[tuple[int, str], Record]]:
        kind = KINDS[listing.kind]
        index = kind.index(listing.index)
        for key, record in self._records.items():
            if key.kind != listing.kind:
                continue
            values = kind.attributes_of(record)
            sort = values[index.sort]
            if values[index.partition] != listing.partition or not isinstance(sort, int):
                continue
            if listing.least is not None and sort < listing.least:
                continue
            if listing.below is not None and sort >= listing.below:
                continue
            if lets_through(listing, values):
                yield (sort, key.id), record

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:  # noqa: ARG002 - nothing is kept beside a record
        return ()

    async def ping(self) -> None:
        return

    async def close(self) -> None:
        return
