"""What works on while nobody asks."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from attrs import define, field

from application.deeds import Deeds
from application.jobs import Jobs


@define(eq=False)
class Background:
    """The relay and the jobs, beside the server or on their own."""

    _deeds: Deeds
    _of_this_process: Sequence[Jobs] = ()
    """What each process does for itself, whoever relays."""
    _relays: bool = field(default=True, kw_only=True)
    _tasks: list["asyncio.Task[None]"] = field(init=False, factory=list)

    async def start(self) -> None:
        shared = [self._deeds.relay.run(), self._deeds.jobs.run()] if self._relays else []
        self._tasks = [asyncio.create_task(work) for work in (*shared, *(jobs.run() for jobs in self._of_this_process))]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def run(self) -> None:
        """Work until cancelled."""
        await self.start()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            await self.stop()
