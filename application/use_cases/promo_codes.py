from datetime import datetime

from attrs import evolve, frozen

from application.access import Actor
from application.errors import AlreadyExists
from application.event_access import event_for
from application.once import Once
from application.ports.clock import Clock
from application.work import Begin, Work, retrying
from domain.errors import InvalidValue
from domain.event import Event
from domain.ids import TicketTypeId
from domain.money import Money
from domain.promo_code import PromoCode, PromoCodeUnknown, canonical, promo_code_id

_UNKNOWN = "there is no such promotion code for this event"


async def find_promo_code(work: Work, event: Event, typed: str) -> PromoCode:
    """This event's code, read from the store itself; PromoCodeUnknown, in the same words, for whatever else is typed.

    The key that is read names the event: a code of another event is not even looked at.
    """
    try:
        code = canonical(typed)
    except InvalidValue:
        raise PromoCodeUnknown(_UNKNOWN) from None
    promo = await work.promo_codes.find(promo_code_id(event.id, code))
    if promo is None:
        raise PromoCodeUnknown(_UNKNOWN)
    return promo


@frozen
class PromoCodePlan:
    """A promotion code as an organizer writes it."""

    code: str
    percent: int | None = None
    amount: str | None = None
    """In major units: "5.00"; off each booking."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    ticket_type_ids: tuple[str, ...] = ()
    uses_max: int | None = None
    per_buyer_max: int | None = None


@frozen
class CreatePromoCode:
    """Write down a code, which is valid at once or from its day on. AlreadyExists if the event ever had it."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, event_id: str, plan: PromoCodePlan, once: Once | None = None) -> PromoCode:
        return await retrying(lambda: self._once(actor, event_id, plan, once))

    async def _once(self, actor: Actor, event_id: str, plan: PromoCodePlan, once: Once | None) -> PromoCode:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            promo = PromoCode.of(
                event,
                canonical(plan.code),
                self.clock.now(),
                percent=plan.percent,
                amount=None if plan.amount is None else Money.parse(plan.amount, event.currency),
                valid_from=plan.valid_from,
                valid_until=plan.valid_until,
                ticket_type_ids=tuple(map(TicketTypeId, dict.fromkeys(plan.ticket_type_ids))),
                uses_max=plan.uses_max,
                per_buyer_max=plan.per_buyer_max,
            )
            if await work.promo_codes.find(promo.id) is not None:
                raise AlreadyExists(f"the event has a promotion code {promo.code} already, or had one")
            work.promo_codes.add(promo)
            work.events.expect(event)
            work.audit(actor, "promo_code.create", promo.id)
            work.answer(once, promo)
            await work.commit()
        return promo


@frozen
class EndPromoCode:
    """Let nobody use a code from now on; bookings that have used it keep their price. Ending twice is no error."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, event_id: str, code: str) -> PromoCode:
        return await retrying(lambda: self._once(actor, event_id, code))

    async def _once(self, actor: Actor, event_id: str, code: str) -> PromoCode:
        async with self.begin() as work:
            promo = await find_managed(work, actor, event_id, code)
            ended = promo.end(self.clock.now())
            if ended is promo:
                return promo
            work.promo_codes.save(ended)
            work.audit(actor, "promo_code.end", promo.id)
            await work.commit()
        return evolve(ended, version=ended.version + 1)


async def find_managed(work: Work, actor: Actor, event_id: str, code: str) -> PromoCode:
    """A code for whoever manages its event; NotFound for everybody else, and if there is none."""
    event = await event_for(work, actor, event_id)
    try:
        spelt = canonical(code)
    except InvalidValue:
        spelt = ""
    return await work.promo_codes.get(promo_code_id(event.id, spelt))
