"""Who wins when many want the same at once. The scenarios stand apart, so that negative controls can run them too."""

import asyncio
from collections.abc import Sequence
from itertools import cycle

from attrs import evolve

from application.kinds import key_of
from application.ports.store import ChangeSet, Committed, Expect, Outcome, Record, Store
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build

HOT = AllotmentId("alt_hot")
LAST_PLACES = 10
BUYERS = 200


async def rush(stores: Sequence[Store], buyers: int = BUYERS) -> int:
    """How many of the buyers, who all come at once and through all these stores, get one of the last ten places."""
    event = build.event()
    await stores[0].commit([ChangeSet(inserts=(event,), allotments=(Allotment(HOT, LAST_PLACES),))])
    return await buy(stores, buyers, event.id)


async def buy(stores: Sequence[Store], buyers: int, event_id: str) -> int:
    """How many of the buyers get a place at an event that is on sale."""

    def wish() -> ChangeSet:
        return ChangeSet(
            inserts=(build.booking(event_id=event_id), build.answer()),
            expects=(Expect("event", event_id, 1),),
            changes=(AllotmentChange(HOT, held=1),),
        )

    answers = await asyncio.gather(
        *(store.commit([wish()]) for store, _ in zip(cycle(stores), range(buyers), strict=False))
    )
    return sum(outcome == Committed() for (outcome,) in answers)


async def quarrel(stores: Sequence[Store], people: int = 50) -> int:
    """How many of those who read one version of a record, and save it at once, succeed."""
    claim = build.claim()
    await stores[0].commit([ChangeSet(inserts=(claim,))])
    saves = [evolve(claim, version=1, owner_id=f"acc_{number}") for number in range(people)]
    answers = await asyncio.gather(
        *(store.commit([ChangeSet(saves=(save,))]) for store, save in zip(cycle(stores), saves, strict=False))
    )
    won = [save for save, (outcome,) in zip(saves, answers, strict=True) if outcome == Committed()]
    kept = (await stores[-1].get([key_of(claim)]))[key_of(claim)]
    assert kept in [evolve(save, version=2) for save in won]
    return len(won)


class RaceContract:
    async def test_as_many_win_the_last_places_as_there_are(self, store: Store) -> None:
        assert await rush([store]) == LAST_PLACES

        assert await store.allotments([HOT]) == {HOT: Allotment(HOT, LAST_PLACES, LAST_PLACES)}

    async def test_two_stores_do_not_oversell(self, store: Store, rival: Store) -> None:
        assert await rush([store, rival]) == LAST_PLACES

        assert await rival.allotments([HOT]) == {HOT: Allotment(HOT, LAST_PLACES, LAST_PLACES)}

    async def test_one_of_many_wins_a_version(self, store: Store, rival: Store) -> None:
        assert await quarrel([store]) == 1
        assert await quarrel([store, rival]) == 1

    async def test_one_of_many_inserts_a_key(self, store: Store, rival: Store) -> None:
        claims = [build.claim(id="email/wanted@example.org") for _ in range(40)]

        answers = await asyncio.gather(
            *(
                s.commit([ChangeSet(inserts=(claim, build.session()))])
                for s, claim in zip(cycle([store, rival]), claims, strict=False)
            )
        )

        assert sum(outcome == Committed() for (outcome,) in answers) == 1

    async def test_a_limit_that_many_open_at_once_holds(self, store: Store, rival: Store) -> None:
        limit = AllotmentId("limit/tty_1/acc_1")
        change = AllotmentChange(limit, held=1, ceiling=3)

        answers = await asyncio.gather(
            *(
                s.commit([ChangeSet(inserts=(build.claim(),), changes=(change,))])
                for s, _ in zip(cycle([store, rival]), range(20), strict=False)
            )
        )

        assert sum(outcome == Committed() for (outcome,) in answers) == 3
        assert await store.allotments([limit]) == {limit: Allotment(limit, 3, 3)}

    async def test_sets_that_touch_the_same_things_crosswise_all_take_place(self, store: Store, rival: Store) -> None:
        one, other = AllotmentId("alt_1"), AllotmentId("alt_2")
        events = [build.event(), build.event()]
        await store.commit([ChangeSet(inserts=tuple(events), allotments=(Allotment(one, 99), Allotment(other, 99)))])
        changes = tuple(AllotmentChange(allotment_id, held=1) for allotment_id in (one, other))
        expects = tuple(Expect("event", event.id, 1) for event in events)

        async def cross(through: Store, *, backwards: bool) -> Outcome:
            turn = slice(None, None, -1 if backwards else 1)
            claims: tuple[Record, ...] = (build.claim(), build.claim())
            (outcome,) = await through.commit([ChangeSet(claims[turn], expects=expects[turn], changes=changes[turn])])
            return outcome

        sides = cycle([(store, False), (rival, True)])
        outcomes = await asyncio.gather(
            *(cross(through, backwards=back) for (through, back), _ in zip(sides, range(60), strict=False))
        )

        assert outcomes == [Committed()] * 60
        assert await store.allotments([one, other]) == {one: Allotment(one, 99, 60), other: Allotment(other, 99, 60)}

    async def test_an_expectation_and_a_change_of_it_do_not_both_win(self, store: Store, rival: Store) -> None:
        (first, second) = (build.event(), build.event())
        await store.commit([ChangeSet(inserts=(first, second))])
        swaps = [(first, second), (second, first)]

        # Each changes what the other relies on: to let both through would be write skew.
        answers = await asyncio.gather(
            *(
                through.commit(
                    [ChangeSet(saves=(evolve(changed, version=1),), expects=(Expect("event", relied.id, 1),))]
                )
                for through, (changed, relied) in zip((store, rival), swaps, strict=True)
            )
        )

        assert sum(outcome == Committed() for (outcome,) in answers) == 1
