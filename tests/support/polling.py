"""Waiting for what happens in other processes, no longer than it takes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

PAUSE_S: Final = 0.02
PATIENCE_S: Final = 20.0


async def eventually(probe: Callable[[], Awaitable[T]], wanted: Callable[[T], bool]) -> T:
    """The first answer of `probe` that is wanted; AssertionError if none comes in time."""
    deadline = time.monotonic() + PATIENCE_S
    while not wanted(answer := await probe()):
        assert time.monotonic() < deadline, f"still {answer!r} after {PATIENCE_S} s"
        await asyncio.sleep(PAUSE_S)
    return answer


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""

    async def probe() -> bool:
        return is_so()

    await eventually(probe, bool)
