from collections.abc import Callable

from attrs import evolve, frozen

from application.access import Actor, EventDeed
from application.event_access import event_for
from application.work import Begin, retrying
from domain.event_cancellation import EventCancellation


@frozen
class SteerCancellation:
    """Pause and resume the calling off of an event, by its organizer."""

    begin: Begin

    async def pause(self, actor: Actor, event_id: str) -> EventCancellation:
        """No further booking is ended after the one in hand. Refunds that were set aside are still sent."""
        return await retrying(lambda: self._steer(actor, event_id, "pause", EventCancellation.pause))

    async def resume(self, actor: Actor, event_id: str) -> EventCancellation:
        """Go on where it was stopped."""
        return await retrying(lambda: self._steer(actor, event_id, "resume", EventCancellation.resume))

    async def _steer(
        self, actor: Actor, event_id: str, action: str, move: Callable[[EventCancellation], EventCancellation]
    ) -> EventCancellation:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id, EventDeed.OWN)
            cancellation = await work.event_cancellations.get(event.id)
            moved = move(cancellation)
            if moved.state is cancellation.state:
                return cancellation
            work.event_cancellations.save(moved)
            work.audit(actor, f"event.cancellation.{action}", event.id)
            await work.commit()
        return evolve(moved, version=moved.version + 1)
