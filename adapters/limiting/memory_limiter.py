from datetime import datetime
from typing import Final

from attrs import define, field

from application.ports.clock import Clock
from domain.rate_limit import Rate

_SWEPT_AT: Final = 1_024


@define(eq=False)
class MemoryLimiter:
    """A Limiter of this process: no round trip, and each further process has a budget of its own."""

    _clock: Clock
    _expected: dict[str, datetime] = field(factory=dict)
    _swept_at: int = _SWEPT_AT

    async def take(self, key: str, rate: Rate) -> None:
        """See Limiter."""
        now = self._clock.now()
        self._expected[key] = rate.take(self._expected.get(key), now)
        if len(self._expected) > self._swept_at:
            self._sweep(now)

    def _sweep(self, now: datetime) -> None:
        """Forget what is past. Each sweep comes after as many new keys as it looks at, so that it costs them little."""
        self._expected = {key: expected for key, expected in self._expected.items() if expected > now}
        self._swept_at = max(_SWEPT_AT, 2 * len(self._expected))
