"""Pages of an index: their order, their bounds, and the way from one to the next."""

from datetime import timedelta
from itertools import chain
from typing import Any, Final

import pytest

from application.cursor import encode_cursor
from application.errors import InvalidCursor
from application.kind import microseconds
from application.kinds import KINDS, key_of
from application.ports.store import PAGE_MAX, ChangeSet, Committed, Listing, Record, Store
from tests import build

SUBJECT = "bkg_subject"


async def keep(store: Store, *records: Record) -> None:
    assert await store.commit([ChangeSet(inserts=records)]) == [Committed()]


async def pages(store: Store, **question: Any) -> list[list[str]]:
    """The ids on each page, from the first to the last."""
    found: list[list[str]] = []
    after: str | None = None
    while True:
        page = await store.list(Listing(**question, after=after))
        found.append([record.id for record in page.items])
        after = page.next_cursor
        if after is None:
            return found
        assert len(found) < 100, "pages must come to an end"


async def ids(store: Store, **question: Any) -> list[str]:
    """The ids on the only page."""
    (page,) = await pages(store, **question)
    return page


def _audit(record_id: str, second: int = 0, **given: Any) -> Record:
    return build.audit_record(**{"id": record_id, "at": build.later(seconds=second), "subject": SUBJECT, **given})


BY_SUBJECT: Final[dict[str, Any]] = {"kind": "audit", "index": "by_subject", "partition": SUBJECT}


