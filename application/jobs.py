"""What is done again and again in the background. Each job may run in any number of processes, or rest a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from attrs import frozen

from application.ports.clock import Clock
from application.ports.store import StoreUnavailable

log = logging.getLogger(__name__)


@frozen
class Job:
    """Something to do every so often. It answers how much it did."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[int]]


@frozen
class Jobs:
    clock: Clock
    jobs: Sequence[Job]

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(self._repeat(job))

    async def _repeat(self, job: Job) -> None:
        while True:
            try:
                done = await job.run()
                if done:
                    log.info("a job did something", extra={"job": job.name, "count": done})
            except StoreUnavailable:
                log.warning("a job waits: the store does not answer", extra={"job": job.name})
            except Exception:
                log.exception("a job failed", extra={"job": job.name})
            await self.clock.sleep(job.every_s)

    async def run_once(self) -> dict[str, int]:
        """Each job once, now."""
        return {job.name: await job.run() for job in self.jobs}
