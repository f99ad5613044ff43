"""Facts on their way to those who react to them, for those who look after an installation."""

from typing import Any

from attrs import frozen

from application.access import Actor
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.records import DeliveryState, OutboxEntry
from application.work import Begin
from domain.account import Role


@frozen
class Standing:
    """How much is in the outbox, each counted up to a page."""

    pending: int
    dead: int
    oldest_pending_s: float
    """How long ago the oldest of the pending facts happened that are next in the queue; zero if there is none."""


@frozen
class Outbox:
    """Looks into the outbox, and changes nothing."""

    begin: Begin
    clock: Clock
    store: Store

    async def list(self, actor: Actor, state: DeliveryState, cursor: str | None, limit: int) -> Page[OutboxEntry]:
        """Those in one state, by when they are due."""
        actor.check(Role.SUPERADMIN)
        page: Page[Any] = await self.store.list(Listing("outbox", "queue", state, limit=limit, after=cursor))
        return page

    async def show(self, actor: Actor, entry_id: str) -> OutboxEntry:
        actor.check(Role.SUPERADMIN)
        return await self.begin().outbox.get(entry_id)

    async def standing(self) -> Standing:
        """For monitoring: one page for each state, however much there is."""
        pending: Page[Any] = await self.store.list(Listing("outbox", "queue", DeliveryState.PENDING))
        dead: Page[Any] = await self.store.list(Listing("outbox", "queue", DeliveryState.DEAD))
        now = self.clock.now()
        ages_s = [(now - entry.created_at).total_seconds() for entry in pending.items]
        return Standing(len(pending.items), len(dead.items), max(ages_s, default=0.0))
