"""Which ChangeSets of a batch take place: pure, and the same for every store that can lock what it decides on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import Factory, define, evolve

from application.kinds import ALLOTMENT, key_of, kind_of
from application.ports.store import ChangeSet, Committed, Duplicate, Key, OnlyGrows, Outcome, Record, Refused, Stale
from domain.allotment import CAPACITY_MAX, Allotment, AllotmentChange
from domain.facts import Aggregate
from domain.ids import AllotmentId


@define
class Shelf:
    """What is stored of all that a batch touches, as it stands under lock; `decide` carries it forward.

    A key that is missing in `versions` is not stored.
    """

    versions: dict[Key, int] = Factory(dict)
    allotments: dict[AllotmentId, Allotment] = Factory(dict)


def touched(batch: Iterable[ChangeSet]) -> tuple[set[Key], set[AllotmentId]]:
    """The records whose versions, and the allotments whose counts, a batch is decided on."""
    keys: set[Key] = set()
    allotments: set[AllotmentId] = set()
    for changes in batch:
        keys.update(key_of(record) for record in (*changes.saves, *changes.deletes))
        keys.update(Key(expect.kind, expect.id) for expect in changes.expects)
        allotments.update(change.allotment_id for change in changes.changes)
    return keys, allotments


def decide(batch: Sequence[ChangeSet], shelf: Shelf) -> list[Outcome]:
    """One outcome for each set, first come first served; the shelf then stands as after those committed.

    Inserts are checked against the shelf, which may not know of every key that is stored:
    the store's own uniqueness is the last word on those.
    """
    for changes in batch:
        check_grows(changes)
    return [_try(changes, shelf) for changes in batch]


def check_grows(changes: ChangeSet) -> None:
    """OnlyGrows if the set would change or delete what must stay as it was stored."""
    for record in (*changes.saves, *changes.deletes):
        if kind_of(record).only_grows:
            raise OnlyGrows(f"a record of {kind_of(record).name} stays as it was stored: {record.id}")


def _try(changes: ChangeSet, shelf: Shelf) -> Outcome:
    refusal = duplicate(changes, shelf) or _stale(changes, shelf.versions)
    if refusal is not None:
        return refusal
    results = [apply(change, shelf.allotments.get(change.allotment_id)) for change in changes.changes]
    moved = [result for result in results if isinstance(result, Allotment)]
    if len(moved) < len(results):
        # Stale comes before Refused, whichever allotment was asked first.
        refusals = [result for result in results if not isinstance(result, Allotment)]
        return min(refusals, key=lambda refusal: isinstance(refusal, Refused))
    shelf.allotments.update({allotment.id: allotment for allotment in (*changes.allotments, *moved)})
    for record in (*changes.inserts, *changes.saves):
        shelf.versions[key_of(record)] = record.version + 1
    for record in changes.deletes:
        del shelf.versions[key_of(record)]
    return Committed()


def duplicate(changes: ChangeSet, shelf: Shelf) -> Duplicate | None:
    """The first that is to be inserted and is on the shelf."""
    for record in changes.inserts:
        key = key_of(record)
        if key in shelf.versions:
            return Duplicate(key)
    for allotment in changes.allotments:
        if allotment.id in shelf.allotments:
            return Duplicate(Key(ALLOTMENT, allotment.id))
    return None


def _stale(changes: ChangeSet, versions: Mapping[Key, int]) -> Stale | None:
    for record in (*changes.saves, *changes.deletes):
        key = key_of(record)
        if versions.get(key) != record.version:
            return Stale(key)
    for expect in changes.expects:
        key = Key(expect.kind, expect.id)
        if versions.get(key) != expect.version:
            return Stale(key)
    return None


def apply(change: AllotmentChange, allotment: Allotment | None) -> Allotment | Refused | Stale:
    """The allotment after a change that keeps its promise; freeing places never fails."""
    if change.ceiling is not None:
        allotment = (
            Allotment(change.allotment_id, change.ceiling)
            if allotment is None
            else evolve(allotment, capacity=max(change.ceiling, allotment.taken))
        )
        if allotment.taken + change.held + change.sold > change.ceiling:
            return Refused(allotment)
    if allotment is None:
        return Stale(Key(ALLOTMENT, change.allotment_id))
    held = allotment.held + change.held
    sold = allotment.sold + change.sold
    capacity = allotment.capacity + change.capacity
    if held < 0 or sold < 0 or not held + sold <= capacity <= CAPACITY_MAX:
        return Refused(allotment)
    return Allotment(allotment.id, capacity, held, sold)


def committed(batch: Sequence[ChangeSet], outcomes: Sequence[Outcome]) -> list[ChangeSet]:
    """The sets that take place, in their order."""
    return [changes for changes, outcome in zip(batch, outcomes, strict=True) if isinstance(outcome, Committed)]


def last_states(sets: Iterable[ChangeSet]) -> tuple[dict[Key, Record], dict[Key, Record], set[Key]]:
    """What must be written for sets decided together: inserted, saved and deleted, each key once, as it ends."""
    inserted: dict[Key, Record] = {}
    saved: dict[Key, Record] = {}
    deleted: set[Key] = set()
    for changes in sets:
        for record in changes.inserts:
            inserted[key_of(record)] = record
        for record in changes.saves:
            (inserted if key_of(record) in inserted else saved)[key_of(record)] = record
        for record in changes.deletes:
            key = key_of(record)
            saved.pop(key, None)
            if inserted.pop(key, None) is None:
                deleted.add(key)
    return inserted, saved, deleted


def stored_next(record: Record) -> Record:
    """The record as it reads once it is stored: with the next version, and with nothing left to tell."""
    told: dict[str, Any] = {"facts": ()} if isinstance(record, Aggregate) else {}
    attrs_record: Any = record
    return evolve(attrs_record, version=record.version + 1, **told)  # type: ignore[no-any-return]  # of its own type
