from attrs import frozen

from application.errors import StaleVersion
from application.kind import microseconds
from application.listing import each
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.work import Begin
from domain.booking import Booking


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

    async def of_buyer(self, buyer_id: str) -> int:
        """How many of this buyer's holds ended."""
        return await self._expire(
            Listing("booking", "expiring", "all", below=self._now(), equal={"buyer_id": buyer_id})
        )

    def _now(self) -> int:
        return microseconds(self.clock.now()) + 1

    async def _expire(self, listing: Listing) -> int:
        return await each(self.store, listing, self._one)

    async def _one(self, listed: Booking) -> bool:
        async with self.begin() as work:
            booking = await work.bookings.find(listed.id)
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
