"""Refunds and disputes, for those who decide about them."""

from typing import Any

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.event_access import booking_for, event_for
from application.ports.store import Listing, Page, Store
from application.work import Begin
from domain.account import Role
from domain.dispute import Dispute, DisputeStatus
from domain.refund import Refund, RefundStatus


@frozen
class MoneyMatters:
    """What is on its way back, and what is contested."""

    begin: Begin
    store: Store

    async def refunds(self, actor: Actor, status: RefundStatus, cursor: str | None, limit: int) -> Page[Refund]:
        """Everybody's in one state, newest first, for administrators."""
        actor.check(Role.ADMIN)
        return await self._page(Listing("refund", "by_status", status, descending=True, limit=limit, after=cursor))

    async def refund(self, actor: Actor, refund_id: str) -> Refund:
        """For whoever may see its booking."""
        work = self.begin()
        refund = await work.refunds.find(refund_id)
        if refund is None:
            actor.check_buyer()
            raise NotFound("no such refund")
        await booking_for(work, actor, refund.booking_id)
        return refund

    async def disputes(
        self, actor: Actor, status: DisputeStatus | None, cursor: str | None, limit: int
    ) -> Page[Dispute]:
        """Everybody's, in one state or all, newest first, for administrators."""
        actor.check(Role.ADMIN)
        index, partition = ("by_status", str(status)) if status else ("everything", "all")
        return await self._page(Listing("dispute", index, partition, descending=True, limit=limit, after=cursor))

    async def disputes_of_event(self, actor: Actor, event_id: str, cursor: str | None, limit: int) -> Page[Dispute]:
        """For whoever manages the event."""
        event = await event_for(self.begin(), actor, event_id)
        return await self._page(Listing("dispute", "by_event", event.id, descending=True, limit=limit, after=cursor))

    async def _page(self, listing: Listing) -> Page[Any]:
        page: Page[Any] = await self.store.list(listing)
        return page
