"""What every store must do, bare and behind group commit. A suite of an adapter is a subclass with one fixture.

Callers, and not stores, see to it that a ChangeSet has at most WRITES_MAX writes and names each record once.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from attrs import evolve

from adapters.persistence.gathering import GatheringStore
from application.kinds import ALLOTMENT, KINDS, key_of
from application.ports.store import (
    WRITES_MAX,
    ChangeSet,
    Committed,
    Duplicate,
    Expect,
    Key,
    Outcome,
    Record,
    Refused,
    Stale,
    Store,
)
from domain.allotment import CAPACITY_MAX, Allotment, AllotmentChange
from domain.booking import BookingStatus
from domain.facts import BookingConfirmed
from domain.ids import AllotmentId
from tests import build
from tests.contracts.store_listing import ListingContract
from tests.contracts.store_races import RaceContract

PLACES = AllotmentId("alt_places")
LIMIT = AllotmentId("limit/tty_1/acc_1")
NOWHERE = AllotmentId("alt_nowhere")


async def commit(store: Store, **parts: Any) -> Outcome:
    """The outcome of one set, given by its parts."""
    (outcome,) = await store.commit([ChangeSet(**parts)])
    return outcome


async def stored(store: Store, *records: Record) -> list[Any]:
    """Store these, which are new, and read them back."""
    assert await commit(store, inserts=records) == Committed()
    found = await store.get([key_of(record) for record in records])
    return [found[key_of(record)] for record in records]


async def places(store: Store, allotment_id: AllotmentId = PLACES) -> tuple[int, int, int] | None:
    """Capacity, held and sold; None if there is no such allotment."""
    found = (await store.allotments([allotment_id])).get(allotment_id)
    return None if found is None else (found.capacity, found.held, found.sold)


async def open_places(store: Store, capacity: int) -> None:
    assert await commit(store, allotments=(Allotment(PLACES, capacity),)) == Committed()


def hold(units: int, allotment_id: AllotmentId = PLACES, ceiling: int | None = None) -> AllotmentChange:
    return AllotmentChange(allotment_id, held=units, ceiling=ceiling)


class RecordContract:
    """Records and their versions."""

    @pytest.mark.parametrize("kind", sorted(KINDS))
    async def test_a_record_reads_as_it_was_written(self, store: Store, kind: str) -> None:
        record: Any = build.EXAMPLES[kind]()
        assert kind == key_of(record).kind

        (read,) = await stored(store, record)

        assert read == evolve(record, version=1)
        assert type(read) is type(record)

    @pytest.mark.parametrize("kind", sorted(KINDS))
    async def test_a_record_is_saved_and_deleted_at_its_version(self, store: Store, kind: str) -> None:
        (record,) = await stored(store, build.EXAMPLES[kind]())
        key = key_of(record)

        assert await commit(store, saves=(record,)) == Committed()
        assert await commit(store, saves=(record,)) == Stale(key)
        saved = (await store.get([key]))[key]
        assert saved.version == 2
        assert await commit(store, deletes=(record,)) == Stale(key)
        assert await commit(store, deletes=(saved,)) == Committed()

        assert await store.get([key]) == {}
        assert await commit(store, saves=(saved,)) == Stale(key)

    async def test_a_save_keeps_what_changed(self, store: Store) -> None:
        (booking,) = await stored(store, build.booking())
        changed = evolve(booking, status=BookingStatus.CONFIRMED, ended_reason='it\'s "over" 🎷')

        await commit(store, saves=(changed,))

        key = key_of(booking)
        assert (await store.get([key]))[key] == evolve(changed, version=2)

    async def test_facts_go_to_the_outbox_and_are_not_told_twice(self, store: Store) -> None:
        booking = build.booking()
        (read,) = await stored(store, booking.telling(BookingConfirmed(build.NOW, booking.id)))

        assert getattr(read, "facts", None) == ()

    async def test_only_what_exists_is_found(self, store: Store) -> None:
        (claim,) = await stored(store, build.claim())
        odd = [Key("claim", text) for text in ("", "none", "a\0b", "\ud800", "é" * 2_000, "' OR 1=1 --")]

        assert await store.get([key_of(claim), *odd, key_of(claim)]) == {key_of(claim): claim}
        assert await store.get([]) == {}
        assert await store.allotments([]) == {}
        assert await store.allotments([NOWHERE, AllotmentId("a\0b")]) == {}

    async def test_one_id_may_be_used_by_two_kinds(self, store: Store) -> None:
        one, other = await stored(store, build.claim(id="same"), build.session(id="same"))

        assert await store.get([Key("claim", "same"), Key("session", "same")]) == {
            Key("claim", "same"): one,
            Key("session", "same"): other,
        }

    async def test_what_exists_is_not_inserted(self, store: Store) -> None:
        (claim,) = await stored(store, build.claim())
        fresh = build.session()

        again = evolve(claim, version=0, owner_id="acc_thief")
        assert await commit(store, inserts=(fresh, again)) == Duplicate(key_of(claim))

        assert await store.get([key_of(claim), key_of(fresh)]) == {key_of(claim): claim}

    async def test_a_key_can_be_deleted_and_inserted_again(self, store: Store) -> None:
        (claim,) = await stored(store, build.claim())
        heir = build.claim(id=claim.id)

        batch = [ChangeSet(deletes=(claim,)), ChangeSet(inserts=(heir,)), ChangeSet(inserts=(heir,))]
        assert await store.commit(batch) == [Committed(), Committed(), Duplicate(key_of(claim))]

        assert (await store.get([key_of(claim)]))[key_of(claim)] == evolve(heir, version=1)

    async def test_sets_of_one_batch_build_on_each_other(self, store: Store) -> None:
        claim = build.claim()
        first, second = (evolve(claim, version=version, owner_id=f"acc_{version}") for version in (1, 2))
        batch = [
            ChangeSet(inserts=(claim,)),
            ChangeSet(saves=(first,)),
            ChangeSet(saves=(first,)),
            ChangeSet(saves=(second,), expects=(Expect("claim", claim.id, 2),)),
        ]

        assert await store.commit(batch) == [Committed(), Committed(), Stale(key_of(claim)), Committed()]

        assert (await store.get([key_of(claim)]))[key_of(claim)] == evolve(second, version=3)

    async def test_what_one_batch_inserts_and_deletes_is_gone(self, store: Store) -> None:
        claim = build.claim()

        gone = evolve(claim, version=1)
        assert await store.commit([ChangeSet(inserts=(claim,)), ChangeSet(deletes=(gone,))]) == [Committed()] * 2

        assert await store.get([key_of(claim)]) == {}

    async def test_an_expected_version_must_stand(self, store: Store) -> None:
        (event,) = await stored(store, build.event())
        claim = build.claim()

        for version, outcome in ((0, Stale(key_of(event))), (2, Stale(key_of(event))), (1, Committed())):
            expect = Expect("event", event.id, version)
            assert await commit(store, inserts=(claim,), expects=(expect,)) == outcome
        missing = Expect("event", "evt_none", 0)
        assert await commit(store, expects=(missing,)) == Stale(Key("event", "evt_none"))

        assert (await store.get([key_of(event)]))[key_of(event)] == event

    async def test_the_largest_set_is_taken_whole(self, store: Store) -> None:
        claims = tuple(build.claim() for _ in range(WRITES_MAX))

        assert len(await stored(store, *claims)) == WRITES_MAX

    async def test_an_empty_batch_and_an_empty_set_are_no_error(self, store: Store) -> None:
        assert list(await store.commit([])) == []
        assert await commit(store) == Committed()

    async def test_two_stores_on_one_database_see_each_other(self, store: Store, rival: Store) -> None:
        (claim,) = await stored(store, build.claim())

        assert await rival.get([key_of(claim)]) == {key_of(claim): claim}
        assert await commit(rival, deletes=(claim,)) == Committed()
        assert await store.get([key_of(claim)]) == {}
        assert await commit(store, saves=(claim,)) == Stale(key_of(claim))
        await rival.ping()


class AllotmentContract:
    """Places, and what a set that is refused leaves behind: nothing."""

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


class StoreContract(RecordContract, AllotmentContract, ListingContract, RaceContract):
    """Subclass it and give `backing`: two stores that are open on the same, empty database; they may be one."""

    adapter: ClassVar[str]

    @pytest.fixture(params=["bare", "gathered"])
    def pair(self, request: pytest.FixtureRequest, backing: tuple[Store, Store]) -> tuple[Store, Store]:
        if request.param == "bare":
            return backing
        return GatheringStore(backing[0]), GatheringStore(backing[1])

    @pytest.fixture
    def store(self, pair: tuple[Store, Store]) -> Store:
        return pair[0]

    @pytest.fixture
    def rival(self, pair: tuple[Store, Store]) -> Store:
        """Another store on the same database."""
        return pair[1]
