"""Group commit over a store that counts its calls."""

import asyncio
from collections.abc import Sequence

import pytest
from attrs import Factory, define

from adapters.persistence.gathering import BATCH_MAX, GatheringStore
from adapters.persistence.memory import MemoryStore
from application.kinds import key_of
from application.ports.store import ChangeSet, Committed, Outcome, StoreUnavailable
from tests import build

POISON = "poison"


@define
class CountingStore(MemoryStore):
    """Takes a turn of the event loop for each commit, and notes how many sets it carried."""

    batches: list[int] = Factory(list)
    failure: Exception | None = None

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        self.batches.append(len(batch))
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        if any(record.id == POISON for changes in batch for record in changes.inserts):
            raise UnicodeError("this cannot be written")
        return await super().commit(batch)


def _claims(count: int) -> list[ChangeSet]:
    return [ChangeSet((build.claim(),)) for _ in range(count)]


async def test_whoever_asks_again_at_once_is_answered_again() -> None:
    store = GatheringStore(CountingStore())

    for changes in _claims(5):
        assert await asyncio.wait_for(store.commit([changes]), 10) == [Committed()]


async def test_what_waits_at_the_same_time_goes_together() -> None:
    counting = CountingStore()
    store = GatheringStore(counting)

    await asyncio.gather(*(store.commit([changes]) for changes in _claims(2 * BATCH_MAX + 5)))

    assert counting.batches == [BATCH_MAX, BATCH_MAX, 5]


async def test_one_set_that_cannot_be_written_does_not_take_its_neighbours_along() -> None:
    store = GatheringStore(CountingStore())
    sets = [*_claims(3), ChangeSet((build.claim(id=POISON),)), *_claims(3)]

    answers = await asyncio.gather(*(store.commit([changes]) for changes in sets), return_exceptions=True)

    assert [isinstance(answer, UnicodeError) for answer in answers] == [changes is sets[3] for changes in sets]
    keys = [key_of(changes.inserts[0]) for changes in sets]
    assert set(await store.get(keys)) == {*keys} - {keys[3]}


async def test_everybody_hears_that_the_store_does_not_answer_and_it_is_not_asked_again() -> None:
    counting = CountingStore(failure=StoreUnavailable("gone"))
    store = GatheringStore(counting)

    answers = await asyncio.gather(*(store.commit([changes]) for changes in _claims(9)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [StoreUnavailable] * 9
    assert counting.batches == [9]
    counting.failure = None
    assert await store.commit(_claims(1)) == [Committed()]


async def test_somebody_who_stops_waiting_changes_nothing_for_the_others() -> None:
    store = GatheringStore(CountingStore())
    sets = _claims(3)
    waiting = [asyncio.ensure_future(store.commit([changes])) for changes in sets]
    await asyncio.sleep(0)

    waiting[1].cancel()

    assert await waiting[0] == await waiting[2] == [Committed()]
    with pytest.raises(asyncio.CancelledError):
        await waiting[1]


async def test_closing_lets_commits_under_way_end() -> None:
    counting = CountingStore()
    store = GatheringStore(counting)
    (changes,) = _claims(1)
    waiting = asyncio.ensure_future(store.commit([changes]))
    await asyncio.sleep(0)

    await store.close()

    assert waiting.done() or await waiting == [Committed()]
    assert set(await counting.get([key_of(changes.inserts[0])])) == {key_of(changes.inserts[0])}
