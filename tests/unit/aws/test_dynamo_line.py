"""How long it is waited between tries: never the same, and never for long."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import define

from adapters.aws.dynamo_line import LOST_TRIES, PAUSE_MAX_S, PAUSE_S, TRIES, DynamoLine
from application.ports.store import StoreUnavailable
from tests.support.failing_dynamo import no_answer, refusal


@define
class Refusing:
    """A client that never serves anybody."""

    error: Exception
    asked: int = 0

    def query(self, **_request: Any) -> Any:
        self.asked += 1
        raise self.error

    def close(self) -> None:
        return


async def _pauses(client: Refusing) -> list[float]:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    line = DynamoLine(client, ThreadPoolExecutor(1), jitter=lambda least, most: least + most, pause=pause)
    with pytest.raises(StoreUnavailable):
        await line.ask("query")
    await line.close()
    return pauses


async def test_each_pause_may_be_twice_as_long_as_the_one_before_up_to_a_bound() -> None:
    client = Refusing(refusal("ThrottlingException"))

    pauses = await _pauses(client)

    assert client.asked == TRIES
    assert pauses == [min(PAUSE_MAX_S, PAUSE_S * 2**turn) for turn in range(TRIES - 1)]


async def test_who_does_not_answer_at_all_is_asked_a_few_times_only() -> None:
    client = Refusing(no_answer())

    await _pauses(client)

    assert client.asked == LOST_TRIES


async def test_pauses_of_two_that_collided_differ() -> None:
    line = DynamoLine(Refusing(no_answer()), ThreadPoolExecutor(1))

    assert len({line._jitter(0, 1) for _ in range(100)}) > 90

    await line.close()


@pytest.mark.parametrize("code", ["ValidationException", "SerializationException"])
async def test_a_mistake_of_ours_is_not_tried_again(code: str) -> None:
    client = Refusing(refusal(code))
    line = DynamoLine(client, ThreadPoolExecutor(1))

    with pytest.raises(type(client.error)):
        await line.ask("query")

    assert client.asked == 1
    await line.close()
