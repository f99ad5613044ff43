"""The one transaction in which the sets of a batch take place: each item once, with what it must be before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import Factory, define, frozen

from adapters.aws import dynamo_counters as counting
from adapters.aws import dynamo_guards as guarding
from adapters.aws.dynamo_counters import Need, counter_id
from adapters.aws.dynamo_facts import Action, Facts, allotments_of, expectations
from adapters.aws.dynamo_items import size_of
from adapters.aws.dynamo_line import Item
from adapters.aws.dynamo_tables import Tables
from adapters.persistence.deciding import Shelf, last_states
from application.kinds import ALLOTMENT
from application.ports.store import ChangeSet, Key
from domain.allotment import AllotmentChange
from domain.ids import AllotmentId

ACTIONS_MAX: Final = 100
"""The most actions of one transaction."""
BYTES_MAX: Final = 4_000_000
"""A little less than the most bytes of one transaction, since the conditions count too."""


@define
class NeedsLook(Exception):
    """How this allotment stands must be known before it can be written."""

    allotment_id: AllotmentId


@frozen
class Plan:
    """What is to be written."""

    tables: Tables
    items: Mapping[int, Item]
    """What is written of each record, by the object that it is."""
    facts: Facts
    before: Shelf
    """How things stand before the batch, known or presumed."""
    after: Shelf
    """And after it."""
    exact: set[AllotmentId]
    """Allotments of which somebody was refused a part: they must stand just as they were when that was decided."""
    spread: Callable[[AllotmentId], int]
    """Over how many counters an allotment is thought to be spread."""
    choose: Callable[[int], int]
    """One of so many counters."""
    actions: list[Action] = Factory(list)

    def write(self, sets: Sequence[ChangeSet]) -> list[Action]:
        """The actions in which these sets take place; NeedsLook if they cannot be worded yet."""
        self._write_records(sets)
        changes: dict[AllotmentId, list[AllotmentChange]] = {}
        opened = {allotment.id for some in sets for allotment in some.allotments}
        for some in sets:
            for allotment_id in allotments_of(some):
                changes.setdefault(allotment_id, [])
            for change in some.changes:
                changes[change.allotment_id].append(change)
        room = ACTIONS_MAX - len(self.actions) - sum(self.spread(i) for i in changes if i not in opened)
        for allotment_id, moves in changes.items():
            if allotment_id in opened:
                self._open(allotment_id, max(1, room // len(opened)))
            else:
                self._move(allotment_id, moves)
        return self._within_limits()

    def _write_records(self, sets: Sequence[ChangeSet]) -> None:
        inserted, saved, deleted = last_states(sets)
        for key in dict.fromkeys(key for changes in sets for key, _ in expectations(changes)):
            expected = self.before.versions.get(key)
            table, name = self.tables.name(key.kind), {"id": {"S": key.id}}
            record = inserted.get(key) or saved.get(key)
            if record is not None:
                item = self.items[id(record)]
                self._act(key, {"Put": {"TableName": table, "Item": item, **_must_be(expected)}}, expected)
                self._guard(key, guarding.put_all(table, key.id, int(item["version"]["N"])))
            elif key in deleted:
                self._act(key, {"Delete": {"TableName": table, "Key": name, **_must_be(expected)}}, expected)
                self._guard(key, guarding.delete_all(table, key.id))
            else:
                self._check(key, expected)

    def _act(self, key: Key, request: Item, expected: int | None) -> None:
        self.actions.append(Action(request, key, expected=expected))

    def _guard(self, key: Key, requests: Iterable[Item]) -> None:
        if guarding.is_guarded(key):
            self.actions.extend(Action(request, key, tells=False) for request in requests)

    def _check(self, key: Key, expected: int | None) -> None:
        # What is expected not to be there has no guards either.
        is_guard = guarding.is_guarded(key) and key not in self.facts.unguarded and expected is not None
        record_id = guarding.guard_id(key.id, self.choose(guarding.GUARDS)) if is_guard else key.id
        named = {"TableName": self.tables.name(key.kind), "Key": {"id": {"S": record_id}}}
        request = {"ConditionCheck": {**named, **_must_be(expected)}}
        self.actions.append(Action(request, key, expected=expected, is_guard=is_guard))

    def _open(self, allotment_id: AllotmentId, most: int) -> None:
        counters = counting.opened(self.after.allotments[allotment_id], min(self.spread(allotment_id), most))
        for number, counter in enumerate(counters):
            self._count(allotment_id, number, counting.put(self._table, counter, None, len(counters)))

    def _move(self, allotment_id: AllotmentId, changes: Sequence[AllotmentChange]) -> None:
        need = Need.of(changes)
        ceilings = {change.ceiling for change in changes}
        known = self.facts.counters.get(allotment_id)
        is_known = allotment_id in self.facts.counters
        if allotment_id in self.exact:
            self._set(allotment_id, known)
        elif ceilings == {None} and self._add(allotment_id, need, known):
            return
        elif known is None and len(ceilings) == 1 and None not in ceilings and not need.change.capacity:
            [ceiling] = ceilings
            assert ceiling is not None, "just looked at"
            self._count(allotment_id, 0, counting.raise_or_open(self._table, allotment_id, need, ceiling))
        elif is_known:
            self._set(allotment_id, known)
        else:
            raise NeedsLook(allotment_id)

    def _add(self, allotment_id: AllotmentId, need: Need, known: counting.Counters | None) -> bool:
        """Whether one counter can take it all, as far as is known; then it does."""
        if known is None:
            number = self.choose(self.spread(allotment_id))
        else:
            able = [number for number, counter in enumerate(known) if need.is_met_by(counter)]
            if not able:
                return False
            number = able[self.choose(len(able))]
        self._count(allotment_id, number, counting.add(self._table, counter_id(allotment_id, number), need))
        return True

    def _set(self, allotment_id: AllotmentId, known: counting.Counters | None) -> None:
        """Write the counters that change, as they end; if somebody was refused, the others must stand as well."""
        after = self.after.allotments[allotment_id]
        if known is None:
            [counter] = counting.opened(after, 1)
            self._count(allotment_id, 0, counting.put(self._table, counter, None, 1))
            return
        for number, (old, new) in enumerate(zip(known, counting.moved(known, after), strict=True)):
            if new != old:
                self._count(allotment_id, number, counting.put(self._table, new, old, len(known)))
            elif allotment_id in self.exact or len(known) == 1:
                self._count(allotment_id, number, counting.check(self._table, old))

    def _count(self, allotment_id: AllotmentId, number: int, request: Mapping[str, Any]) -> None:
        self.actions.append(Action(request, Key(ALLOTMENT, allotment_id), number))

    @property
    def _table(self) -> str:
        return self.tables.name(ALLOTMENT)

    def _within_limits(self) -> list[Action]:
        """All of it; of a lone set that is too much, what only checks counters is left out: nobody was refused."""
        if len(self.actions) <= ACTIONS_MAX:
            return self.actions
        return [a for a in self.actions if a.key.kind != ALLOTMENT or "ConditionCheck" not in a.request]


def bytes_of(actions: Sequence[Action]) -> int:
    """How many bytes these actions write."""
    return sum(size_of(action.request["Put"]["Item"]) for action in actions if "Put" in action.request)


def _must_be(version: int | None) -> dict[str, Any]:
    clause: dict[str, Any] = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if version is None:
        return {
            **clause,
            "ConditionExpression": "attribute_not_exists(#id)",
            "ExpressionAttributeNames": {"#id": "id"},
        }
    return {
        **clause,
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }
