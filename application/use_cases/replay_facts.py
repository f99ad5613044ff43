from contextlib import suppress

from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.records import DeliveryState, OutboxEntry
from application.work import Begin, retrying
from domain.account import Role


@frozen
class ReplayFacts:
    """Give dead facts to their reactions once more, from the first attempt on. Reactions that are done stay done."""

    begin: Begin
    clock: Clock
    store: Store

    async def one(self, actor: Actor, entry_id: str) -> OutboxEntry:
        """Put one back. A fact that is on its way already is left as it is."""
        actor.check(Role.SUPERADMIN)
        return await retrying(lambda: self._once(actor, entry_id))

    async def all_dead(self, actor: Actor) -> int:
        """Put every dead fact back; how many there were."""
        actor.check(Role.SUPERADMIN)
        count = 0
        async for entry in every(self.store, Listing("outbox", "queue", DeliveryState.DEAD)):
            # A listing lags: somebody else may have replayed it meanwhile, and it is delivered and gone.
            with suppress(NotFound):
                await self.one(actor, entry.id)
                count += 1
        return count

    async def _once(self, actor: Actor, entry_id: str) -> OutboxEntry:
        async with self.begin() as work:
            entry = await work.outbox.get(entry_id)
            if entry.state is not DeliveryState.DEAD:
                return entry
            replayed = evolve(entry, state=DeliveryState.PENDING, due_at=self.clock.now(), attempts=0)
            work.outbox.save(replayed)
            work.audit(actor, "fact.replay", entry.id, type(entry.fact).__name__)
            await work.commit()
        return evolve(replayed, version=replayed.version + 1)
