"""What still needs a person, and what would go with them."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from attrs import frozen

from application.listing import every, pages
from application.ports.clock import Clock
from application.ports.store import Listing, Record, Store
from application.records_of_kind import Records
from application.work import Begin, Work
from domain.booking import HOLDING, Booking, BookingStatus
from domain.booking_outcome import OutcomeState
from domain.dispute import DisputeStatus
from domain.event import Event, EventStatus
from domain.event_cancellation import CancellationState
from domain.ids import AccountId
from domain.payment import OPEN, Payment
from domain.refund import REFUND_SETTLED, RefundStatus

R = TypeVar("R", bound=Record)

_LIVE: Final = HOLDING | {BookingStatus.CONFIRMED}
_ON: Final = frozenset({EventStatus.PUBLISHED, EventStatus.ACTIVE})
_OWED: Final = frozenset(OutcomeState) - {
    OutcomeState.NOTHING_PAID,
    OutcomeState.SUCCEEDED,
    OutcomeState.CHARGED_BACK,
    OutcomeState.PAID_BY_HAND,
}


@frozen
class Obstacle:
    """Something for which the person is still needed."""

    kind: str
    id: str
    is_money: bool
    what_to_do: str


@frozen
class Belongings:
    """How much there is of a person, by what it is."""

    counts: Mapping[str, int]
    obstacles: Sequence[Obstacle]

    @property
    def open_money_matters(self) -> int:
        return sum(obstacle.is_money for obstacle in self.obstacles)


@frozen
class ErasureCheck:
    """Looks, and changes nothing.

    What is listed is read again, so that it counts as it is. A listing that lags may miss what was made a moment ago.
    """

    begin: Begin
    clock: Clock
    store: Store

    async def belongings(self, account_id: AccountId) -> Belongings:
        """What an erasure would change or remove, and what stands in its way."""
        listings = {
            "bookings": Listing("booking", "by_buyer", account_id),
            "events": Listing("event", "by_organizer", account_id),
            "sessions": Listing("session", "by_account", account_id),
            "known_devices": Listing("known_device", "by_account", account_id),
            "event_grants": Listing("event_grant", "by_account", account_id),
            "identity_checks": Listing("kyc_request", "by_account", account_id),
        }
        counts = {name: await self._count(listing) for name, listing in listings.items()}
        return Belongings(counts, await self.obstacles(account_id))

    async def _count(self, listing: Listing) -> int:
        return sum([len(page) async for page in pages(self.store, listing)])

    async def obstacles(self, account_id: AccountId) -> list[Obstacle]:
        """In the order in which somebody would deal with them."""
        ways = (self._own_events, self._bookings, self._refunds, self._disputes)
        return [obstacle for way in ways async for obstacle in way(account_id)]

    async def _own_events(self, account_id: AccountId) -> AsyncIterator[Obstacle]:
        async for event in self._read(lambda work: work.events, Listing("event", "by_organizer", account_id)):
            status = event.status_at(self.clock.now())
            if status in _ON:
                words = f"the event {event.title!r} is {status}: call it off, or wait until it is over"
                yield Obstacle("event", event.id, is_money=False, what_to_do=words)
            elif status is EventStatus.CANCELLED and not await self._is_called_off(event):
                words = f"the event {event.title!r} is being called off: wait until its buyers have their money"
                yield Obstacle("event", event.id, is_money=True, what_to_do=words)

    async def _read(self, table: Callable[[Work], Records[R]], listing: Listing) -> AsyncIterator[R]:
        async for page in pages(self.store, listing):
            for record in await table(self.begin()).get_all(listed.id for listed in page):
                yield record

    async def _is_called_off(self, event: Event) -> bool:
        cancellation = await self.begin().event_cancellations.find(event.id)
        if cancellation is not None and cancellation.state is not CancellationState.DONE:
            return False
        outcomes = every(self.store, Listing("booking_outcome", "by_event", event.id))
        return not [outcome async for outcome in outcomes if outcome.state in _OWED]

    async def _bookings(self, account_id: AccountId) -> AsyncIterator[Obstacle]:
        async for booking in self._read(lambda work: work.bookings, Listing("booking", "by_buyer", account_id)):
            if await self._is_to_come(booking):
                words = "it is for an event to come: cancel it, or ask the organizer to, or wait until it is over"
                yield Obstacle("booking", booking.id, is_money=False, what_to_do=words)
            outcome = await self.begin().booking_outcomes.find(booking.id)
            if outcome is not None and outcome.state in _OWED:
                words = f"the money of its cancelled event is {outcome.state}: wait for it, or ask the organizer"
                yield Obstacle("booking", booking.id, is_money=True, what_to_do=words)
            async for payment in every(self.store, Listing("payment", "by_booking", booking.id)):
                words = _why_open(payment)
                if words:
                    yield Obstacle("payment", payment.id, is_money=True, what_to_do=words)

    async def _is_to_come(self, booking: Booking) -> bool:
        now = self.clock.now()
        if booking.status not in _LIVE or booking.has_lapsed(now):
            return False
        event = await self.begin().events.find(booking.event_id)
        return event is not None and event.status_at(now) in _ON

    async def _refunds(self, account_id: AccountId) -> AsyncIterator[Obstacle]:
        for status in frozenset(RefundStatus) - REFUND_SETTLED:
            async for page in pages(self.store, Listing("refund", "by_status", status)):
                theirs = await self._of_person(account_id, page)
                for refund in page:
                    if refund.booking_id in theirs:
                        words = f"a refund of {refund.amount} is {status}: wait until it has arrived"
                        yield Obstacle("refund", refund.id, is_money=True, what_to_do=words)

    async def _disputes(self, account_id: AccountId) -> AsyncIterator[Obstacle]:
        async for page in pages(self.store, Listing("dispute", "by_status", DisputeStatus.OPEN)):
            theirs = await self._of_person(account_id, page)
            for dispute in page:
                if dispute.booking_id in theirs:
                    words = f"a dispute about {dispute.amount} is open: wait until the bank has decided"
                    yield Obstacle("dispute", dispute.id, is_money=True, what_to_do=words)

    async def _of_person(self, account_id: AccountId, found: Sequence[Any]) -> Collection[str]:
        """Which of the bookings behind these the person made, or sold."""
        bookings = await self.begin().bookings.get_all(dict.fromkeys(one.booking_id for one in found))
        return {booking.id for booking in bookings if account_id in {booking.buyer_id, booking.organizer_id}}


def _why_open(payment: Payment) -> str:
    """Why a payment is not over; empty if it is. Disputes are listed by themselves."""
    if payment.quarantined:
        return "what the provider says of this payment cannot be: an administrator must look"
    if payment.status in OPEN:
        return "nobody knows yet whether money was taken: wait, for five days at most"
    return ""