class ListingContract:
    @pytest.mark.parametrize("kind", sorted(KINDS))
    async def test_every_index_finds_what_belongs_in_it(self, store: Store, kind: str) -> None:
        record = build.EXAMPLES[kind]()
        await keep(store, record)

        read = (await store.get([key_of(record)]))[key_of(record)]
        values = KINDS[kind].attributes_of(record)
        for index in KINDS[kind].indexes:
            partition = values[index.partition]
            if values[index.sort] is None or not isinstance(partition, str):
                continue
            page = await store.list(Listing(kind, index.name, partition))
            assert page.items == (read,)
            assert (await store.list(Listing(kind, index.name, f"not {partition}"))).items == ()

    async def test_records_come_in_the_order_of_time_and_then_of_id(self, store: Store) -> None:
        await keep(
            store, _audit("b", 2), _audit("a", 2), _audit("é", 2), _audit("Z", 2), _audit("z", 1), _audit("0", 3)
        )
        await keep(store, _audit("other", 1, subject="bkg_other"))
        in_order = ["z", "Z", "a", "b", "é", "0"]

        assert await ids(store, **BY_SUBJECT) == in_order
        assert await ids(store, **BY_SUBJECT, descending=True) == in_order[::-1]

    @pytest.mark.parametrize("descending", [False, True])
    async def test_pages_join_up_within_ties(self, store: Store, *, descending: bool) -> None:
        names = [f"{number:02}" for number in range(10)]
        await keep(store, *(_audit(name, int(name) // 4) for name in names))
        expected = names[::-1] if descending else names

        for limit in (1, 3, 5, 9):
            found = await pages(store, **BY_SUBJECT, descending=descending, limit=limit)
            assert list(chain.from_iterable(found)) == expected
            assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert await ids(store, **BY_SUBJECT, descending=descending, limit=10) == expected

    async def test_a_page_goes_on_after_records_that_came_and_went(self, store: Store) -> None:
        def waiting(name: str) -> Record:
            return build.unsealed_record(id=name, at=build.later(seconds=int(name)))

        everything: dict[str, Any] = {"kind": "audit_unsealed", "index": "everything", "partition": "all"}
        await keep(store, *map(waiting, "13579"))
        first = await store.list(Listing(**everything, limit=2))
        await store.commit([ChangeSet(deletes=(first.items[1],), inserts=(waiting("2"), waiting("4")))])

        second = await store.list(Listing(**everything, limit=9, after=first.next_cursor))

        assert [record.id for record in second.items] == ["4", "5", "7", "9"]

    async def test_the_largest_page_is_full(self, store: Store) -> None:
        for start in (0, 60):
            await keep(store, *(_audit(f"{number:03}", number) for number in range(start, start + 60)))

        found = await pages(store, **BY_SUBJECT)

        assert [len(page) for page in found] == [PAGE_MAX, 20]

    async def test_the_lower_bound_is_inside_and_the_upper_one_is_not(self, store: Store) -> None:
        await keep(store, *(_audit(name, int(name)) for name in "12345"))
        second, fourth = (microseconds(build.later(seconds=s)) for s in (2, 4))

        assert await ids(store, **BY_SUBJECT, least=second, below=fourth) == ["2", "3"]
        assert await ids(store, **BY_SUBJECT, least=second) == ["2", "3", "4", "5"]
        assert await ids(store, **BY_SUBJECT, below=fourth, descending=True) == ["3", "2", "1"]
        assert await pages(store, **BY_SUBJECT, least=second, limit=3) == [["2", "3", "4"], ["5"]]
        assert await ids(store, **BY_SUBJECT, least=second + 1, below=second + 1) == []

    async def test_times_count_to_the_microsecond(self, store: Store) -> None:
        at = build.NOW
        just_after = at + timedelta(microseconds=1)
        await keep(store, _audit("a", at=just_after), _audit("b", at=at))

        assert await ids(store, **BY_SUBJECT) == ["b", "a"]
        assert await ids(store, **BY_SUBJECT, least=microseconds(just_after)) == ["a"]

    async def test_a_list_is_sieved_by_equal_attributes(self, store: Store) -> None:
        await keep(store, _audit("a", action="x"), _audit("b", action="y"), _audit("c", action="x", actor="acc_1"))

        assert await ids(store, **BY_SUBJECT, equal={"action": "x"}) == ["a", "c"]
        assert await ids(store, **BY_SUBJECT, equal={"action": "x", "actor": "acc_1"}) == ["c"]
        assert await ids(store, **BY_SUBJECT, equal={"at": microseconds(build.NOW)}) == ["a", "b", "c"]
        assert await ids(store, **BY_SUBJECT, equal={"action": "x' OR 'x'='x"}) == []
        assert await pages(store, **BY_SUBJECT, equal={"action": "x"}, limit=1) == [["a"], ["c"]]

    async def test_words_are_looked_for_letter_by_letter(self, store: Store) -> None:
        await keep(
            store,
            *(
                build.event(id=title[0], title=title)
                for title in ("a 100% _sure_", "b 1000 surely Ünï", "c back\\slash")
            ),
        )
        public = {"kind": "event", "index": "public", "partition": "public"}

        async def with_words(*words: str) -> list[str]:
            return await ids(store, **public, containing={"search": words})

        assert await with_words("100%") == ["a"]
        assert await with_words("100") == ["a", "b"]
        assert await with_words("100", "surely") == ["b"]
        assert await with_words("_sure_") == ["a"]
        assert await with_words("1%s") == []
        assert await with_words("\\") == ["c"]
        assert await with_words("üñ") == []
        assert await with_words("ünï") == ["b"]
        assert await with_words("SURE") == []
        assert await with_words("a\0") == []
        assert await with_words("'") == []

    async def test_an_attribute_that_is_missing_contains_nothing(self, store: Store) -> None:
        await keep(
            store, build.notice_receipt(id="a", payment_id=None), build.notice_receipt(id="b", payment_id="pay_1")
        )
        gateway = {"kind": "notice", "index": "by_gateway", "partition": "sandbox"}

        assert await ids(store, **gateway, containing={"payment_id": ("on",)}) == []
        assert await ids(store, **gateway, containing={"payment_id": ("pay",)}) == ["b"]

    async def test_what_has_no_place_in_an_index_is_not_in_it(self, store: Store) -> None:
        polled, settled = build.payment(id="a"), build.payment(id="b", next_poll_at=None)
        await keep(store, polled, settled)
        polling: dict[str, Any] = {"kind": "payment", "index": "polling", "partition": "all"}

        assert await ids(store, **polling) == ["a"]
        assert await ids(store, kind="payment", index="everything", partition="all") == ["a", "b"]

    async def test_a_saved_record_moves_and_a_deleted_one_goes(self, store: Store) -> None:
        entries = [build.outbox_entry(id=name, due_at=build.later(seconds=int(name))) for name in "123"]
        await keep(store, *entries)
        queue: dict[str, Any] = {"kind": "outbox", "index": "queue", "partition": "pending"}
        first, second, _ = (await store.list(Listing(**queue))).items

        leased = build.outbox_entry(id=first.id, due_at=build.later(seconds=9), version=1)
        await store.commit([ChangeSet(saves=(leased,), deletes=(second,))])

        assert await ids(store, **queue) == ["3", "1"]

    @pytest.mark.parametrize(
        "cursor", ["", "x", "!!!!", "MTIz", "OmE", encode_cursor(2**63, "a"), encode_cursor(1, "a\0")]
    )
    async def test_a_cursor_that_we_never_gave_is_refused(self, store: Store, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            await store.list(Listing(**BY_SUBJECT, after=cursor))
