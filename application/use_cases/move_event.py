"""Publish, cancel, archive, delete: what moves an event through its life."""

from collections.abc import Awaitable, Callable

from attrs import evolve, frozen

from application.access import Actor, EventDeed
from application.errors import ConfirmationNeeded
from application.event_access import event_for
from application.ports.clock import Clock
from application.work import Begin, Work, retrying
from domain.event import Event, EventStatus, EventTransitionRefused, PublishingNeedsApproval
from domain.event_cancellation import EventCancellation
from domain.second_factors import FactorPolicy


@frozen
class MoveEvent:
    """One step in an event's life, by its organizer."""

    begin: Begin
    clock: Clock
    factor_policy: FactorPolicy

    async def publish(self, actor: Actor, event_id: str) -> Event:
        """Put it on sale. Its organizer's identity must be approved, whoever presses the button."""

        async def check(work: Work, event: Event) -> None:
            organizer = await work.accounts.get(event.organizer_id)
            organizer.check_stays(self.clock.now())
            if not organizer.may_publish(self.clock.now()):
                raise PublishingNeedsApproval("the organizer's identity is not approved yet: apply for it first")
            if actor.account is not None and any(kind.price for kind in event.ticket_types):
                self.factor_policy.check_before_money(actor.account)
            work.accounts.expect(organizer)

        return await retrying(
            lambda: self._move(actor, event_id, "publish", lambda e: e.publish(self.clock.now()), check)
        )

    async def cancel(self, actor: Actor, event_id: str, typed_title: str, reason: str = "") -> Event:
        """Call it off: every booking is then cancelled and refunded in the background, which the same commit orders.

        The title must be typed as it stands. Buyers read the reason.
        """

        async def check(work: Work, event: Event) -> None:
            if typed_title.strip() != event.title:
                raise ConfirmationNeeded(f"type the event's title to cancel it: {event.title}")
            if event.status is not EventStatus.CANCELLED:
                now = self.clock.now()
                work.event_cancellations.add(EventCancellation(event.id, reason.strip(), actor.name, now))

        return await retrying(
            lambda: self._move(actor, event_id, "cancel", lambda e: e.cancel(self.clock.now()), check)
        )

    async def archive(self, actor: Actor, event_id: str) -> Event:
        return await retrying(lambda: self._move(actor, event_id, "archive", lambda e: e.archive(self.clock.now())))

    async def _move(
        self,
        actor: Actor,
        event_id: str,
        action: str,
        move: Callable[[Event], Event],
        check: Callable[[Work, Event], Awaitable[None]] | None = None,
    ) -> Event:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id, EventDeed.OWN)
            if check is not None:
                await check(work, event)
            moved = move(event)
            if moved == event:
                return event
            work.events.save(moved)
            work.audit(actor, f"event.{action}", event.id)
            await work.commit()
        return evolve(moved, version=moved.version + 1)

    async def delete(self, actor: Actor, event_id: str) -> None:
        """Remove a draft. Nobody can have booked it."""
        await retrying(lambda: self._delete(actor, event_id))

    async def _delete(self, actor: Actor, event_id: str) -> None:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id, EventDeed.OWN)
            if event.status is not EventStatus.DRAFT:
                raise EventTransitionRefused("only a draft can be deleted: cancel the event instead")
            work.events.delete(event)
            work.audit(actor, "event.delete", event.id)
            await work.commit()
