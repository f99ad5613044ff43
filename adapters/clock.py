import asyncio
from datetime import UTC, datetime

from attrs import frozen


@frozen
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(seconds)
