"""Promotion codes of an event, for those who manage it."""

from typing import Any

from attrs import frozen

from application.access import Actor
from application.event_access import event_for
from application.ports.store import Listing, Page, Store
from application.use_cases.promo_codes import find_managed
from application.work import Begin, Work
from domain.promo_code import PromoCode, promo_uses_id


@frozen
class PromoCodeWithUses:
    """A code, and how many bookings have it: those under way, and those that are confirmed."""

    promo: PromoCode
    held: int = 0
    confirmed: int = 0


@frozen
class PromoCodes:
    begin: Begin
    store: Store

    async def show(self, actor: Actor, event_id: str, code: str) -> PromoCodeWithUses:
        """By its spelling; NotFound if the event has none such, or is not the actor's to manage."""
        work = self.begin()
        promo = await find_managed(work, actor, event_id, code)
        [counted] = await _counted(work, (promo,))
        return counted

    async def of_event(self, actor: Actor, event_id: str, cursor: str | None, limit: int) -> Page[PromoCodeWithUses]:
        """Ended ones too, newest first."""
        work = self.begin()
        event = await event_for(work, actor, event_id)
        page: Page[Any] = await self.store.list(
            Listing("promo_code", "by_event", event.id, descending=True, limit=limit, after=cursor)
        )
        return Page(await _counted(work, page.items), page.next_cursor)


async def _counted(work: Work, promos: tuple[PromoCode, ...]) -> tuple[PromoCodeWithUses, ...]:
    """A code that nobody has used has no counter yet."""
    ids = [promo_uses_id(promo.id) for promo in promos]
    found = {allotment.id: allotment for allotment in await work.allotments(ids)} if ids else {}
    return tuple(
        PromoCodeWithUses(promo, used.held, used.sold) if (used := found.get(uses_id)) else PromoCodeWithUses(promo)
        for promo, uses_id in zip(promos, ids, strict=True)
    )
