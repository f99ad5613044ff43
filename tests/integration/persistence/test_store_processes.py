"""Several processes on one database, as `serve --workers 2` is."""

import asyncio
import sys
from asyncio.subprocess import PIPE

import pytest

from application.ports.store import ChangeSet
from domain.allotment import Allotment
from tests import build
from tests.contracts.store_races import HOT, LAST_PLACES
from tests.support.opening import open_any

BUYERS = 100


@pytest.fixture(
    params=[
        "sqlite_url",
        pytest.param("postgres_url", marks=pytest.mark.postgres),
        pytest.param("dynamo_url", marks=pytest.mark.dynamo),
    ]
)
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


async def test_processes_do_not_oversell(url: str) -> None:
    store = await open_any(url)
    event = build.event()
    await store.commit([ChangeSet((event,), allotments=(Allotment(HOT, LAST_PLACES),))])
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.buyer_process", url, event.id, str(BUYERS), str(number * 10**6)),
            stdin=PIPE,
            stdout=PIPE,
        )
        for number in (1, 2)
    ]

    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    assert sum(int(answer) for answer, _ in answers) == LAST_PLACES
    assert await store.allotments([HOT]) == {HOT: Allotment(HOT, LAST_PLACES, LAST_PLACES)}
    await store.close()
