import logging
from datetime import timedelta
from typing import Any, Final

from attrs import evolve, frozen

from application.access import Actor
from application.errors import AlreadyExists, StaleVersion, StoreUnavailable
from application.kind import microseconds
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.use_cases.cancel_booking import CancelBooking, CancelBookingCommand
from application.use_cases.follow_refunds import FollowRefunds
from application.work import Begin, Work, retrying
from domain.booking import Booking, BookingOver, BookingStatus
from domain.booking_outcome import BookingOutcome
from domain.errors import DomainError
from domain.event_cancellation import CancellationState, EventCancellation
from domain.refund import Refund

log = logging.getLogger(__name__)

ALIVE: Final = (BookingStatus.HELD, BookingStatus.AWAITING_PAYMENT, BookingStatus.CONFIRMED)
"""The states that a cancellation ends, in this order: baskets before what was bought."""
BATCH: Final = 200
"""How many bookings of one event are ended in one go."""
LEASE: Final = timedelta(seconds=30)
"""How long one process has an event in hand: after that, or once that process has died, any other goes on."""


@frozen
class CancelBookings:
    """End and refund every booking of the events that were called off, one after the other.

    Each booking ends in a commit of its own, with its refund and the line about it. So it goes on from wherever it was
    stopped, in any process, and what one booking refuses keeps no other from ending. The lease only keeps two processes
    from doing the same work: that nothing happens twice is up to the bookings themselves.
    """

    begin: Begin
    clock: Clock
    store: Store
    cancel_booking: CancelBooking
    follow_refunds: FollowRefunds

    async def __call__(self) -> int:
        """How many bookings ended."""
        ended = 0
        async for listed in every(self.store, Listing("event_cancellation", "by_state", CancellationState.RUNNING)):
            try:
                ended += await self.of_event(listed.id)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("the cancellation of an event was passed over", extra={"event": listed.id})
        await self._look_again()
        return ended

    async def of_event(self, event_id: str) -> int:
        """How many bookings of one event ended; none if it is paused, done, or in the hands of another process."""
        ours = await self._lease(event_id)
        if ours is None:
            return 0
        batch, some_alive = await self._batch(ours.id)
        ended = 0
        for booking in batch:
            if not await self._is_ours(ours):
                return ended
            ended += await self._end(ours, booking)
        await self._release(ours, is_done=not some_alive and await self._is_empty(ours.id))
        return ended

    async def _lease(self, event_id: str) -> EventCancellation | None:
        now = self.clock.now()
        async with self.begin() as work:
            found = await work.event_cancellations.find(event_id)
            if found is None or not found.is_free(now):
                return None
            leased = found.leased(now + LEASE)
            work.event_cancellations.save(leased)
            try:
                await work.commit()
            except StaleVersion:
                return None
        return evolve(leased, version=leased.version + 1)

    async def _is_ours(self, leased: EventCancellation) -> bool:
        """Whether nobody has paused it or taken it over since we leased it."""
        now = await self.begin().event_cancellations.get(leased.id)
        return now == leased and not now.is_free(self.clock.now())

    async def _release(self, leased: EventCancellation, *, is_done: bool) -> None:
        async with self.begin() as work:
            work.event_cancellations.save(leased.done(self.clock.now()) if is_done else leased.released())
            try:
                await work.commit()
            except StaleVersion:
                return  # Somebody paused it or took it over: their word counts.

    async def _batch(self, event_id: str) -> tuple[list[Booking], bool]:
        """The bookings to end now, and whether any is alive, those too that are to be tried again later."""
        now, some_alive, batch = self.clock.now(), False, list[Booking]()
        for status in ALIVE:
            after: str | None = None
            while len(batch) < BATCH:
                listing = Listing("booking", "by_event", event_id, equal={"status": status}, after=after)
                page: Page[Any] = await self.store.list(listing)
                some_alive = some_alive or bool(page.items)
                known = await self.begin().booking_outcomes.get_all(booking.id for booking in page.items)
                resting = {outcome.id for outcome in known if outcome.is_resting(now)}
                batch += [booking for booking in page.items if booking.id not in resting]
                after = page.next_cursor
                if after is None:
                    break
        return batch, some_alive

    async def _is_empty(self, event_id: str) -> bool:
        """Whether nothing of the event is held or sold: the counts know at once what a list may not show yet."""
        work = self.begin()
        event = await work.events.get(event_id)
        counted = await work.allotments(allotment.id for allotment in event.allotments)
        return all(allotment.taken == 0 for allotment in counted)

    async def _end(self, cancellation: EventCancellation, booking: Booking) -> bool:
        command = CancelBookingCommand(booking.id, cancellation.words)
        try:
            await self.cancel_booking(Actor.system(), command, note=self._note)
        except StoreUnavailable:
            raise
        except (AlreadyExists, StaleVersion, BookingOver):
            return False  # Somebody else had it in hand: the next round sees what became of it.
        except Exception as error:
            log.exception("a booking cannot be cancelled with its event", extra={"booking": booking.id})
            words = str(error) if isinstance(error, DomainError) else f"an error of ours: {type(error).__name__}"
            await retrying(lambda: self._note_trouble(booking, words))
            return False
        return True

    async def _note(self, work: Work, booking: Booking, refund: Refund | None, /) -> None:
        """In the commit that ends the booking: the line about it."""
        now = self.clock.now()
        known = await work.booking_outcomes.find(booking.id)
        ended = (known or BookingOutcome.of(booking, now)).ended(booking, refund, now)
        if known is None:
            work.booking_outcomes.add(ended)
        elif ended != known:
            work.booking_outcomes.save(ended)

    async def _note_trouble(self, booking: Booking, words: str) -> None:
        now = self.clock.now()
        async with self.begin() as work:
            known = await work.booking_outcomes.find(booking.id)
            noted = (known or BookingOutcome.of(booking, now)).not_cancelled(words, now)
            (work.booking_outcomes.add if known is None else work.booking_outcomes.save)(noted)
            await work.commit()

    async def _look_again(self) -> None:
        """At money that nobody told us news of for a while."""
        due = Listing("booking_outcome", "looking", "all", below=microseconds(self.clock.now()) + 1)
        page: Page[Any] = await self.store.list(due)
        for outcome in page.items:
            try:
                await self.follow_refunds(outcome.id)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("the money of a booking cannot be looked at", extra={"booking": outcome.id})
                await self._put_off(outcome)

    async def _put_off(self, listed: BookingOutcome) -> None:
        async with self.begin() as work:
            work.booking_outcomes.save(listed.put_off(self.clock.now()))
            try:
                await work.commit()
            except StaleVersion:
                return  # There is news of it: that counts.
