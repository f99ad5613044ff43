"""Group commit and group read: what waits at the same time goes to the store together.

A hot event then costs one row lock and one fsync for a batch and not for each buyer, and a record that many
ask for at once is read once. Nothing is ever held back to make a batch larger.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from attrs import Factory, define, field

from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record, Store, StoreUnavailable
from domain.allotment import Allotment
from domain.ids import AllotmentId

BATCH_MAX = 128
"""The most questions that one call carries; the rest wait for the next."""

Q = TypeVar("Q")
A = TypeVar("A")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_Waiter = tuple[Q, asyncio.Future[A]]


@define(eq=False)
class Gatherer(Generic[Q, A]):
    """Hands on what arrives while `lanes` calls are under way as one call, in the order in which it arrived."""

    _call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]
    _lanes: int = 1
    _waiting: list[_Waiter[Q, A]] = Factory(list)
    _running: set["asyncio.Task[None]"] = Factory(set)
    _open: int = 0
    """Lanes that still look for work. A lane's task ends later than its last look, so tasks cannot be counted."""

    def ask(self, question: Q) -> "asyncio.Future[A]":
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._open < self._lanes:
            self._open += 1
            lane = asyncio.create_task(self._run())
            self._running.add(lane)
            lane.add_done_callback(self._running.discard)
        return answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:BATCH_MAX]
                del self._waiting[:BATCH_MAX]
                await self._answer(batch)
        finally:
            self._open -= 1

    async def _answer(self, batch: Sequence[_Waiter[Q, A]]) -> None:
        try:
            answers = await self._call([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits must hear of it
            if len(batch) > 1 and not isinstance(error, StoreUnavailable):
                # Nothing was done. One question that cannot be asked at all must not take its neighbours along.
                for waiter in batch:
                    await self._answer([waiter])
                return
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)

    async def drain(self) -> None:
        """Wait until nothing is under way."""
        while self._running:
            await asyncio.gather(*self._running)


def _shared(
    read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
) -> Callable[[Sequence[Sequence[K]]], Awaitable[Sequence[Mapping[K, V]]]]:
    """Reads once what several ask for, and gives to each what they asked for."""

    async def call(questions: Sequence[Sequence[K]]) -> Sequence[Mapping[K, V]]:
        found = await read(list(dict.fromkeys(key for keys in questions for key in keys)))
        return [{key: found[key] for key in keys if key in found} for keys in questions]

    return call


async def _all(answers: Sequence["asyncio.Future[A]"]) -> Sequence[A]:
    return await asyncio.gather(*answers) if len(answers) != 1 else [await answers[0]]


@define(eq=False)
class GatheringStore:
    """A store in front of another, which hears of everything that waits at once in one call."""

    _store: Store
    _commits: Gatherer[ChangeSet, Outcome] = field(init=False)
    _reads: Gatherer[Sequence[Key], Mapping[Key, Record]] = field(init=False)
    _counts: Gatherer[Sequence[AllotmentId], Mapping[AllotmentId, Allotment]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._commits = Gatherer(self._store.commit)
        self._reads = Gatherer(_shared(self._store.get))
        self._counts = Gatherer(_shared(self._store.allotments))

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        return await self._reads.ask(keys) if keys else {}

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        return await self._counts.ask(ids) if ids else {}

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        return await _all([self._commits.ask(changes) for changes in batch])

    async def list(self, listing: Listing) -> Page[Record]:
        return await self._store.list(listing)

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        return await self._store.misfiled(keys)

    async def ping(self) -> None:
        await self._store.ping()

    async def close(self) -> None:
        await self._commits.drain()
        await self._store.close()
