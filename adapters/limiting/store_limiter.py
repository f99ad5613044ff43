from datetime import timedelta
from typing import Final

from attrs import define, evolve, field

from application.counted import RateCount, counted_id
from application.ports.clock import Clock
from application.turns import Turns
from application.work import OVERTAKEN, Begin
from domain.rate_limit import LimitReached, Rate

TRIES: Final = 32
"""How often one that other processes overtook tries again."""


@define(eq=False)
class StoreLimiter:
    """A Limiter on the store, for all processes together: one record for each key, saved with its version."""

    _begin: Begin
    _clock: Clock
    _turns: Turns = field(factory=Turns)

    async def take(self, key: str, rate: Rate) -> None:
        """See Limiter."""
        count_id = counted_id(key)
        async with self._turns.of(count_id):
            for _ in range(TRIES):
                try:
                    await self._once(count_id, rate)
                except OVERTAKEN:
                    continue
                return
        # So many others pass at this moment that this one is too many, whatever the rate.
        raise LimitReached.after(timedelta(seconds=1))

    async def _once(self, count_id: str, rate: Rate) -> None:
        async with self._begin() as work:
            known = await work.rate_counts.find(count_id)
            expected_at = rate.take(known.expected_at if known else None, self._clock.now())
            if known is None:
                work.rate_counts.add(RateCount(count_id, expected_at))
            else:
                work.rate_counts.save(evolve(known, expected_at=expected_at))
            await work.commit()
