"""A CSV report over a real socket: whole, or visibly broken off."""

import asyncio
import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from application.ports.store import ChangeSet
from application.queries.reports import Line, Lines
from domain.ids import LedgerId
from tests import build
from tests.support.http_stage import Caller, Stage
from tests.support.polling import eventually
from tests.support.sandbox_provider import free_port

ROWS = 1_250
PATH = "/api/v1/reports/transactions.csv?start=2026-11-22&end=2026-11-23"


@pytest.fixture
async def stage(tmp_path: Any) -> AsyncIterator[Stage]:
    async with Stage.of(tmp_path) as stage:
        yield stage


@pytest.fixture
async def organizer(stage: Stage) -> Caller:
    """Somebody with rows for many pages."""
    caller = await stage.organizer()
    event = await stage.world.event(caller.actor)
    rows = [
        build.ledger_transaction(
            id=LedgerId(f"led/{number:05d}"),
            event_id=event.id,
            organizer_id=event.organizer_id,
            at=build.NOW + timedelta(minutes=number),
        )
        for number in range(ROWS)
    ]
    for start in range(0, ROWS, 50):
        await stage.world.container.store().commit([ChangeSet(inserts=tuple(rows[start : start + 50]))])
    return caller


@pytest.fixture
async def address(stage: Stage) -> AsyncIterator[str]:
    """Where the server that we ship on serves this stage."""
    port = free_port()
    app: Any = stage.app
    server: Any = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False)
    running = asyncio.get_running_loop().create_task(server.serve())

    async def answers() -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True
        return False

    await eventually(answers, bool)
    yield f"http://127.0.0.1:{port}"
    server.stop()
    await running


async def test_a_report_of_many_pages_is_whole_and_comes_in_parts(
    stage: Stage, organizer: Caller, address: str
) -> None:
    headers = {"authorization": f"Bearer {organizer.token}"}
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, headers=headers) as client,
        client.stream("GET", PATH) as answer,
    ):
        parts = [part async for part in answer.aiter_bytes()]

    assert answer.headers["transfer-encoding"] == "chunked"
    assert len(parts) > 1
    rows = list(csv.DictReader(StringIO(b"".join(parts).decode("utf-8-sig"), newline="")))
    assert len(rows) == ROWS
    assert [row["time_utc"] for row in rows] == sorted(row["time_utc"] for row in rows)


async def test_a_report_that_breaks_off_does_not_look_whole(
    stage: Stage, organizer: Caller, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Lines.read

    async def breaking(lines: Lines) -> AsyncIterator[Sequence[Line]]:
        async for page in read(lines):
            yield page
            raise TimeoutError

    monkeypatch.setattr(Lines, "read", breaking)
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(PATH, headers={"authorization": f"Bearer {organizer.token}"})
