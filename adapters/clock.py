import asyncio
from datetime import UTC, datetime, timedelta

from attrs import define, frozen


@frozen
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(seconds)


@define(eq=False)
class ShiftedClock:
    """The machine's clock, put back by so much: for a demonstration that has a past."""

    _behind: timedelta = timedelta(0)

    def put_back(self, by: timedelta) -> None:
        """So much before the machine's time from now on; zero is the machine's time."""
        self._behind = by

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC) - self._behind

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(seconds)
