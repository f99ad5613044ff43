"""How we speak to DynamoDB: few threads, short time-outs, and repetitions that are ours to count."""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

from attrs import define, field
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from adapters.aws.dynamo_faults import Passing, fault
from application.ports.store import StoreUnavailable

TRIES: Final = 10
"""How often one request is sent while others are in its way, or nobody knows what became of it."""
LOST_TRIES: Final = 3
"""How often it is sent while DynamoDB does not answer at all."""
PAUSE_S: Final = 0.02
PAUSE_MAX_S: Final = 1.0
KEYS_MAX: Final = 100
"""The most items of one BatchGetItem."""

Item = Mapping[str, Any]
"""An item, or a part of a request, as the line speaks it: {"id": {"S": "evt_1"}}."""


@define(eq=False)
class DynamoLine:
    """Sends requests, and repeats what passes: conflicts and throttling, with a pause that nobody else makes as long.

    A condition that does not hold is an answer, and is not asked again. StoreUnavailable if nothing helps.
    """

    _client: Any
    _pool: ThreadPoolExecutor
    _jitter: Callable[[float, float], float] = field(default=random.uniform)
    _pause: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    async def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to one request, which does no harm if it arrives twice."""
        lost = 0
        for turn in range(TRIES):
            try:
                return await self._send(operation, request)
            except Passing as passing:
                lost += passing.is_lost
                if turn == TRIES - 1 or lost == LOST_TRIES:
                    raise StoreUnavailable(f"DynamoDB did not serve us: {passing}") from passing
                # Up to twice as long each time, from nothing on: whoever collided must not meet again.
                await self._pause(self._jitter(0, min(PAUSE_MAX_S, PAUSE_S * 2**turn)))
        raise AssertionError("the last try returns or raises")

    async def transact(self, actions: Sequence[Item]) -> None:
        """All of these writes or none; Cancelled with the reasons if a condition does not hold.

        Every repetition carries the token of the first: what was done already, and whose answer was lost, is not
        done again but answered again.
        """
        await self.ask("transact_write_items", TransactItems=list(actions), ClientRequestToken=str(uuid4()))

    async def get(self, wanted: Mapping[str, Iterable[str]], attributes: Sequence[str] = ()) -> dict[str, list[Item]]:
        """By table, the items of these ids that exist, as they are now; of all tables in one question, if it can be."""
        asked = [(table, record_id) for table, ids in wanted.items() for record_id in dict.fromkeys(ids)]
        parts = [asked[start : start + KEYS_MAX] for start in range(0, len(asked), KEYS_MAX)]
        found: dict[str, list[Item]] = {table: [] for table in wanted}
        for answers in await asyncio.gather(*(self._get_some(part, attributes) for part in parts)):
            for table, items in answers:
                found[table] += items
        return found

    async def _get_some(
        self, asked: Sequence[tuple[str, str]], attributes: Sequence[str]
    ) -> list[tuple[str, list[Item]]]:
        wanted: dict[str, dict[str, Any]] = {}
        for table, record_id in asked:
            keys = wanted.setdefault(table, {"Keys": [], "ConsistentRead": True})
            keys["Keys"].append({"id": {"S": record_id}})
            if attributes:
                keys["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
                keys["ExpressionAttributeNames"] = {f"#{name}": name for name in attributes}
        found: list[tuple[str, list[Item]]] = []
        for turn in range(TRIES):
            answer = await self.ask("batch_get_item", RequestItems=wanted)
            found += answer["Responses"].items()
            # An answer ends at 16 MB, and where a partition is throttled.
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
            await self._pause(self._jitter(0, min(PAUSE_MAX_S, PAUSE_S * 2**turn)))
        raise StoreUnavailable(f"DynamoDB did not hand out all that was asked of {', '.join(wanted)}")

    async def get_at_once(self, table: str, ids: Sequence[str]) -> list[Item]:
        """The items of these ids that exist, as they were at one instant."""
        gets = [{"Get": {"TableName": table, "Key": {"id": {"S": record_id}}}} for record_id in ids]
        answer = await self.ask("transact_get_items", TransactItems=gets)
        return [response["Item"] for response in answer["Responses"] if "Item" in response]

    async def _send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        call = functools.partial(getattr(self._client, operation), **request)
        try:
            answer: dict[str, Any] = await asyncio.get_running_loop().run_in_executor(self._pool, call)
        except (ClientError, BotoCoreError, HTTPClientError) as error:
            raise fault(error) from error
        return answer

    async def close(self) -> None:
        """What is under way ends first."""
        await asyncio.to_thread(self._pool.shutdown)
        self._client.close()
