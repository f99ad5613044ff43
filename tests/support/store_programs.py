"""Random programs for stores: few keys, so that sets collide, and everything that a set may do."""

from itertools import count, product
from typing import Final

from attrs import frozen
from hypothesis import strategies as st

from adapters.persistence.memory import MemoryStore
from application.ports.store import ChangeSet, Expect, Key, Listing, Outcome, Record, Store
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build

NAMES: Final = "abc"
_runs: Final = count(1)


@frozen
class Write:
    """One record's part in a set."""

    how: str
    kind: str
    name: str
    version: int
    payment: str | None
    second: int


@frozen
class Sketch:
    """A ChangeSet, before a run gives its names a prefix of their own."""

    writes: tuple[Write, ...]
    opened: tuple[tuple[str, int], ...]
    changes: tuple[tuple[str, int, int, int, int | None], ...]


Program = list[list[Sketch]]

_writes = st.builds(
    Write,
    st.sampled_from(["insert", "insert", "save", "save", "delete", "expect"]),
    st.sampled_from(["notice", "claim"]),
    st.sampled_from(NAMES),
    st.integers(1, 3),
    st.sampled_from([None, "a", "b%", "c_"]),
    st.integers(0, 2),
)
_changes = st.tuples(
    st.sampled_from(NAMES), st.integers(-2, 3), st.integers(-1, 2), st.integers(-2, 2), st.none() | st.integers(1, 4)
)
_sketches = st.builds(
    Sketch,
    # A set names each record, and each allotment, once.
    st.lists(_writes, max_size=3, unique_by=lambda write: (write.kind, write.name)).map(tuple),
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 5)), max_size=1).map(tuple),
    st.lists(_changes, max_size=2, unique_by=lambda change: change[0]).map(tuple),
)
programs: st.SearchStrategy[Program] = st.lists(st.lists(_sketches, min_size=1, max_size=4), min_size=1, max_size=8)


async def run_on_memory_and(store: Store, program: Program) -> None:
    """Fail unless memory and this store answer alike and end alike. What else is in the store does not matter."""
    prefix = f"run{next(_runs)}"
    memory = MemoryStore()
    for sketches in program:
        batch = [_change_set(prefix, sketch) for sketch in sketches]
        expected: list[Outcome] = list(await memory.commit(batch))
        assert list(await store.commit(batch)) == expected
    keys = [Key(kind, f"{prefix}/{name}") for kind, name in product(("notice", "claim"), NAMES)]
    assert await store.get(keys) == await memory.get(keys)
    ids = [AllotmentId(f"{prefix}/{name}") for name in NAMES]
    assert await store.allotments(ids) == await memory.allotments(ids)
    for descending, limit, word in product((False, True), (1, 9), ((), ("%",), ("_",))):
        listing = Listing(
            "notice",
            "by_gateway",
            prefix,
            descending=descending,
            limit=limit,
            containing={"payment_id": word} if word else {},
        )
        assert await store.list(listing) == await memory.list(listing)
    for payment in ("a", "b%"):
        sparse = Listing("notice", "by_payment", payment, equal={"gateway": prefix})
        assert await store.list(sparse) == await memory.list(sparse)


async def outcomes_on(store: Store, program: Program) -> list[Outcome]:
    """What this program's sets come to, one after the other."""
    return [
        outcome
        for sketches in program
        for outcome in await store.commit([_change_set("alone", sketch) for sketch in sketches])
    ]


def _change_set(prefix: str, sketch: Sketch) -> ChangeSet:
    # What opens an allotment does not change it as well.
    opened = {name for name, _ in sketch.opened}
    return ChangeSet(
        inserts=tuple(_record(prefix, write, 0) for write in sketch.writes if write.how == "insert"),
        saves=tuple(_record(prefix, write, write.version) for write in sketch.writes if write.how == "save"),
        deletes=tuple(_record(prefix, write, write.version) for write in sketch.writes if write.how == "delete"),
        expects=tuple(
            Expect(write.kind, f"{prefix}/{write.name}", write.version)
            for write in sketch.writes
            if write.how == "expect"
        ),
        allotments=tuple(Allotment(AllotmentId(f"{prefix}/{name}"), capacity) for name, capacity in sketch.opened),
        changes=tuple(
            AllotmentChange(AllotmentId(f"{prefix}/{name}"), held, sold, capacity, ceiling)
            for name, held, sold, capacity, ceiling in sketch.changes
            if name not in opened
        ),
    )


def _record(prefix: str, write: Write, version: int) -> Record:
    record_id = f"{prefix}/{write.name}"
    if write.kind == "claim":
        return build.claim(id=record_id, version=version, owner_id=f"acc_{write.second}")
    return build.notice_receipt(
        id=record_id,
        version=version,
        gateway=prefix,
        payment_id=write.payment,
        received_at=build.later(seconds=write.second),
    )
