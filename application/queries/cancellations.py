"""How far the cancellation of an event is, and what became of each booking: for whoever manages it."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.event_access import event_for
from application.listing import every
from application.ports.store import Listing, Page, Store
from application.queries.tallies import Tallies, Tally
from application.use_cases.cancel_bookings import ALIVE
from application.work import Begin
from domain.booking_outcome import BookingOutcome, OutcomeState
from domain.event import Event
from domain.event_cancellation import CancellationState, EventCancellation


@frozen
class CancellationReport:
    """How far the cancellation of an event is."""

    event: Event
    cancellation: EventCancellation
    waiting: int
    """Bookings that have yet to end."""
    outcomes: Mapping[OutcomeState, Tally]

    @property
    def ended(self) -> int:
        """Bookings that have ended with the event."""
        return sum(tally.count for state, tally in self.outcomes.items() if state is not OutcomeState.NOT_CANCELLED)

    @property
    def needs_you(self) -> int:
        """Bookings whose money goes back by nobody's doing but yours."""
        return self.outcomes[OutcomeState.FAILED].count if OutcomeState.FAILED in self.outcomes else 0

    @property
    def is_settled(self) -> bool:
        """Whether all that goes on by itself within minutes has ended; approvals and disputes take their time."""
        moving = (OutcomeState.CANCELLED, OutcomeState.RESERVED, OutcomeState.PENDING)
        return self.cancellation.state is CancellationState.DONE and not any(state in self.outcomes for state in moving)


@frozen
class Cancellations:
    begin: Begin
    store: Store

    async def report(self, actor: Actor, event_id: str) -> CancellationReport:
        """NotFound if the event was not called off."""
        event = await self._managed(actor, event_id)
        cancellation = await self._cancellation(event)
        tallies: Tallies[OutcomeState] = Tallies()
        async for outcome in every(self.store, Listing("booking_outcome", "by_event", event.id)):
            tallies.add(outcome.state, outcome.amount)
        return CancellationReport(event, cancellation, await self._waiting(cancellation), tallies.by_key)

    async def _waiting(self, cancellation: EventCancellation) -> int:
        if cancellation.state is CancellationState.DONE:
            return 0
        waiting = 0
        for status in ALIVE:
            alive = Listing("booking", "by_event", cancellation.id, equal={"status": status})
            async for _ in every(self.store, alive):
                waiting += 1
        return waiting

    async def outcomes(
        self, actor: Actor, event_id: str, cursor: str | None, limit: int, state: str = ""
    ) -> Page[BookingOutcome]:
        """What became of each booking, in the order in which they ended; all or those in one state."""
        event = await self._managed(actor, event_id)
        await self._cancellation(event)
        equal = {"state": state} if state else {}
        page: Page[Any] = await self.store.list(
            Listing("booking_outcome", "by_event", event.id, equal=equal, limit=limit, after=cursor)
        )
        return page

    async def _managed(self, actor: Actor, event_id: str) -> Event:
        return await event_for(self.begin(), actor, event_id)

    async def _cancellation(self, event: Event) -> EventCancellation:
        found = await self.begin().event_cancellations.find(event.id)
        if found is None:
            raise NotFound("the event was not cancelled")
        return found
