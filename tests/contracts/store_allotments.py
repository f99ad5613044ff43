"""Places, and what a set that is refused leaves behind: nothing."""

from collections.abc import Sequence

import pytest
from attrs import evolve

from application.kinds import ALLOTMENT, key_of
from application.ports.store import (
    ChangeSet,
    Committed,
    Duplicate,
    Expect,
    Key,
    Outcome,
    Refused,
    Stale,
    Store,
)
from domain.allotment import CAPACITY_MAX, Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build
from tests.contracts.store_records import commit, stored

PLACES = AllotmentId("alt_places")
LIMIT = AllotmentId("limit/tty_1/acc_1")
NOWHERE = AllotmentId("alt_nowhere")


async def places(store: Store, allotment_id: AllotmentId = PLACES) -> tuple[int, int, int] | None:
    """Capacity, held and sold; None if there is no such allotment."""
    found = (await store.allotments([allotment_id])).get(allotment_id)
    return None if found is None else (found.capacity, found.held, found.sold)


async def open_places(store: Store, capacity: int) -> None:
    assert await commit(store, allotments=(Allotment(PLACES, capacity),)) == Committed()


def hold(units: int, allotment_id: AllotmentId = PLACES, ceiling: int | None = None) -> AllotmentChange:
    return AllotmentChange(allotment_id, held=units, ceiling=ceiling)


