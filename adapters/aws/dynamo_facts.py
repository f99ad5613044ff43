"""What is known of all that a batch touches, and what is presumed of the rest.

A set says itself what it expects: a save, the version that it read; an insert, nothing. So nothing is read before
the first try: it presumes that everybody is right and that there is room, and its conditions hold DynamoDB to that.
A transaction that is cancelled tells how things stood at one instant, which is what a refusal is made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import Factory, define, frozen

from adapters.aws.dynamo_counters import Counters, counter_of, spread_of, total
from adapters.aws.dynamo_faults import CONDITION
from adapters.aws.dynamo_line import Item
from adapters.persistence.deciding import Shelf
from application.kinds import ALLOTMENT, key_of
from application.ports.store import ChangeSet, Committed, Key, Outcome, Refused, Stale
from domain.allotment import CAPACITY_MAX, Allotment
from domain.ids import AllotmentId


@frozen
class Action:
    """One action of a transaction, and of what it tells if its condition does not hold."""

    request: Item
    key: Key
    counter: int = 0
    """Which counter, of an allotment."""
    expected: int | None = None
    """The version that a record must have; None: it must not exist."""
    is_guard: bool = False
    """Whether it stands in the record's place."""
    tells: bool = True
    """Whether it has a condition, so that something is learnt from it."""


@define
class Facts:
    """What a commit has learned, by being refused or by looking."""

    versions: dict[Key, int | None] = Factory(dict)
    """None: there is no such record."""
    unguarded: set[Key] = Factory(set)
    """Records that have no guards, such as were stored before there were any."""
    counters: dict[AllotmentId, Counters | None] = Factory(dict)
    """None: there is no such allotment."""
    roomy: set[AllotmentId] = Factory(set)
    """Allotments that are there and had room for everybody, however they stand."""
    doubted: set[AllotmentId] = Factory(set)
    """Allotments of which one counter of several had no room: look at all of them."""

    def shelf(self, sets: Iterable[ChangeSet]) -> Shelf:
        """How things stand, as far as is known and else as these sets expect."""
        shelf = Shelf()
        seen: set[Key] = set()
        for changes in sets:
            for key, expected in expectations(changes):
                if key not in seen:
                    seen.add(key)
                    self._place(shelf, key, expected)
            for change in changes.changes:
                if (key := Key(ALLOTMENT, change.allotment_id)) not in seen:
                    seen.add(key)
                    self._count(shelf, change.allotment_id, is_opened=change.ceiling is not None)
            for allotment in changes.allotments:
                if (key := Key(ALLOTMENT, allotment.id)) not in seen:
                    seen.add(key)
                    self._count(shelf, allotment.id, is_opened=True)
        return shelf

    def _place(self, shelf: Shelf, key: Key, expected: int | None) -> None:
        version = self.versions.get(key, expected)
        if version is not None:
            shelf.versions[key] = version

    def _count(self, shelf: Shelf, allotment_id: AllotmentId, *, is_opened: bool) -> None:
        if allotment_id in self.counters:
            counters = self.counters[allotment_id]
            if counters is not None:
                shelf.allotments[allotment_id] = total(allotment_id, counters)
        elif not is_opened:
            shelf.allotments[allotment_id] = _roomy(allotment_id)

    def unknown(self, sets: Sequence[ChangeSet], outcomes: Sequence[Outcome]) -> tuple[list[AllotmentId], list[Key]]:
        """What must be looked at before these outcomes may be told: nobody is refused on a presumption."""
        allotments: dict[AllotmentId, None] = dict.fromkeys(self.doubted)
        keys: dict[Key, None] = {}
        for changes, outcome in zip(sets, outcomes, strict=True):
            if isinstance(outcome, Committed):
                continue
            for allotment_id in allotments_of(changes):
                if allotment_id not in self.counters and (
                    allotment_id not in self.roomy or allotment_id == _refusing(outcome)
                ):
                    allotments[allotment_id] = None
            keys.update((key, None) for key, _ in expectations(changes) if key not in self.versions)
        return list(allotments), list(keys)

    def learn(self, actions: Sequence[Action], reasons: Sequence[Mapping[str, Any]]) -> None:
        """How things stood when a transaction was cancelled: also what it did not stumble over is known now."""
        for action, reason in zip(actions, reasons, strict=True):
            is_as_expected = reason.get("Code") != CONDITION
            item: Item | None = reason.get("Item") or None
            if not action.tells:
                continue
            if action.key.kind == ALLOTMENT:
                self._learn_counter(action, item, is_as_expected=is_as_expected)
            elif is_as_expected:
                self.versions[action.key] = action.expected
            elif action.is_guard and item is None:
                self.unguarded.add(action.key)
            else:
                self.versions[action.key] = None if item is None else int(item["version"]["N"])

    def _learn_counter(self, action: Action, item: Item | None, *, is_as_expected: bool) -> None:
        allotment_id = AllotmentId(action.key.id)
        if is_as_expected:
            self.roomy.add(allotment_id)
            return
        self.roomy.discard(allotment_id)
        self.counters.pop(allotment_id, None)
        if item is None and action.counter == 0:
            self.counters[allotment_id] = None
        elif item is not None and spread_of(item) == 1:
            self.counters[allotment_id] = (counter_of(item),)
        else:
            self.doubted.add(allotment_id)


def expectations(changes: ChangeSet) -> list[tuple[Key, int | None]]:
    """Of each record that a set touches, the version that it must have; None: it must not exist."""
    return [
        *((key_of(record), None) for record in changes.inserts),
        *((key_of(record), record.version) for record in (*changes.saves, *changes.deletes)),
        *((Key(expect.kind, expect.id), expect.version) for expect in changes.expects),
    ]


def allotments_of(changes: ChangeSet) -> list[AllotmentId]:
    return [
        *(allotment.id for allotment in changes.allotments),
        *(change.allotment_id for change in changes.changes),
    ]


_ROOM: Final = CAPACITY_MAX // 4


def _roomy(allotment_id: AllotmentId) -> Allotment:
    """Has room for whatever comes or goes; what is too much even for this is looked at first."""
    return Allotment(allotment_id, 3 * _ROOM, held=_ROOM, sold=_ROOM)


def _refusing(outcome: Outcome) -> AllotmentId | None:
    match outcome:
        case Refused(allotment):
            return allotment.id
        case Stale(key) if key.kind == ALLOTMENT:
            return AllotmentId(key.id)
        case _:
            return None
