"""What works on while nobody asks."""

import asyncio
from contextlib import suppress

from attrs import define, field

from application.deeds import Deeds


@define(eq=False)
class Background:
    """The relay and the jobs, beside the server or on their own."""

    _deeds: Deeds
    _tasks: list["asyncio.Task[None]"] = field(factory=list)

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._deeds.relay.run()), asyncio.create_task(self._deeds.jobs.run())]

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
