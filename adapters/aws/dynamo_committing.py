"""A batch in as few transactions as hold it: try, learn from a refusal, decide anew, first come first served."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen

from adapters.aws.dynamo_counters import counter_ids, counter_of, spread_of
from adapters.aws.dynamo_facts import Facts, allotments_of, expectations
from adapters.aws.dynamo_faults import Cancelled
from adapters.aws.dynamo_guards import GUARDS, is_guarded
from adapters.aws.dynamo_items import item_of
from adapters.aws.dynamo_line import DynamoLine, Item
from adapters.aws.dynamo_tables import Tables
from adapters.aws.dynamo_writing import ACTIONS_MAX, BYTES_MAX, NeedsLook, Plan, bytes_of
from adapters.persistence.deciding import Shelf, check_grows, committed, decide
from application.kinds import ALLOTMENT, key_of
from application.ports.store import ChangeSet, Committed, Key, Outcome, Refused, StoreUnavailable
from domain.allotment import Allotment
from domain.ids import AllotmentId

TURNS: Final = 30
"""How often a batch is decided anew. Each time others were faster, and so came to an end."""
SPREADS_KEPT: Final = 10_000


@define
class Spreads:
    """Over how many counters allotments are spread: those that are opened here, and what was seen of others."""

    opening: int
    _seen: dict[AllotmentId, int] = field(factory=dict)

    def of(self, allotment_id: AllotmentId) -> int:
        return self._seen.get(allotment_id, self.opening)

    def note(self, allotment_id: AllotmentId, spread: int) -> None:
        if len(self._seen) >= SPREADS_KEPT:
            self._seen.clear()
        self._seen[allotment_id] = spread


@frozen
class Reading:
    """Reads what is decided on, as it is now."""

    line: DynamoLine
    tables: Tables
    spreads: Spreads

    async def counters(self, ids: Sequence[AllotmentId]) -> dict[AllotmentId, tuple[Allotment, ...]]:
        """All counters of these allotments, of each as they stood at one instant."""
        items = await self.line.get({self._table: ids})
        heads = {item["id"]["S"]: item for item in items[self._table]}
        for allotment_id, head in heads.items():
            self.spreads.note(AllotmentId(allotment_id), spread_of(head))
        found = await asyncio.gather(*(self._all_of(AllotmentId(i), head) for i, head in heads.items()))
        return dict(zip(map(AllotmentId, heads), found, strict=True))

    async def _all_of(self, allotment_id: AllotmentId, head: Item) -> tuple[Allotment, ...]:
        if spread_of(head) == 1:
            return (counter_of(head),)
        items = await self.line.get_at_once(self._table, counter_ids(allotment_id, spread_of(head)))
        return tuple(map(counter_of, items))

    async def versions(self, keys: Sequence[Key]) -> dict[Key, int]:
        """The versions of those that exist."""
        wanted: dict[str, list[str]] = {}
        for key in keys:
            wanted.setdefault(self.tables.name(key.kind), []).append(key.id)
        found = await self.line.get(wanted, ("id", "version"))
        return {
            Key(kind, item["id"]["S"]): int(item["version"]["N"])
            for kind in {key.kind for key in keys}
            for item in found[self.tables.name(kind)]
        }

    @property
    def _table(self) -> str:
        return self.tables.name(ALLOTMENT)


@frozen
class Committing:
    """Commits batches."""

    line: DynamoLine
    tables: Tables
    spreads: Spreads
    choose: Callable[[int], int]

    async def __call__(self, batch: Sequence[ChangeSet]) -> list[Outcome]:
        """One outcome for each set. Those that share nothing do not wait for each other."""
        items = _items(batch)
        outcomes: dict[int, Outcome] = {}

        async def settle(places: Sequence[int]) -> None:
            waiting = list(places)
            while waiting:
                taken = waiting[: self._fitting([batch[at] for at in waiting])]
                outcomes.update(zip(taken, await self._settle([batch[at] for at in taken], items), strict=True))
                del waiting[: len(taken)]

        failures = await asyncio.gather(*(settle(places) for places in apart(batch)), return_exceptions=True)
        for failure in failures:
            if failure is not None:
                raise _told(failure, outcomes.values())
        return [outcomes[at] for at in range(len(batch))]

    def _fitting(self, sets: Sequence[ChangeSet]) -> int:
        """How many of these, from the first on, one transaction holds; one at least."""
        keys: set[Key] = set()
        guarded: set[Key] = set()
        allotments: set[AllotmentId] = set()
        for at, changes in enumerate(sets):
            keys.update(key for key, _ in expectations(changes))
            guarded.update(filter(is_guarded, map(key_of, (*changes.inserts, *changes.saves, *changes.deletes))))
            allotments.update(allotments_of(changes))
            actions = len(keys) + GUARDS * len(guarded) + sum(map(self.spreads.of, allotments))
            if at and actions > ACTIONS_MAX:
                return at
        return len(sets)

    async def _settle(self, sets: Sequence[ChangeSet], items: Mapping[int, Item]) -> list[Outcome]:
        """The outcomes of sets that one transaction holds, unless they are too long for it."""
        facts = Facts()
        for _ in range(TURNS):
            before, after = facts.shelf(sets), facts.shelf(sets)
            outcomes = decide(sets, after)
            if await self._look(facts, *facts.unknown(sets, outcomes)):
                continue
            winners = committed(sets, outcomes)
            try:
                actions = self._plan(facts, before, after, outcomes, items).write(winners)
            except NeedsLook as needed:
                await self._look(facts, [needed.allotment_id], [])
                continue
            if len(sets) > 1 and bytes_of(actions) > BYTES_MAX:
                half = len(sets) // 2
                return await self._settle(sets[:half], items) + await self._settle(sets[half:], items)
            try:
                if actions:
                    await self.line.transact([action.request for action in actions])
            except Cancelled as cancelled:
                facts.learn(actions, cancelled.reasons)
                continue
            return outcomes
        raise StoreUnavailable("others change the same records again and again")

    def _plan(
        self, facts: Facts, before: Shelf, after: Shelf, outcomes: Sequence[Outcome], items: Mapping[int, Item]
    ) -> Plan:
        exact = {outcome.allotment.id for outcome in outcomes if isinstance(outcome, Refused)}
        return Plan(self.tables, items, facts, before, after, exact, self.spreads.of, self.choose)

    async def _look(self, facts: Facts, allotments: Sequence[AllotmentId], keys: Sequence[Key]) -> bool:
        """Whether something was not known, and now is.

        Allotments before records. Who asks again for what was done must hear that it was, and not that it is sold
        out: a record that is not there after the places were gone was not there before either.
        """
        reading = Reading(self.line, self.tables, self.spreads)
        if allotments:
            counters = await reading.counters(allotments)
            facts.counters.update({allotment_id: counters.get(allotment_id) for allotment_id in allotments})
            facts.doubted.difference_update(allotments)
        elif keys:
            versions = await reading.versions(keys)
            facts.versions.update({key: versions.get(key) for key in keys})
        return bool(allotments or keys)


def _items(batch: Sequence[ChangeSet]) -> dict[int, Item]:
    """The item of each record that is written, by the object that it is.

    All of them before the first is sent: what cannot be stored at all must be found while nothing is stored.
    """
    for changes in batch:
        check_grows(changes)
    return {id(record): item_of(record) for changes in batch for record in (*changes.inserts, *changes.saves)}


def _told(failure: BaseException, outcomes: Iterable[Outcome]) -> BaseException:
    """What the batch fails of. Who hears of a mistake asks again one by one, which must not be done twice."""
    if isinstance(failure, StoreUnavailable) or not any(isinstance(outcome, Committed) for outcome in outcomes):
        return failure
    unavailable = StoreUnavailable(f"only a part of the batch was done: {failure}")
    unavailable.__cause__ = failure
    return unavailable


def apart(batch: Sequence[ChangeSet]) -> list[list[int]]:
    """The places of sets that belong together, because they touch the same things."""
    groups: dict[int, tuple[set[Key], list[int]]] = {}
    for at, changes in enumerate(batch):
        things = {key for key, _ in expectations(changes)}
        things |= {Key(ALLOTMENT, allotment_id) for allotment_id in allotments_of(changes)}
        places = [at]
        for number in [number for number, (others, _) in groups.items() if others & things]:
            others, before = groups.pop(number)
            things |= others
            places += before
        groups[at] = (things, sorted(places))
    return [places for _, places in groups.values()]
