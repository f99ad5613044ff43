from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

from attrs import define, field

from application.access import Actor
from application.limits import PROMO_CODE, Limits
from application.ports.clock import Clock
from application.turns import Turns
from domain.promo_code import PromoCodeUnknown
from domain.rate_limit import LimitReached

T = TypeVar("T")

_MOST: Final = 1_000


@define(eq=False)
class PromoGuesses:
    """Counts promotion codes that do not exist, for each person.

    A right code costs no round trip: the store is asked about a wrong one only, and this process remembers whom it
    said no to, so that they learn nothing of the next code either. Another process lets one more guess through before
    it knows.
    """

    _limits: Limits
    _clock: Clock
    _turns: Turns = field(factory=Turns)
    _refused_until: dict[str, datetime] = field(factory=dict)

    async def watch(self, actor: Actor, code: str, deed: Callable[[], Awaitable[T]]) -> T:
        """Do a deed with a code as it was typed; LimitReached in place of it, or of PromoCodeUnknown."""
        if not code or actor.is_trusted:
            return await deed()
        # Many at the same moment would all be looked at before the first is counted.
        async with self._turns.of(actor.name):
            self._check(actor)
            try:
                return await deed()
            except PromoCodeUnknown:
                await self._count(actor)
                raise

    def _check(self, actor: Actor) -> None:
        until, now = self._refused_until.get(actor.name), self._clock.now()
        if until is not None and now < until:
            raise LimitReached.after(until - now)

    async def _count(self, actor: Actor) -> None:
        try:
            await self._limits.check_person(PROMO_CODE, actor)
        except LimitReached as reached:
            now = self._clock.now()
            if len(self._refused_until) >= _MOST:
                self._refused_until = {name: until for name, until in self._refused_until.items() if until > now}
            self._refused_until[actor.name] = now + reached.wait
            raise
