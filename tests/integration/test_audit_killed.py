"""A process that seals and signs is killed at every commit; the next goes on, and the chain is whole."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.auditing.file_witness import FileWitness
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import SqlStore
from application.passing import Point, unwatched
from tests.support.fake_clock import NOON, FakeClock
from tests.support.killing import FORK, opened
from tests.support.meddling import Sealed, SqlHand
from tests.support.story import Killer
from tests.support.world import World

COUNT = 100
COMMITS = 4
"""Three batches are sealed, and one checkpoint is signed."""


def _on(store: GatheringStore, folder: Path, minute: int, passing: Killer | None = None) -> Sealed:
    clock = FakeClock(NOON + timedelta(minutes=minute))
    world = World.of(folder, store, clock=clock, passing=passing or unwatched)
    assert isinstance(store._store, SqlStore)
    return Sealed(world, SqlHand(store._store), folder)


async def _record(url: str, folder: Path) -> None:
    async with opened(url) as store:
        await _on(store, folder, 0).record(COUNT)


async def _seal_and_sign(url: str, folder: Path, minute: int, killer: Killer | None) -> None:
    async with opened(url) as store:
        deeds = _on(store, folder, minute, killer).world.deeds
        await deeds.seal_audit()
        # Signed by a clock that is five minutes ahead of the one that sealed.
        await _on(store, folder, minute + 6, killer).world.deeds.sign_checkpoint()


def _in_a_process(url: str, folder: Path, minute: int, killer: Killer | None) -> int | None:
    process = FORK.Process(target=lambda: asyncio.run(_seal_and_sign(url, folder, minute, killer)))
    process.start()
    process.join(60)
    return process.exitcode


async def _check(url: str, folder: Path) -> None:
    async with opened(url) as store:
        chain = _on(store, folder, 30)
        found = await chain.verify()
        assert (found.why, found.links, found.waiting) == ("", COUNT, 0)
        assert found.covered == COUNT
        assert [kept.sequence for kept in await FileWitness(folder / "audit").read()][-1] == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("nth", range(1, COMMITS + 1))
@pytest.mark.parametrize("point", [Point.BEFORE_COMMIT, Point.AFTER_COMMIT])
def test_killed_at_any_commit_the_next_makes_the_chain_whole(
    durable_url: str, tmp_path: Path, point: Point, nth: int
) -> None:
    asyncio.run(_record(durable_url, tmp_path))

    assert _in_a_process(durable_url, tmp_path, 0, Killer(point, nth)) == -signal.SIGKILL
    assert _in_a_process(durable_url, tmp_path, 10, None) == 0

    asyncio.run(_check(durable_url, tmp_path))
