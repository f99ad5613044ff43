"""Negative controls, and what an index that lags behind must not do."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from attrs import define, evolve

from adapters.aws import dynamo_committing, dynamo_listing, dynamo_writing
from adapters.aws.dynamo_facts import Facts
from adapters.aws.dynamo_items import partitions_of
from adapters.aws.dynamo_line import DynamoLine, Item
from adapters.aws.dynamo_opening import dynamo_store
from application.kinds import key_of
from application.listing import every
from application.ports.store import ChangeSet, Committed, Duplicate, Listing, Outcome, Refused, Stale
from domain.allotment import Allotment
from domain.ids import AllotmentId
from tests import build
from tests.contracts.store_allotments import PLACES, hold, open_places, places
from tests.contracts.store_races import quarrel
from tests.support.dynamo import Dynamo

pytestmark = pytest.mark.dynamo

QUEUE = Listing("outbox", "queue", "pending")


async def test_without_conditions_on_versions_everybody_saves(dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch) -> None:
    anything = {
        "ConditionExpression": "attribute_exists(#id) OR attribute_not_exists(#id)",
        "ExpressionAttributeNames": {"#id": "id"},
    }
    monkeypatch.setattr(dynamo_writing, "_must_be", lambda _: anything)
    stores = dynamo.store(), dynamo.store()

    assert await quarrel(stores, people=20) == 20

    for store in stores:
        await store.close()


async def _two_reasons(dynamo: Dynamo) -> list[type[Outcome]]:
    """Of a batch whose last set is a duplicate, and expects what it cannot."""
    store = dynamo.store()
    claim, session = build.claim(), build.session()
    await store.commit([ChangeSet((claim, session))])
    saves = [build.claim(id=claim.id, version=version) for version in (1, 7)]
    outcomes = await store.commit([ChangeSet(saves=(saves[0],)), ChangeSet((session,), saves=(saves[1],))])
    await store.close()
    return [type(outcome) for outcome in outcomes]


async def test_who_is_refused_hears_the_first_of_the_reasons(dynamo: Dynamo) -> None:
    assert await _two_reasons(dynamo) == [Committed, Duplicate]


async def test_refused_on_a_presumption_somebody_would_hear_the_wrong_reason(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Facts, "unknown", lambda *_: ([], []))

    assert await _two_reasons(dynamo) == [Committed, Stale]


async def _refused_beside_a_winner(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> tuple[Outcome, tuple[int, int, int] | None]:
    """What somebody hears who asks for two places, of which others give four back at that very moment."""
    made = DynamoLine.transact
    store, rival = dynamo.store(), dynamo.store()
    await open_places(store, 5)
    await store.commit([ChangeSet((build.claim(),), changes=(hold(4),))])
    turns = count(1)

    async def transact(self: DynamoLine, actions: Sequence[Item]) -> None:
        if self is store._line and next(turns) == 2:
            # It has been decided who gets the last one; now four come back.
            assert await rival.commit([ChangeSet((build.claim(),), changes=(hold(-4),))]) == [Committed()]
        await made(self, actions)

    monkeypatch.setattr(DynamoLine, "transact", transact)
    outcomes = await store.commit([ChangeSet((build.claim(),), changes=(hold(units),)) for units in (1, 2)])
    assert outcomes[0] == Committed()
    end = await places(store)
    for one in (store, rival):
        await one.close()
    return outcomes[1], end


@define
class LaggingClient:
    """A client whose indexes stand still at the first answer that they gave."""

    client: Any
    kept: Any = None

    def query(self, **request: Any) -> Any:
        """The first answer that had anything in it, again and again."""
        answer = self.client.query(**request)
        if self.kept is None and answer["Items"]:
            self.kept = (request["ExpressionAttributeValues"][":partition"], answer)
        if self.kept is not None and self.kept[0] == request["ExpressionAttributeValues"][":partition"]:
            return self.kept[1]
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


async def _behind(dynamo: Dynamo) -> dict[str, int]:
    """How much an index that lags shows: before, after a record has moved on, and after it is gone."""
    store = dynamo_store(LaggingClient(dynamo.client), dynamo.tables)
    entry: Any = build.outbox_entry()
    await store.commit([ChangeSet((entry,))])
    seen: dict[str, int] = {}

    async def look(when: str) -> Any:
        found = (await store.list(QUEUE)).items
        seen[when] = len(found)
        return found

    [stored] = await look("before")
    assert stored == (await store.get([key_of(entry)]))[key_of(entry)]
    await store.commit([ChangeSet(saves=(evolve(stored, due_at=build.later(seconds=99)),))])
    await look("moved")
    await store.commit([ChangeSet(deletes=(evolve(stored, version=2),))])
    await look("gone")
    await store.close()
    return seen


async def test_an_index_that_lags_shows_no_record_where_it_no_longer_is(dynamo: Dynamo) -> None:
    assert await _behind(dynamo) == {"before": 1, "moved": 0, "gone": 0}


async def test_taken_at_its_word_an_index_that_lags_shows_what_has_moved_on(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamo_listing, "_belongs", lambda *_: True)

    assert (await _behind(dynamo))["moved"] == 1


async def test_who_is_refused_beside_a_winner_was_refused_of_what_there_was(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _refused_beside_a_winner(dynamo, monkeypatch) == (Committed(), (5, 3, 0))


async def test_without_places_that_must_stand_somebody_is_refused_of_what_is_free(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dynamo_committing.Committing._plan
    monkeypatch.setattr(
        dynamo_committing.Committing, "_plan", lambda *given: evolve(made(*given), exact=set(), actions=[])
    )

    outcome, end = await _refused_beside_a_winner(dynamo, monkeypatch)

    assert outcome == Refused(Allotment(AllotmentId(PLACES), 5, 5))
    assert end == (5, 1, 0)


async def _listed(dynamo: Dynamo) -> tuple[int, bool]:
    """How many of forty records a list of everything finds page by page, and whether they come in order."""
    store = dynamo.store()
    records = [build.unsealed_record(id=f"aud_{n * 7 % 40:02}", at=build.later(seconds=n)) for n in range(40)]
    assert await store.commit([ChangeSet(tuple(records))]) == [Committed()]
    listing = Listing("audit_unsealed", "everything", "all", limit=7)
    found = [record async for record in every(store, listing)]
    await store.close()
    return len(found), found == sorted(found, key=lambda record: record.at)


async def test_a_list_of_everything_is_whole_and_in_order_though_it_is_spread(dynamo: Dynamo) -> None:
    assert await _listed(dynamo) == (40, True)


async def test_one_partition_of_a_list_of_everything_is_not_the_whole_of_it(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamo_listing, "partitions_of", lambda *given: list(partitions_of(*given))[:1])

    found, _ = await _listed(dynamo)

    assert found < 40


async def test_partitions_one_after_the_other_are_not_in_order(dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch) -> None:
    def unmerged(walk: dynamo_listing.Walk, most: int) -> list[str]:
        texts = walk.runs[0].texts
        taken, walk.runs[0].texts = texts[:most], texts[most:]
        return taken

    monkeypatch.setattr(dynamo_listing.Walk, "_merged", unmerged)

    assert not (await _listed(dynamo))[1]