class AllotmentContract:
    async def test_places_are_held_sold_and_freed(self, store: Store) -> None:
        await open_places(store, 3)
        sell = AllotmentChange(PLACES, held=-2, sold=2)

        assert await commit(store, changes=(hold(2),)) == Committed()
        assert await places(store) == (3, 2, 0)
        assert await commit(store, changes=(sell,)) == Committed()
        assert await places(store) == (3, 0, 2)
        assert await commit(store, changes=(hold(2),)) == Refused(Allotment(PLACES, 3, 0, 2))
        assert await commit(store, changes=(AllotmentChange(PLACES, sold=-2),)) == Committed()

        assert await places(store) == (3, 0, 0)

    @pytest.mark.parametrize("change", [{"held": -1}, {"sold": -1}, {"held": 1, "sold": -1}, {"held": 4}])
    async def test_counts_stay_within_their_bounds(self, store: Store, change: dict[str, int]) -> None:
        await open_places(store, 3)

        assert await commit(store, changes=(AllotmentChange(PLACES, **change),)) == Refused(Allotment(PLACES, 3))

        assert await places(store) == (3, 0, 0)

    async def test_capacity_rises_and_never_falls_below_what_is_taken(self, store: Store) -> None:
        await open_places(store, 3)
        await commit(store, changes=(hold(2),))
        by = [AllotmentChange(PLACES, capacity=units) for units in (-2, -1, 5, CAPACITY_MAX)]

        outcomes = await store.commit([ChangeSet(changes=(change,)) for change in by])

        taken = Allotment(PLACES, 3, 2)
        full = Allotment(PLACES, 7, 2)
        assert outcomes == [Refused(taken), Committed(), Committed(), Refused(full)]
        assert await places(store) == (7, 2, 0)

    async def test_an_allotment_opens_once_and_a_missing_one_is_stale(self, store: Store) -> None:
        await open_places(store, 3)

        again = ChangeSet(allotments=(Allotment(PLACES, 99),), inserts=(build.claim(),))
        assert await store.commit([again]) == [Duplicate(Key(ALLOTMENT, PLACES))]
        assert await commit(store, changes=(hold(1, NOWHERE),)) == Stale(Key(ALLOTMENT, NOWHERE))

        assert await places(store) == (3, 0, 0)

    async def test_a_ceiling_opens_an_allotment_and_moves_its_capacity(self, store: Store) -> None:
        assert await commit(store, changes=(hold(2, LIMIT, ceiling=3),)) == Committed()
        assert await commit(store, changes=(hold(2, LIMIT, ceiling=3),)) == Refused(Allotment(LIMIT, 3, 2))
        assert await commit(store, changes=(hold(5, NOWHERE, ceiling=4),)) == Refused(Allotment(NOWHERE, 4))
        assert await commit(store, changes=(hold(2, LIMIT, ceiling=4),)) == Committed()
        # The limit was lowered since: what is taken stays taken.
        assert await commit(store, changes=(hold(1, LIMIT, ceiling=1),)) == Refused(Allotment(LIMIT, 4, 4))

        assert await places(store, LIMIT) == (4, 4, 0)
        assert await places(store, NOWHERE) is None

    async def test_those_who_come_first_in_a_batch_win(self, store: Store) -> None:
        await open_places(store, 10)
        claims = [build.claim() for _ in range(6)]
        wishes = [4, 4, 4, 2, 1, 0]

        batch = [ChangeSet((claim,), changes=(hold(units),)) for claim, units in zip(claims, wishes, strict=True)]
        outcomes = await store.commit(batch)

        full = [Allotment(PLACES, 10, held) for held in (8, 10)]
        expected = [Committed(), Committed(), Refused(full[0]), Committed(), Refused(full[1]), Committed()]
        assert outcomes == expected
        assert await places(store) == (10, 10, 0)
        won = [claim for claim, outcome in zip(claims, outcomes, strict=True) if outcome == Committed()]
        assert set(await store.get([key_of(claim) for claim in claims])) == {key_of(claim) for claim in won}

    async def test_a_refused_set_leaves_nothing_between_neighbours_that_commit(self, store: Store) -> None:
        await open_places(store, 10)
        kept, changed, gone = await stored(store, build.claim(), build.claim(), build.claim())
        fresh = [build.claim() for _ in range(3)]
        refused = ChangeSet(
            inserts=(fresh[1],),
            saves=(evolve(changed, owner_id="acc_new"),),
            deletes=(gone,),
            allotments=(Allotment(NOWHERE, 1),),
            changes=(hold(1, LIMIT, ceiling=1), hold(11)),
        )

        batch = [ChangeSet((fresh[0],), changes=(hold(1),)), refused, ChangeSet((fresh[2],), changes=(hold(1),))]
        outcomes = await store.commit(batch)

        assert outcomes == [Committed(), Refused(Allotment(PLACES, 10, 1)), Committed()]
        assert await places(store) == (10, 2, 0)
        assert await store.allotments([NOWHERE, LIMIT]) == {}
        assert await store.get([key_of(r) for r in (kept, changed, gone)]) == {
            key_of(r): r for r in (kept, changed, gone)
        }
        assert set(await store.get([key_of(claim) for claim in fresh])) == {key_of(fresh[0]), key_of(fresh[2])}

    async def test_duplicate_comes_before_stale_before_refused(self, store: Store) -> None:
        await open_places(store, 0)
        (claim,) = await stored(store, build.claim())
        twin, old = build.claim(id=claim.id), evolve(claim, version=7)
        full = hold(1)
        duplicate, stale = Duplicate(key_of(claim)), Stale(key_of(claim))
        cases: Sequence[tuple[ChangeSet, Outcome]] = [
            (ChangeSet(inserts=(twin,), changes=(full,)), duplicate),
            (ChangeSet(inserts=(twin,), expects=(Expect("session", "none", 1),)), duplicate),
            (ChangeSet(inserts=(twin,), changes=(full, hold(1, NOWHERE))), duplicate),
            (ChangeSet(inserts=(build.claim(),), saves=(old,), changes=(full,)), stale),
            (ChangeSet(deletes=(old,), changes=(full,)), stale),
            (ChangeSet(expects=(Expect("claim", claim.id, 7),), changes=(full,)), stale),
            (ChangeSet(changes=(full, hold(1, NOWHERE))), Stale(Key(ALLOTMENT, NOWHERE))),
            (ChangeSet(allotments=(Allotment(PLACES, 5),), saves=(old,)), Duplicate(Key(ALLOTMENT, PLACES))),
            (ChangeSet(inserts=(build.claim(),), changes=(full,)), Refused(Allotment(PLACES, 0))),
        ]

        for changes, outcome in cases:
            assert await store.commit([changes]) == [outcome]
        assert await store.commit([changes for changes, _ in cases]) == [outcome for _, outcome in cases]

    async def test_a_repeated_insert_in_a_batch_spoils_only_itself(self, store: Store) -> None:
        (claim,) = await stored(store, build.claim())
        await open_places(store, 5)
        twin, fresh = build.claim(id=claim.id), build.claim()

        batch = [ChangeSet((some,), changes=(hold(1),)) for some in (twin, fresh, fresh, build.claim())]
        outcomes = await store.commit(batch)

        assert outcomes == [Duplicate(key_of(claim)), Committed(), Duplicate(key_of(fresh)), Committed()]
        assert await places(store) == (5, 2, 0)
