import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

NOON: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until a test moves it.

    `sleep` waits until the clock was moved so far. With `skips` it moves the clock itself and returns at once, for code
    whose pauses are of no interest.
    """

    def __init__(self, start: datetime = NOON, *, skips: bool = False) -> None:
        self._now = start
        self._skips = skips
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    @property
    def sleepers(self) -> int:
        """How many wait for the clock to move."""
        return sum(not woken.done() for _, woken in self._sleepers)

    def set(self, instant: datetime) -> None:
        """Go to an instant, back in time too, as clocks of machines do; wake who slept until then, in order."""
        self._now = instant
        due = [sleeper for sleeper in self._sleepers if sleeper[0] <= instant]
        self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[0] > instant]
        for _, woken in sorted(due, key=lambda sleeper: sleeper[0]):
            if not woken.done():
                woken.set_result(None)

    def advance(self, by: timedelta | float) -> None:
        """Move on by a time span, or by seconds."""
        self.set(self._now + (by if isinstance(by, timedelta) else timedelta(seconds=by)))

    async def sleep(self, seconds: float) -> None:
        if self._skips:
            self.advance(seconds)
        if self._skips or seconds <= 0:
            await asyncio.sleep(0)  # Others get their turn, as with any clock.
            return
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + timedelta(seconds=seconds), woken))
        await woken
