"""Whether the gateways' notices reach us: nothing else says that an endpoint was disabled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from application.kind import microseconds
from application.ports.clock import Clock
from application.ports.store import PAGE_MAX, Listing, Store
from application.work import Begin
from domain.ledger import LedgerKind
from domain.payment import Payment

WITHIN: Final = timedelta(minutes=10)
"""So long a notice may take before its payment counts as never announced."""
LOOKS_BACK: Final = timedelta(days=1)
IN_A_ROW: Final = 3
"""So many of the latest payments without a notice are no accident any more."""


@frozen
class Announced:
    """How one gateway kept us informed about the latest payments of the last day, a hundred at most."""

    gateway: str
    captured: int
    unannounced: int
    """Of those, how many no notice ever spoke of: a poll or a comparison found them."""
    silent_since: datetime | None = None
    """When the first was captured of those without a notice that are the latest of all; None if the latest had one."""
    in_a_row: int = 0
    """How many those are."""

    @property
    def is_silent(self) -> bool:
        return self.in_a_row >= IN_A_ROW


@frozen
class Announcements:
    """Looks at which captured payments the gateways sent a notice about. It costs two pages, however many there are."""

    begin: Begin
    clock: Clock
    store: Store
    gateways: Sequence[str]
    """Their names."""

    async def __call__(self) -> Sequence[Announced]:
        """One for each gateway of this installation."""
        latest = await self._latest()
        return [self._of(name, [one for one in latest if one.gateway == name]) for name in self.gateways]

    def _of(self, gateway: str, latest: Sequence[Payment]) -> Announced:
        unannounced = sum(not payment.announced for payment in latest)
        in_a_row = next((count for count, payment in enumerate(latest) if payment.announced), len(latest))
        since = latest[in_a_row - 1].captured_at if in_a_row else None
        return Announced(gateway, len(latest), unannounced, since, in_a_row)

    async def _latest(self) -> Sequence[Payment]:
        """The newest first, without those whose notice may still be on its way."""
        until = self.clock.now() - WITHIN
        since = until - LOOKS_BACK
        ids: list[str] = []
        for day in dict.fromkeys((until.date(), since.date())):
            listing = Listing(
                "ledger",
                "by_day",
                day.isoformat(),
                least=microseconds(since),
                below=microseconds(until) + 1,
                descending=True,
                equal={"kind": LedgerKind.CAPTURE},
            )
            captures: Any = await self.store.list(listing)
            ids.extend(moved.payment_id for moved in captures.items)
        return await self.begin().payments.get_all(ids[:PAGE_MAX])
