"""Group commit and group read: what waits at the same time goes to the store together.

A hot event then costs one row lock and one fsync for a batch and not for each buyer, and a record that many
ask for at once is read once. Nothing is ever held back to make a batch larger.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from attrs import Factory, define, field

from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record, Store
from domain.allotment import Allotment
from domain.ids import AllotmentId

BATCH_MAX = 128
"""The most that one call carries; the rest waits for the next."""

Q = TypeVar("Q")
A = TypeVar("A")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@define(eq=False)
class Gatherer(Generic[Q, A]):
    """Hands on what arrives while `lanes` calls are under way as one call, in the order in which it arrived."""

    _call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]
    _lanes: int = 1
    _waiting: list[tuple[Q, "asyncio.Future[A]"]] = Factory(list)
    _running: set["asyncio.Task[None]"] = Factory(set)

    async def ask(self, question: Q) -> A:
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if len(self._running) < self._lanes:
            lane = asyncio.create_task(self._run())
            self._running.add(lane)
            lane.add_done_callback(self._running.discard)
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            batch = self._waiting[:BATCH_MAX]
            del self._waiting[:BATCH_MAX]
            try:
                answers = await self._call([question for question, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits must hear of it
                for _, waiter in batch:
                    if not waiter.done():
                        waiter.set_exception(error)
                continue
            for (_, waiter), answer in zip(batch, answers, strict=True):
                if not waiter.done():
                    waiter.set_result(answer)

    async def drain(self) -> None:
        """Wait until nothing is under way."""
        while self._running:
            await asyncio.gather(*self._running)


def _each(
    read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
) -> Callable[[Sequence[K]], Awaitable[Sequence[V | None]]]:
    async def call(keys: Sequence[K]) -> Sequence[V | None]:
        found = await read(list(dict.fromkeys(keys)))
        return [found.get(key) for key in keys]

    return call


@define(eq=False)
class GatheringStore:
    """A store in front of another, which hears of everything that waits at once in one call."""

    _store: Store
    _commits: Gatherer[ChangeSet, Outcome] = field(init=False)
    _reads: Gatherer[Key, Record | None] = field(init=False)
    _counts: Gatherer[AllotmentId, Allotment | None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._commits = Gatherer(self._store.commit)
        self._reads = Gatherer(_each(self._store.get), lanes=2)
        self._counts = Gatherer(_each(self._store.allotments))

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        records = (
            await asyncio.gather(*(self._reads.ask(key) for key in keys))
            if len(keys) > 1
            else [await self._reads.ask(key) for key in keys]
        )
        return {key: record for key, record in zip(keys, records, strict=True) if record is not None}

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        found = await asyncio.gather(*(self._counts.ask(allotment_id) for allotment_id in ids))
        return {allotment.id: allotment for allotment in found if allotment is not None}

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        if len(batch) == 1:
            return [await self._commits.ask(batch[0])]
        return await asyncio.gather(*(self._commits.ask(changes) for changes in batch))

    async def list(self, listing: Listing) -> Page[Record]:
        return await self._store.list(listing)

    async def ping(self) -> None:
        await self._store.ping()

    async def close(self) -> None:
        await self._commits.drain()
        await self._store.close()
