"""The application on Lambda: an event of API Gateway or of a function's URL is a request, one of a schedule is work."""

import asyncio
import logging
from typing import Any, Final, Protocol

from attrs import define, field
from mangum import Mangum

from application.deeds import Deeds
from application.jobs import Job

log = logging.getLogger(__name__)

RESERVE_S: Final = 5.0
"""So long before Lambda would stop us we stop ourselves: what was taken up is then given back in order."""
_SCHEDULES: Final = frozenset({"aws.events", "aws.scheduler"})
_TEXTS: Final = ["text/", "application/json", "application/problem+json", "application/javascript", "image/svg+xml"]
"""What goes into an answer as it is; all else as base64."""


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


class HasFailed(Exception):
    """Some scheduled work failed, so that Lambda counts the run as an error and its alarm rings."""


@define(eq=False)
class LambdaEntry:
    """Answers events, one at a time, as Lambda hands them over.

    Nothing runs between two events, for Lambda stops the process: so the relay and the jobs wait for their schedule.
    The application is neither started nor stopped, since a stop closes the store and the next event would find it shut.
    """

    app: Any = field(repr=False)
    deeds: Deeds = field(repr=False)
    _loop: asyncio.AbstractEventLoop = field(init=False, repr=False)
    _http: Mangum = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # Mangum asks for the loop of the thread; clients that were opened on one live as long as it.
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._http = Mangum(self.app, lifespan="off", text_mime_types=_TEXTS)

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        if event.get("source") in _SCHEDULES:
            return self._loop.run_until_complete(self._work(context.get_remaining_time_in_millis() / 1000))
        answer: dict[str, Any] = self._http(event, context)  # type: ignore[arg-type]  # Lambda's context has more than we name
        return answer

    def close(self) -> None:
        """For whoever makes more than one: Lambda never asks for it."""
        asyncio.set_event_loop(None)
        self._loop.close()

    async def _work(self, left_s: float) -> dict[str, Any]:
        """What is due, as far as there is time. What is left is due again at the next event."""
        done: dict[str, int] = {}
        failed: list[str] = []
        has_ended = True
        try:
            async with asyncio.timeout(max(0.0, left_s - RESERVE_S)):
                # First what people wait for; and once more, for jobs make facts.
                for job in (self._relay, *self.deeds.jobs.jobs, self._relay):
                    await self._do(job, done, failed)
        except TimeoutError:
            has_ended = False
            log.warning("scheduled work did not end in time")
        if failed:
            raise HasFailed(f"failed: {', '.join(failed)}; done: {done}")
        return {"done": done, "ended": has_ended}

    @property
    def _relay(self) -> Job:
        async def drain() -> int:
            handed = 0
            while count := await self.deeds.relay.run_once():
                handed += count
            return handed

        return Job("relay", 0, drain)

    async def _do(self, job: Job, done: dict[str, int], failed: list[str]) -> None:
        try:
            done[job.name] = done.get(job.name, 0) + await job.run()
        except Exception:
            # The others are not to wait for what one of them cannot do.
            log.exception("a job failed", extra={"job": job.name})
            failed.append(job.name)
