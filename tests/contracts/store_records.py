"""Records and their versions: what is written is read, and nothing is overwritten unseen."""

from typing import Any

import pytest
from attrs import evolve

from application.kinds import KINDS, key_of
from application.ports.store import (
    WRITES_MAX,
    ChangeSet,
    Committed,
    Duplicate,
    Expect,
    Key,
    OnlyGrows,
    Outcome,
    Record,
    Stale,
    Store,
)
from domain.booking import BookingStatus
from domain.facts import BookingConfirmed
from domain.ids import AllotmentId
from tests import build


async def commit(store: Store, **parts: Any) -> Outcome:
    """The outcome of one set, given by its parts."""
    (outcome,) = await store.commit([ChangeSet(**parts)])
    return outcome


async def stored(store: Store, *records: Record) -> list[Any]:
    """Store these, which are new, and read them back."""
    assert await commit(store, inserts=records) == Committed()
    found = await store.get([key_of(record) for record in records])
    return [found[key_of(record)] for record in records]


class RecordContract:
    @pytest.mark.parametrize("kind", sorted(KINDS))
    async def test_a_record_reads_as_it_was_written(self, store: Store, kind: str) -> None:
        record: Any = build.EXAMPLES[kind]()
        assert kind == key_of(record).kind

        (read,) = await stored(store, record)

        assert read == evolve(record, version=1)
        assert type(read) is type(record)

    async def test_lists_find_each_record_by_what_it_says(self, store: Store) -> None:
        made = [build.EXAMPLES[kind]() for kind in sorted(KINDS)]
        for record in made:
            await stored(store, record)
        keys = [key_of(record) for record in made]

        assert list(await store.misfiled([*keys, Key("event", "evt_none")])) == []
        assert list(await store.misfiled([])) == []

    @pytest.mark.parametrize("kind", sorted(kind.name for kind in KINDS.values() if kind.only_grows))
    @pytest.mark.parametrize("how", ["saves", "deletes"])
    async def test_a_record_of_what_only_grows_stays_as_it_was_stored(self, store: Store, kind: str, how: str) -> None:
        (record,) = await stored(store, build.EXAMPLES[kind]())

        with pytest.raises(OnlyGrows):
            await commit(store, **{how: (record,)})

        assert (await store.get([key_of(record)]))[key_of(record)] == record

    @pytest.mark.parametrize("kind", sorted(kind.name for kind in KINDS.values() if not kind.only_grows))
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
        assert await store.allotments([AllotmentId("alt_nowhere"), AllotmentId("a\0b")]) == {}

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
