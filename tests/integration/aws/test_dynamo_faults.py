"""What AWS does under load, and on a bad line: throttling, conflicts and answers that never come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.aws import dynamo_committing, dynamo_items, dynamo_line
from adapters.aws.dynamo_items import ItemTooLarge
from adapters.aws.dynamo_opening import dynamo_store
from adapters.aws.dynamo_store import DynamoStore
from adapters.persistence.gathering import GatheringStore
from application.kinds import key_of
from application.ports.store import ChangeSet, Committed, Duplicate, Refused, StoreUnavailable
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build
from tests.contracts.store_allotments import PLACES, hold, open_places, places
from tests.support.dynamo import Dynamo
from tests.support.dynamo_server import has_local
from tests.support.failing_dynamo import FailingClient, no_answer, refusal

pytestmark = pytest.mark.dynamo

CANCELLED = "TransactionCanceledException"


@pytest.fixture
def meddler(dynamo: Dynamo) -> FailingClient:
    return FailingClient(dynamo.client)


@pytest.fixture
async def store(dynamo: Dynamo, meddler: FailingClient) -> AsyncIterator[DynamoStore]:
    opened = dynamo_store(meddler, dynamo.tables)
    opened._line._jitter = lambda least, _most: least
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    "obstacle",
    [
        lambda: refusal(CANCELLED, "None", "TransactionConflict"),
        lambda: refusal(CANCELLED, "ThrottlingError", "None"),
        lambda: refusal(CANCELLED, "TransactionConflict", "ConditionalCheckFailed"),
        lambda: refusal("ProvisionedThroughputExceededException"),
        lambda: refusal("ThrottlingException"),
        lambda: refusal("TransactionInProgressException"),
        lambda: refusal("InternalServerError", status=500),
        no_answer,
    ],
)
async def test_what_passes_is_asked_again_until_it_has_passed(
    store: DynamoStore, meddler: FailingClient, obstacle: Callable[[], Exception]
) -> None:
    await open_places(store, 3)
    meddler.before += [obstacle(), obstacle()]
    claim = build.claim()

    assert await store.commit([ChangeSet((claim,), changes=(hold(2),))]) == [Committed()]

    assert await places(store) == (3, 2, 0)
    assert set(await store.get([key_of(claim)])) == {key_of(claim)}


async def test_what_does_not_pass_is_unavailable_after_a_bounded_number_of_tries(
    store: DynamoStore, meddler: FailingClient
) -> None:
    claim = build.claim()
    meddler.before += [refusal("ThrottlingException") for _ in range(100)]

    with pytest.raises(StoreUnavailable):
        await store.commit([ChangeSet((claim,))])

    assert len(meddler.sent) == dynamo_line.TRIES
    assert await store.get([key_of(claim)]) == {}


async def test_a_condition_that_does_not_hold_is_an_answer_and_not_asked_again(
    store: DynamoStore, meddler: FailingClient
) -> None:
    await open_places(store, 1)
    meddler.sent.clear()

    assert await store.commit([ChangeSet((build.claim(),), changes=(hold(2),))]) == [Refused(Allotment(PLACES, 1))]

    assert len(meddler.sent) == 1, "the reasons of the first try say it all"


async def test_a_commit_whose_answer_was_lost_is_done_once_and_acknowledged(
    store: DynamoStore, meddler: FailingClient
) -> None:
    await open_places(store, 3)
    meddler.sent.clear()
    meddler.after += [no_answer(), no_answer()]
    claim = build.claim()

    outcomes = await store.commit([ChangeSet((claim,), changes=(hold(1),))])

    # moto does not look at tokens; it is done once all the same.
    assert outcomes == [Committed() if has_local() else Duplicate(key_of(claim))]
    assert await places(store) == (3, 1, 0)
    assert len({request["ClientRequestToken"] for request in meddler.sent}) == 1 < len(meddler.sent)


async def test_with_a_new_token_each_time_what_was_done_would_be_called_a_duplicate(
    store: DynamoStore, meddler: FailingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the token."""
    claim = build.claim()
    meddler.after.append(no_answer())
    ask = store._line._send

    async def forgetful(operation: str, request: dict[str, object]) -> dict[str, object]:
        return await ask(operation, {k: v for k, v in request.items() if k != "ClientRequestToken"})

    monkeypatch.setattr(type(store._line), "_send", lambda _self, operation, request: forgetful(operation, request))

    assert await store.commit([ChangeSet((claim,))]) == [Duplicate(key_of(claim))]


async def test_who_asks_again_for_what_was_done_hears_so_and_not_that_it_is_sold_out(store: DynamoStore) -> None:
    await open_places(store, 1)
    wish = ChangeSet((build.claim(),), changes=(hold(1),))

    assert await store.commit([wish]) == [Committed()]

    for batch in ([wish], [ChangeSet((build.claim(),), changes=(hold(1),)), wish]):
        assert (await store.commit(batch))[-1] == Duplicate(key_of(wish.inserts[0]))


