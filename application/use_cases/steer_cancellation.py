from collections.abc import Callable

from attrs import evolve, frozen

from application.access import Actor
from application.work import Begin, retrying
from domain.event_cancellation import EventCancellation


@frozen
class SteerCancellation:
    """Pause and resume the calling off of an event, by whoever manages it."""

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
            event = await work.events.get(event_id)
            actor.check_may_manage(event)
            cancellation = await work.event_cancellations.get(event.id)
            moved = move(cancellation)
            if moved.state is cancellation.state:
                return cancellation
            work.event_cancellations.save(moved)
            work.audit(actor, f"event.cancellation.{action}", event.id)
            await work.commit()
        return evolve(moved, version=moved.version + 1)
