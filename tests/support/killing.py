"""Processes that die in the middle of a story, and others that tell it to its end."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.persistence.gathering import GatheringStore
from application.passing import unwatched
from tests.support.fake_clock import NOON, FakeClock
from tests.support.opening import open_any
from tests.support.story import Cast, Killer, Story
from tests.support.world import World

FORK = multiprocessing.get_context("fork")
"""A copy of this process has all modules loaded: it dies a hundred times faster than a new interpreter starts."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[GatheringStore]:
    store = GatheringStore(await open_any(url))
    try:
        yield store
    finally:
        await store.close()


async def cast(url: str, folder: Path, name: str) -> Cast:
    async with opened(url) as store:
        world = World.of(folder, store)
        organizer = await world.person_called(f"o-{name}", organizer=True)
        buyer = await world.person_called(f"b-{name}")
        event = await world.event(organizer, capacity=10)
    return Cast(event, organizer, buyer, name)


async def tell(url: str, folder: Path, acting: Cast, killer: Killer | None, kind: type[Story]) -> None:
    """In a process of its own: the first time it may be killed, later it tells the story to its end."""
    async with opened(url) as store:
        clock = FakeClock() if killer else FakeClock(NOON.replace(minute=5))
        await kind.on(store, folder, acting, clock, killer or unwatched).tell()


def in_a_process(url: str, folder: Path, acting: Cast, killer: Killer | None, kind: type[Story] = Story) -> int:
    process = FORK.Process(target=lambda: asyncio.run(tell(url, folder, acting, killer, kind)))
    process.start()
    process.join(60)
    assert process.exitcode is not None, "it neither ended nor died"
    return process.exitcode
