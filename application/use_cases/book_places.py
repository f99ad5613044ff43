from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ids import Ids
from application.once import Once
from application.ports.clock import Clock
from application.use_cases.expire_holds import ExpireHolds
from application.work import Begin, retrying
from domain.allotment import BuyerLimitReached, SoldOut
from domain.booking import Booking, Buyer
from domain.ids import BookingId, TicketTypeId
from domain.pricing import Wanted, quote


@frozen
class BookPlacesCommand:
    """What a buyer wants: never a price."""

    event_id: str
    wanted: tuple[tuple[str, int], ...]
    """Ticket type id and quantity."""
    name: str | None = None
    """Who the booking is for, if not as on the account."""


@frozen
class BookPlaces:
    """Take places out of their allotments until the hold's deadline; free ones are the buyer's at once."""

    begin: Begin
    clock: Clock
    ids: Ids
    expire_holds: ExpireHolds

    async def __call__(self, actor: Actor, command: BookPlacesCommand, once: Once | None = None) -> Booking:
        try:
            return await retrying(lambda: self._once(actor, command, once))
        except (SoldOut, BuyerLimitReached):
            # A lapsed hold may still be counted: the clock and not the sweeper decides that its places are free.
            if not await self.expire_holds.of_event(command.event_id):
                raise
        return await retrying(lambda: self._once(actor, command, once))

    async def _once(self, actor: Actor, command: BookPlacesCommand, once: Once | None) -> Booking:
        account = actor.signed_in()
        now = self.clock.now()
        async with self.begin() as work:
            event = await work.events.find(command.event_id)
            if event is None or not event.is_public_at(now):
                raise NotFound("no such event")
            wanted = [Wanted(TicketTypeId(kind), quantity) for kind, quantity in command.wanted]
            quoted = quote(event, wanted, account.id, now)
            buyer = Buyer(account.id, command.name or account.name, account.email)
            booking = Booking.hold(BookingId(self.ids.new("bkg")), event, quoted, buyer, now)
            if quoted.total:
                work.change(*booking.moves(held=1))
            else:
                booking = booking.confirm(now)
                work.change(*booking.moves(sold=1))
            work.bookings.add(booking)
            work.events.expect(event)
            work.answer(once, booking)
            await work.commit()
        return booking
