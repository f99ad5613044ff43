import logging

from attrs import frozen

from application.errors import StaleVersion, StoreUnavailable
from application.kinds import microseconds
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.work import Begin

log = logging.getLogger(__name__)


@frozen
class ExpireHolds:
    """Give back the places of lapsed holds. It tidies: nothing waits for it, and it may run anywhere, any time."""

    begin: Begin
    clock: Clock
    store: Store

    async def everywhere(self) -> int:
        """How many holds ended."""
        return await self._expire(Listing("booking", "expiring", "all", below=self._now()))

    async def of_event(self, event_id: str) -> int:
        """How many of this event's holds ended."""
        return await self._expire(
            Listing("booking", "expiring", "all", below=self._now(), equal={"event_id": event_id})
        )

    def _now(self) -> int:
        return microseconds(self.clock.now()) + 1

    async def _expire(self, listing: Listing) -> int:
        ended = 0
        async for listed in every(self.store, listing):
            try:
                ended += await self._one(listed.id)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("hold %s cannot be ended", listed.id)  # The others can.
        return ended

    async def _one(self, booking_id: str) -> bool:
        async with self.begin() as work:
            booking = await work.bookings.find(booking_id)
            expired = booking.expire(self.clock.now()) if booking else None
            if booking is None or expired is None or expired is booking:
                return False
            work.bookings.save(expired)
            work.change(*booking.moves(held=-1))
            try:
                await work.commit()
            except StaleVersion:
                return False  # Somebody paid, cancelled or expired it meanwhile.
        return True
