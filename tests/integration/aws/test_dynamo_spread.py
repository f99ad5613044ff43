"""Allotments whose places are spread over several counters keep every promise that one counter keeps."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from attrs import evolve

from adapters.aws import dynamo_counters, dynamo_facts
from adapters.aws.dynamo_counters import Need, counter_ids
from adapters.persistence.gathering import GatheringStore
from application.kinds import ALLOTMENT
from application.ports.store import ChangeSet, Committed, Outcome, Refused, Store
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build
from tests.contracts.store_allotments import AllotmentContract, hold, open_places, places
from tests.contracts.store_races import BUYERS, HOT, LAST_PLACES, RaceContract, rush
from tests.support.dynamo import Dynamo

pytestmark = pytest.mark.dynamo

SHARDS = 8
PLACES = AllotmentId("alt_places")


class TestSpreadAllotments(AllotmentContract, RaceContract):
    @pytest.fixture(params=["bare", "gathered"])
    async def pair(self, request: pytest.FixtureRequest, dynamo: Dynamo) -> AsyncIterator[tuple[Store, Store]]:
        bare = dynamo.store(SHARDS), dynamo.store(SHARDS)
        yield bare if request.param == "bare" else (GatheringStore(bare[0]), GatheringStore(bare[1]))
        for store in bare:
            await store.close()

    @pytest.fixture
    def store(self, pair: tuple[Store, Store]) -> Store:
        return pair[0]

    @pytest.fixture
    def rival(self, pair: tuple[Store, Store]) -> Store:
        return pair[1]


@pytest.fixture
async def store(dynamo: Dynamo) -> AsyncIterator[Store]:
    opened = dynamo.store(SHARDS)
    yield opened
    await opened.close()


def counters(dynamo: Dynamo) -> list[tuple[int, int, int]]:
    """Capacity, held and sold of each counter of the places."""
    found = []
    for record_id in counter_ids(PLACES, SHARDS):
        answer = dynamo.client.get_item(TableName=dynamo.tables.name(ALLOTMENT), Key={"id": {"S": record_id}})
        counter = dynamo_counters.counter_of(answer["Item"])
        found.append((counter.capacity, counter.held, counter.sold))
    return found


@pytest.mark.parametrize("shards", [1, SHARDS])
async def test_two_hundred_buyers_through_four_processes_get_exactly_the_last_places(
    dynamo: Dynamo, shards: int
) -> None:
    stores = [GatheringStore(dynamo.store(shards)) for _ in range(4)]

    assert await rush(stores) == LAST_PLACES

    for store in stores:
        assert await store.allotments([HOT]) == {HOT: Allotment(HOT, LAST_PLACES, LAST_PLACES)}
    for store in stores:
        await store.close()


async def test_places_are_spread_evenly_and_holds_go_to_different_counters(dynamo: Dynamo, store: Store) -> None:
    await open_places(store, 8 * 100 + 3)

    for _ in range(64):
        assert await store.commit([ChangeSet((build.claim(),), changes=(hold(1),))]) == [Committed()]

    found = counters(dynamo)
    assert sorted(capacity for capacity, _, _ in found) == [100] * 5 + [101] * 3
    assert sum(held for _, held, _ in found) == 64
    assert len([held for _, held, _ in found if held]) > 4


async def test_the_last_places_are_sold_though_they_lie_apart(dynamo: Dynamo, store: Store) -> None:
    await open_places(store, SHARDS)
    assert counters(dynamo) == [(1, 0, 0)] * SHARDS

    family = ChangeSet((build.claim(),), changes=(hold(SHARDS - 1),))
    assert await store.commit([family]) == [Committed()]
    assert await store.commit([ChangeSet(changes=(hold(2),))]) == [Refused(Allotment(PLACES, SHARDS, SHARDS - 1))]
    assert await store.commit([ChangeSet((build.claim(),), changes=(hold(1),))]) == [Committed()]

    assert await places(store) == (SHARDS, SHARDS, 0)


async def test_what_lies_apart_is_sold_freed_and_taken_away(store: Store) -> None:
    await open_places(store, SHARDS)
    moves: Sequence[tuple[dict[str, int], tuple[int, int, int]]] = [
        ({"held": 8}, (8, 8, 0)),
        ({"held": -6, "sold": 6}, (8, 2, 6)),
        ({"sold": -3}, (8, 2, 3)),
        ({"capacity": -3}, (5, 2, 3)),
        ({"capacity": 20}, (25, 2, 3)),
        ({"held": 20}, (25, 22, 3)),
        ({"held": -22}, (25, 0, 3)),
    ]

    for move, end in moves:
        assert await store.commit([ChangeSet(changes=(AllotmentChange(PLACES, **move),))]) == [Committed()]
        assert await places(store) == end


async def test_buyers_and_leavers_at_once_strand_nothing_and_oversell_nothing(dynamo: Dynamo) -> None:
    stores = [GatheringStore(dynamo.store(SHARDS)) for _ in range(2)]
    await open_places(stores[0], 20)

    async def come_and_go(store: Store, units: int) -> Outcome:
        [outcome] = await store.commit([ChangeSet((build.claim(),), changes=(hold(units),))])
        if outcome == Committed():
            assert await store.commit([ChangeSet((build.claim(),), changes=(hold(-units),))]) == [Committed()]
        return outcome

    outcomes = await asyncio.gather(*(come_and_go(stores[n % 2], 1 + n % 5) for n in range(60)))
    assert Committed() in outcomes
    assert await places(stores[0]) == (20, 0, 0)

    left = await stores[1].commit([ChangeSet((build.claim(),), changes=(hold(1),)) for _ in range(25)])
    assert left.count(Committed()) == 20
    for store in stores:
        await store.close()


async def test_a_store_of_another_setting_finds_all_counters(dynamo: Dynamo, store: Store) -> None:
    await open_places(store, 16)
    plain = dynamo.store()

    assert await plain.commit([ChangeSet(changes=(hold(16),))]) == [Committed()]

    assert await places(store) == await places(plain) == (16, 16, 0)
    assert counters(dynamo) == [(2, 2, 0)] * SHARDS
    await plain.close()


async def test_without_conditions_on_the_counters_everybody_gets_the_last_places(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what a process presumes is held to the truth by nothing else."""
    made = Need.of
    monkeypatch.setattr(Need, "of", staticmethod(lambda changes: evolve(made(changes), available=-BUYERS)))
    stores = [GatheringStore(dynamo.store(shards)) for shards in (1, 1)]

    assert await rush(stores) == BUYERS > LAST_PLACES

    for one in stores:
        await one.close()


async def test_taking_one_counter_for_the_whole_strands_the_places_of_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of looking at all counters before somebody is refused."""
    await open_places(store, SHARDS)
    monkeypatch.setattr(dynamo_facts, "spread_of", lambda _: 1)

    [outcome] = await store.commit([ChangeSet((build.claim(),), changes=(hold(2),))])

    assert isinstance(outcome, Refused)
    assert await places(store) == (SHARDS, 0, 0)
