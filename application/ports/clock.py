from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """This instant, aware and in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long, in this clock's time."""
