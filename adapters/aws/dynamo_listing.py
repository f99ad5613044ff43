"""A page of an index: keys from every partition that holds some of it, in one order, and then the records."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import Factory, define, frozen

from adapters.aws.dynamo_items import (
    PARTITION_BYTES_MAX,
    SORT_BEYOND,
    SORT_LEAST,
    partition_key,
    partitions_of,
    place_of,
    record_of,
    sort_key,
    sort_text,
)
from adapters.aws.dynamo_line import DynamoLine
from adapters.aws.dynamo_tables import Tables
from adapters.persistence.sieving import lets_through
from adapters.persistence.storable import can_be_stored
from application.cursor import decode_cursor, encode_cursor
from application.kind import Index, Kind
from application.kinds import KINDS
from application.ports.store import Listing, Page, Record

_SLACK: Final = 1
"""One more than the page, by which we know whether there is more."""


@frozen
class Bounds:
    """Between which sort texts a listing looks."""

    least: str
    most: str
    after: str | None
    is_descending: bool

    @classmethod
    def of(cls, listing: Listing) -> "Bounds":
        least = SORT_LEAST if listing.least is None else sort_text(listing.least)
        # No sort text has no id, so what is below a number is below its text without one.
        most = SORT_BEYOND if listing.below is None else sort_text(listing.below)
        after = None if listing.after is None else sort_text(*decode_cursor(listing.after))
        if after is not None:
            least, most = (least, min(most, after)) if listing.descending else (max(least, after), most)
        return cls(least, most, after, listing.descending)

    @property
    def is_empty(self) -> bool:
        return self.least > self.most

    def holds(self, text: str) -> bool:
        """DynamoDB's BETWEEN has the bounds inside it; the place where the last page ended is not on this one."""
        return text != self.after


@define
class Run:
    """The keys of one partition, in order, asked for a page at a time."""

    partition: str
    texts: list[str] = Factory(list)
    start: Mapping[str, Any] | None = None
    is_at_its_end: bool = False

    async def fill(self, line: DynamoLine, table: str, index: Index, bounds: Bounds, limit: int) -> None:
        """Have some keys at hand, if there are any more."""
        while not self.texts and not self.is_at_its_end:
            answer = await line.ask(
                "query",
                TableName=table,
                IndexName=index.name,
                KeyConditionExpression="#partition = :partition AND #sort BETWEEN :least AND :most",
                ExpressionAttributeNames={"#partition": partition_key(index), "#sort": sort_key(index)},
                ExpressionAttributeValues={
                    ":partition": {"S": self.partition},
                    ":least": {"S": bounds.least},
                    ":most": {"S": bounds.most},
                },
                ScanIndexForward=not bounds.is_descending,
                Limit=limit + _SLACK,
                **({} if self.start is None else {"ExclusiveStartKey": self.start}),
            )
            found = (item[sort_key(index)]["S"] for item in answer["Items"])
            self.texts = [text for text in found if bounds.holds(text)]
            self.start = answer.get("LastEvaluatedKey")
            self.is_at_its_end = self.start is None


@define
class Walk:
    """Through all partitions of a value at once, in the order of the index."""

    line: DynamoLine
    table: str
    kind: Kind
    listing: Listing
    bounds: Bounds
    runs: list[Run]

    async def next_texts(self) -> list[str]:
        """The next places, as many as a page has at most; none at the end."""
        index = self.kind.index(self.listing.index)
        texts: list[str] = []
        while len(texts) <= self.listing.limit:
            fills = (run.fill(self.line, self.table, index, self.bounds, self.listing.limit) for run in self.runs)
            await asyncio.gather(*fills)
            self.runs = [run for run in self.runs if run.texts]
            if not self.runs:
                break
            texts += self._merged(self.listing.limit + _SLACK - len(texts))
        return texts

    def _merged(self, most: int) -> list[str]:
        """The first of all that is at hand, until a run is empty: what it has next may come before the others'."""
        texts: list[str] = []
        choose = max if self.bounds.is_descending else min
        while len(texts) < most and all(run.texts for run in self.runs):
            first = choose(self.runs, key=lambda run: run.texts[0])
            texts.append(first.texts.pop(0))
        return texts


async def page(line: DynamoLine, tables: Tables, listing: Listing) -> Page[Record]:
    """One page. The index may lag, the records do not: what has left its place since is left out."""
    kind = KINDS[listing.kind]
    bounds = Bounds.of(listing)
    if bounds.is_empty or not _can_be_found(listing):
        return Page(())
    runs = [Run(partition) for partition in partitions_of(kind, kind.index(listing.index), listing.partition)]
    walk = Walk(line, tables.name(kind.name), kind, listing, bounds, runs)
    shown: list[tuple[str, Record]] = []
    while len(shown) <= listing.limit and (texts := await walk.next_texts()):
        ids = [place_of(text)[1] for text in texts]
        items = await line.get({walk.table: ids}, ("id", "version", "body"))
        records = {item["id"]["S"]: record_of(kind.name, item) for item in items[walk.table]}
        shown += [(t, records[i]) for t, i in zip(texts, ids, strict=True) if i in records]
        shown = [(text, record) for text, record in shown if _belongs(kind, listing, text, record)]
    kept = shown[: listing.limit]
    more = len(shown) > listing.limit
    return Page(tuple(record for _, record in kept), encode_cursor(*place_of(kept[-1][0])) if more else None)


def _can_be_found(listing: Listing) -> bool:
    """Whether any store could keep what is asked for."""
    words = (word for words in listing.containing.values() for word in words)
    texts: Iterable[object] = (listing.partition, *listing.equal.values(), *words)
    storable = all(can_be_stored(text) for text in texts if isinstance(text, str))
    return storable and len(listing.partition.encode(errors="replace")) <= PARTITION_BYTES_MAX


def _belongs(kind: Kind, listing: Listing, text: str, record: Record) -> bool:
    values = kind.attributes_of(record)
    index = kind.index(listing.index)
    if values[index.partition] != listing.partition or (values[index.sort], record.id) != place_of(text):
        return False
    return lets_through(listing, values)
