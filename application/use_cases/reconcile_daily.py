import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from attrs import frozen

from application.gateways import Gateway
from application.ports.clock import Clock
from application.use_cases.reconcile import NothingToCompare, Reconcile
from domain.reconciliation import ReconciliationRunning

SETTLES_IN: Final = timedelta(hours=1)
"""A day is compared once it has been over for so long, for lists lag."""
LOOKS_BACK: Final = 7
"""So many days are made up for after a stand-still."""

log = logging.getLogger(__name__)


@frozen
class ReconcileDaily:
    """Compare each day once with each gateway that gives a list, however many processes try.

    A day that could not be finished is tried again, and so are those that were missed while nothing ran.
    """

    clock: Clock
    reconcile: Reconcile

    async def __call__(self) -> int:
        """How many days were compared to their end."""
        try:
            gateways = self.reconcile.with_lists()
        except NothingToCompare:
            return 0
        last = (self.clock.now() - SETTLES_IN).date() - timedelta(days=1)
        days = [datetime.combine(last - timedelta(days=back), time(), UTC) for back in reversed(range(LOOKS_BACK))]
        return sum([await self._days(gateway, days) for gateway in gateways])

    async def _days(self, gateway: Gateway, days: Sequence[datetime]) -> int:
        finished = 0
        for day in days:
            try:
                compared = await self.reconcile.day_once(gateway, day)
            except ReconciliationRunning:
                continue  # Another process is at it.
            if compared is None:
                continue
            if compared.trouble:
                log.warning(
                    "a comparison did not come to its end: see `relexbooking payments findings`",
                    extra={"reconciliation": compared.id},
                )
                break  # It would not answer about the other days either.
            finished += 1
        return finished
