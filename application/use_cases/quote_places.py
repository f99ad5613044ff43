from collections.abc import Sequence

from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound
from application.ports.clock import Clock
from application.promo_guesses import PromoGuesses
from application.refusals import refusal
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.expire_holds import ExpireHolds
from application.use_cases.promo_codes import find_promo_code
from application.work import Begin, Work
from domain.allotment import Allotment, Take, TakeRefused
from domain.ids import TicketTypeId
from domain.pricing import Quote, Wanted, quote


@frozen
class QuotePlaces:
    """Say what a wish would cost, by the very rules of BookPlaces, and take nothing.

    It promises nothing either: price, code and places are decided when the places are taken.
    """

    begin: Begin
    clock: Clock
    expire_holds: ExpireHolds
    promo_guesses: PromoGuesses

    async def __call__(self, actor: Actor, command: BookPlacesCommand) -> Quote:
        return await self.promo_guesses.watch(actor, command.promo_code, lambda: self._quote(actor, command))

    async def _quote(self, actor: Actor, command: BookPlacesCommand) -> Quote:
        try:
            return await self._once(actor, command)
        except TakeRefused:
            # As for a booking: a lapsed hold may still be counted.
            if not await self.expire_holds.of_event(command.event_id):
                raise
        return await self._once(actor, command)

    async def _once(self, actor: Actor, command: BookPlacesCommand) -> Quote:
        account, now, work = actor.signed_in(), self.clock.now(), self.begin()
        event = await work.events.find(command.event_id)
        if event is None or not event.is_public_at(now):
            raise NotFound("no such event")
        promo = await find_promo_code(work, event, command.promo_code) if command.promo_code else None
        wanted = [Wanted(TicketTypeId(kind), quantity) for kind, quantity in command.wanted]
        quoted = quote(event, wanted, account.id, now, promo)
        await _check_suffice(work, quoted.takes)
        return quoted


async def _check_suffice(work: Work, takes: Sequence[Take]) -> None:
    """The refusal that the takes would meet as the counts stand now, if any."""
    counted = {allotment.id: allotment for allotment in await work.allotments([take.allotment_id for take in takes])}
    for take in takes:
        # A counter with a ceiling is opened by its first use.
        allotment = counted.get(take.allotment_id) or Allotment(take.allotment_id, take.ceiling or 0)
        most = allotment.capacity if take.ceiling is None else take.ceiling
        if allotment.taken + take.units > most:
            raise refusal(evolve(allotment, capacity=max(most, allotment.taken)))
