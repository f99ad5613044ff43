from attrs import Factory, define, field, frozen

from application.access import Actor
from application.errors import NotFound
from application.ids import Ids
from application.once import Once
from application.ports.clock import Clock
from application.promo_guesses import PromoGuesses
from application.use_cases.expire_holds import ExpireHolds
from application.use_cases.promo_codes import find_promo_code
from application.work import Begin, retrying
from domain.account import Account
from domain.allotment import LiveHoldsReached, TakeRefused, live_hold
from domain.booking import Booking, Buyer
from domain.errors import DomainError
from domain.event import Event
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
    promo_code: str = ""
    """As the buyer typed it; empty for none."""


@define(eq=False)
class Remembered:
    """Events as this process last read them, the latest few."""

    most: int = 1_000
    _events: dict[str, Event] = Factory(dict)

    def get(self, event_id: str) -> Event | None:
        return self._events.get(event_id)

    def keep(self, event: Event) -> None:
        self._events.pop(event.id, None)
        self._events[event.id] = event
        if len(self._events) > self.most:
            del self._events[next(iter(self._events))]


@frozen
class BookPlaces:
    """Take places out of their allotments until the hold's deadline; free ones are the buyer's at once.

    The first try is decided on the event as it was last read, which spares a round trip. Its commit expects that very
    version, so that what it grants is right; whatever it would refuse is decided anew on a fresh read.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    expire_holds: ExpireHolds
    promo_guesses: PromoGuesses
    live_holds_max: int = 0
    """How many unpaid holds a person may have at a time; 0: any number. It costs a row in the commit of each hold."""
    remembered: Remembered = field(factory=Remembered)

    async def __call__(self, actor: Actor, command: BookPlacesCommand, once: Once | None = None) -> Booking:
        if not command.promo_code:
            return await self._book_if_free(actor, command, once)
        return await self.promo_guesses.watch(
            actor, command.promo_code, lambda: self._book_if_free(actor, command, once)
        )

    async def _book_if_free(self, actor: Actor, command: BookPlacesCommand, once: Once | None) -> Booking:
        try:
            return await self._book(actor, command, once)
        except LiveHoldsReached:
            if not await self.expire_holds.of_buyer(actor.signed_in().id):
                raise
        except TakeRefused:
            # A lapsed hold may still be counted: the clock and not the sweeper decides that its places are free.
            if not await self.expire_holds.of_event(command.event_id):
                raise
        return await self._book(actor, command, once)

    async def _book(self, actor: Actor, command: BookPlacesCommand, once: Once | None) -> Booking:
        known = self.remembered.get(command.event_id)
        if known is not None:
            try:
                return await self._decide(actor, command, once, known, actor.signed_in())
            except TakeRefused:
                raise  # The store compares versions before it counts places.
            except DomainError:
                pass
        return await retrying(lambda: self._afresh(actor, command, once))

    async def _afresh(self, actor: Actor, command: BookPlacesCommand, once: Once | None) -> Booking:
        work = self.begin()
        known = actor.signed_in()
        event, account = await work.find_both(work.events, command.event_id, work.accounts, known.id)
        if event is None:
            raise NotFound("no such event")
        self.remembered.keep(event)
        return await self._decide(actor, command, once, event, account or known)

    async def _decide(
        self, actor: Actor, command: BookPlacesCommand, once: Once | None, event: Event, account: Account
    ) -> Booking:
        now = self.clock.now()
        account.check_stays(now)
        if not event.is_public_at(now):
            raise NotFound("no such event")
        wanted = [Wanted(TicketTypeId(kind), quantity) for kind, quantity in command.wanted]
        async with self.begin() as work:
            promo = await find_promo_code(work, event, command.promo_code) if command.promo_code else None
            quoted = quote(event, wanted, account.id, now, promo)
            buyer = Buyer(account.id, command.name or account.name, account.email)
            booking = Booking.hold(BookingId(self.ids.new("bkg")), event, quoted, buyer, now)
            if quoted.total:
                # By the actor's name: holds of strangers who type somebody's address are not those of the signed in.
                booking = booking.counted_live(
                    live_hold(actor.name, self.live_holds_max) if self.live_holds_max else None
                )
                work.change(*booking.moves(held=1))
            else:
                booking = booking.confirm(now)
                work.change(*booking.moves(sold=1))
                # An erasure that began since the account was read has not seen this. What must be paid for lapses.
                work.accounts.expect(account)
            work.bookings.add(booking)
            work.events.expect(event)
            if promo is not None:
                work.promo_codes.expect(promo)
            work.answer(once, booking)
            await work.commit()
        return booking
