"""Who expects an event unchanged looks at one of its guards, which always say what the event itself says."""

from collections.abc import AsyncIterator, Sequence

import pytest
from attrs import evolve

from adapters.aws import dynamo_guards, dynamo_writing
from adapters.aws.dynamo_guards import GUARDS, guard_id
from adapters.aws.dynamo_line import DynamoLine, Item
from adapters.aws.dynamo_store import DynamoStore
from application.ports.store import ChangeSet, Committed, Expect, Key, Outcome, Stale
from domain.allotment import Allotment
from domain.event import Event
from domain.ids import AllotmentId
from tests import build
from tests.support.dynamo import Dynamo

pytestmark = pytest.mark.dynamo


@pytest.fixture
async def store(dynamo: Dynamo) -> AsyncIterator[DynamoStore]:
    opened = dynamo.store()
    yield opened
    await opened.close()


@pytest.fixture
async def event(store: DynamoStore) -> Event:
    event = build.event()
    assert await store.commit([ChangeSet((event,))]) == [Committed()]
    return evolve(event, version=1)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids on which transactions had conditions without changing them."""
    ids: list[str] = []
    send = DynamoLine.transact

    async def transact(line: DynamoLine, actions: Sequence[Item]) -> None:
        ids.extend(each["ConditionCheck"]["Key"]["id"]["S"] for each in actions if "ConditionCheck" in each)
        await send(line, actions)

    monkeypatch.setattr(DynamoLine, "transact", transact)
    return ids


def guards(dynamo: Dynamo, event: Event) -> list[int | None]:
    """What each says; None where there is none."""
    table = dynamo.tables.name("event")
    keys = [{"id": {"S": guard_id(event.id, number)}} for number in range(GUARDS)]
    items = [dynamo.client.get_item(TableName=table, Key=key).get("Item") for key in keys]
    return [None if item is None else int(item["version"]["N"]) for item in items]


def take_guards_away(dynamo: Dynamo, event: Event) -> None:
    """As of an event that was stored before there were any."""
    for number in range(GUARDS):
        key = {"id": {"S": guard_id(event.id, number)}}
        dynamo.client.delete_item(TableName=dynamo.tables.name("event"), Key=key)


async def relying(store: DynamoStore, event: Event, version: int) -> Outcome:
    [outcome] = await store.commit([ChangeSet((build.claim(),), expects=(Expect("event", event.id, version),))])
    return outcome


async def test_guards_come_change_and_go_with_their_event(dynamo: Dynamo, store: DynamoStore, event: Event) -> None:
    assert guards(dynamo, event) == [1] * GUARDS

    await store.commit([ChangeSet(saves=(event,))])
    assert guards(dynamo, event) == [2] * GUARDS

    await store.commit([ChangeSet(deletes=(evolve(event, version=2),))])
    assert guards(dynamo, event) == [None] * GUARDS


async def test_a_change_that_is_refused_leaves_them_as_they_are(
    dynamo: Dynamo, store: DynamoStore, event: Event
) -> None:
    stale = await store.commit([ChangeSet(saves=(evolve(event, version=7),))])

    assert stale == [Stale(Key("event", event.id))]
    assert guards(dynamo, event) == [1] * GUARDS


async def test_those_who_rely_on_an_event_look_at_different_guards_and_never_at_the_event(
    store: DynamoStore, event: Event, looked_at: list[str]
) -> None:
    for _ in range(40):
        assert await relying(store, event, 1) == Committed()

    assert event.id not in looked_at
    assert len(set(looked_at)) > GUARDS // 2


async def test_what_changed_meanwhile_is_found(store: DynamoStore, event: Event) -> None:
    await store.commit([ChangeSet(saves=(event,))])

    assert {await relying(store, event, 1) for _ in range(20)} == {Stale(Key("event", event.id))}
    assert await relying(store, event, 2) == Committed()


async def test_with_guards_that_stay_behind_it_would_not_be_found(
    store: DynamoStore, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(dynamo_guards, "put_all", lambda *_: iter(()))
    await store.commit([ChangeSet(saves=(event,))])

    assert await relying(store, event, 1) == Committed()


async def test_without_guards_it_is_the_event_that_is_looked_at(
    dynamo: Dynamo, store: DynamoStore, event: Event, looked_at: list[str]
) -> None:
    take_guards_away(dynamo, event)

    assert await relying(store, event, 1) == Committed()
    assert looked_at[-1] == event.id
    assert await relying(store, event, 2) == Stale(Key("event", event.id))

    await store.commit([ChangeSet(saves=(event,))])
    assert guards(dynamo, event) == [2] * GUARDS


async def test_an_event_that_is_gone_is_missed(dynamo: Dynamo, store: DynamoStore, event: Event) -> None:
    await store.commit([ChangeSet(deletes=(event,))])

    assert await relying(store, event, 1) == Stale(Key("event", event.id))


async def test_a_guard_is_no_record_for_anybody(store: DynamoStore, event: Event) -> None:
    keys = [Key("event", guard_id(event.id, number)) for number in range(GUARDS)]

    assert await store.get([*keys, Key("event", event.id)]) == {Key("event", event.id): event}


async def _with_many_allotments(dynamo: Dynamo) -> Outcome:
    """An event with as many allotments as there may be, on as many counters as there may be."""
    store = dynamo.store(shards=16)
    allotments = tuple(Allotment(AllotmentId(f"alt_{number}"), 1_000) for number in range(20))
    try:
        [outcome] = await store.commit([ChangeSet((build.event(), build.claim()), allotments=allotments)])
        found = await store.allotments([allotment.id for allotment in allotments])
    finally:
        await store.close()
    assert sorted(found.values(), key=lambda one: one.id) == sorted(allotments, key=lambda one: one.id)
    return outcome


async def test_many_allotments_are_spread_over_as_many_counters_as_one_transaction_holds(dynamo: Dynamo) -> None:
    assert await _with_many_allotments(dynamo) == Committed()


async def test_spread_over_all_that_are_wished_for_they_could_not_be_opened(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: room that is not there."""
    monkeypatch.setattr(dynamo_writing, "ACTIONS_MAX", 1_000)

    with pytest.raises(Exception, match=r"ValidationException|100"):
        await _with_many_allotments(dynamo)
