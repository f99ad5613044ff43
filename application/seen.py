"""When sessions and keys were used last, written down beside the answers: no request waits for it."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, Self, TypeVar

from attrs import Factory, define

from application.errors import StaleVersion, StoreUnavailable
from application.ports.clock import Clock
from application.records_of_kind import Records
from application.work import Begin, Work

log = logging.getLogger(__name__)

WAITING_MAX: Final = 10_000
"""What comes on top is written down at its next use."""


class Usable(Protocol):
    """Something that people or programs present."""

    @property
    def id(self) -> str: ...

    @property
    def used_at(self) -> datetime | None: ...

    def used(self, at: datetime) -> Self:
        """The same, with its last use."""


U = TypeVar("U", bound=Usable)


@define(eq=False)
class Seen:
    """Notes uses, each record at most as often as its reader wants to know, one after the other.

    It works in the process that saw the use, and not as a job: a server may leave the jobs to another process. What is
    not written down when the process is killed costs the exactness of a last use, and nothing else.
    """

    _begin: Begin
    _clock: Clock
    _waiting: dict[str, "_Use"] = Factory(dict)
    _task: "asyncio.Task[None] | None" = None

    def note(self, kind: type[U], used: U, every: timedelta) -> None:
        """Take it down soon, unless that was done within `every`. Returns at once."""
        now = self._clock.now()
        is_known = used.used_at is not None and now - used.used_at < every
        if is_known or used.id in self._waiting or len(self._waiting) >= WAITING_MAX:
            return
        self._waiting[used.id] = _Use(kind, now)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_down())

    async def settle(self) -> None:
        """Wait until all is written down."""
        if self._task is not None and not self._task.done():
            await self._task

    async def _write_down(self) -> None:
        while self._waiting:
            used_id, use = next(iter(self._waiting.items()))
            try:
                async with self._begin() as work:
                    await _store(work, used_id, use)
            except StaleVersion:
                pass  # It was ended meanwhile, or somebody else noted a use.
            except StoreUnavailable:
                log.warning("the last use of a session or key was not written down: the store does not answer")
            finally:
                self._waiting.pop(used_id, None)


@define
class _Use:
    kind: type[Any]
    at: datetime


async def _store(work: Work, used_id: str, use: _Use) -> None:
    records: Records[Any] = work.of_type(use.kind)
    found = await records.find(used_id)
    if found is not None:
        records.save(found.used(use.at))
        await work.commit()