async def test_what_is_not_handed_out_at_once_is_asked_for_again(dynamo: Dynamo) -> None:
    class Miserly:
        """Hands out one record for each question."""

        def batch_get_item(self, RequestItems: dict[str, dict[str, Any]]) -> Any:  # noqa: N803 - AWS's own name
            [(table, wanted)] = RequestItems.items()
            first, *rest = wanted["Keys"]
            answer = dynamo.client.batch_get_item(RequestItems={table: {**wanted, "Keys": [first]}})
            return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": rest}} if rest else {}}

        def close(self) -> None:
            return

    store = dynamo.store()
    claims = [build.claim() for _ in range(5)]
    await store.commit([ChangeSet(tuple(claims))])
    miserly = dynamo_store(Miserly(), dynamo.tables)

    assert len(await miserly.get([key_of(claim) for claim in claims])) == 5

    await miserly.close()
    await store.close()


async def test_a_batch_that_is_longer_than_a_transaction_still_takes_place(
    dynamo: Dynamo, meddler: FailingClient, store: DynamoStore
) -> None:
    await open_places(store, 70)
    meddler.sent.clear()
    batch = [ChangeSet((build.claim(), build.claim()), changes=(hold(1),)) for _ in range(100)]

    outcomes = await store.commit(batch)

    assert [outcome == Committed() for outcome in outcomes] == [True] * 70 + [False] * 30
    assert max(len(request["TransactItems"]) for request in meddler.sent) <= 100
    assert len(meddler.sent) <= 6


async def test_what_cannot_be_stored_at_all_takes_no_neighbour_along(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamo_items, "ITEM_BYTES_MAX", 4_000)
    gathered = GatheringStore(store)
    batch = [ChangeSet((record,)) for record in (build.claim(), build.event(description="é" * 3_000), build.claim())]

    with pytest.raises(ItemTooLarge):
        await store.commit(batch)
    assert await store.get([key_of(changes.inserts[0]) for changes in batch]) == {}

    answers = await asyncio.gather(*(gathered.commit([changes]) for changes in batch), return_exceptions=True)
    assert [type(answer) for answer in answers] == [list, ItemTooLarge, list]
    assert answers[0] == answers[2] == [Committed()]


async def test_a_mistake_that_shows_when_a_part_is_done_is_not_tried_again_one_by_one(
    store: DynamoStore, meddler: FailingClient
) -> None:
    meddler.after.append(refusal("ValidationException"))

    with pytest.raises(StoreUnavailable, match="only a part"):
        await store.commit([ChangeSet((build.claim(),)), ChangeSet((build.claim(),))])


async def test_one_counter_is_changed_once_for_all_buyers_of_a_batch(
    store: DynamoStore, meddler: FailingClient
) -> None:
    await open_places(store, 100)
    meddler.sent.clear()

    outcomes = await store.commit([ChangeSet((build.claim(),), changes=(hold(1),)) for _ in range(40)])

    assert outcomes == [Committed()] * 40
    [request] = meddler.sent
    assert [next(iter(action)) for action in request["TransactItems"]].count("Update") == 1


async def test_a_commit_is_one_round_trip_and_so_is_a_read_of_several_kinds(
    store: DynamoStore, meddler: FailingClient
) -> None:
    await open_places(store, 9)
    session, account = build.session(), build.account()
    limit = AllotmentChange(AllotmentId("limit/tty_1/acc_1"), held=1, ceiling=4)
    meddler.asked.clear()

    [outcome] = await store.commit([ChangeSet((session, account), changes=(hold(1), limit))])
    assert outcome == Committed()
    assert meddler.asked == ["transact_write_items"]

    assert len(await store.get([key_of(session), key_of(account)])) == 2
    assert meddler.asked == ["transact_write_items", "batch_get_item"]


async def test_sets_that_share_nothing_do_not_wait_for_each_other(store: DynamoStore, meddler: FailingClient) -> None:
    await asyncio.gather(*(store.commit([ChangeSet((build.claim(),))]) for _ in range(2)))
    meddler.sent.clear()
    meddler.before.append(refusal("ThrottlingException"))

    outcomes = await store.commit([ChangeSet((build.claim(),)), ChangeSet((build.claim(),))])

    assert outcomes == [Committed()] * 2
    assert [len(request["TransactItems"]) for request in meddler.sent] == [1, 1, 1]


async def test_sets_too_large_for_one_transaction_go_in_several(
    store: DynamoStore, meddler: FailingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = AllotmentChange(PLACES, held=1)
    await open_places(store, 99)
    meddler.sent.clear()
    monkeypatch.setattr(dynamo_committing, "BYTES_MAX", 20_000)
    events = [build.event(description="No two alike. " * 100) for _ in range(24)]

    outcomes = await store.commit([ChangeSet((event,), changes=(change,)) for event in events])

    assert outcomes == [Committed()] * 24
    assert len(meddler.sent) > 1
