from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import define, field, frozen

from application.access import Actor
from application.event_access import event_for
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.queries.tallies import Tallies, Tally
from application.work import Begin
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.payment import OPEN, Payment
from domain.refund import REFUND_SETTLED


@frozen
class CancellationPreview:
    """What calling an event off would do now, by its bookings and payments as they stand."""

    event: Event
    bookings: Mapping[BookingStatus, int]
    """How many there are in each state; lapsed holds count as expired."""
    tickets: int
    """Those of confirmed bookings, which would admit nobody any more."""
    to_refund: Tally
    """What would go back: of each payment what neither went back before nor is on its way."""
    fees_lost: Tally
    """What the gateways kept of those payments, as far as they told."""
    fees_unknown: int
    """Of how many of those payments the gateway has not told what it kept."""
    on_the_way: Tally
    """Refunds that began before and are not settled."""
    pending: Tally
    """Attempts to pay that are open: what still comes of them goes back."""
    disputed: Tally
    """What buyers' banks ask for: nothing goes back before they have decided."""

    @property
    def holds(self) -> int:
        """Baskets that would be dropped."""
        return self.bookings.get(BookingStatus.HELD, 0) + self.bookings.get(BookingStatus.AWAITING_PAYMENT, 0)


class _Sort(StrEnum):
    TO_REFUND = "to_refund"
    FEE_LOST = "fee_lost"
    FEE_UNKNOWN = "fee_unknown"
    ON_THE_WAY = "on_the_way"
    PENDING = "pending"
    DISPUTED = "disputed"


@frozen
class PreviewCancellation:
    """Counts what would come of a cancellation, page by page, so that no event is too large for it."""

    begin: Begin
    clock: Clock
    store: Store

    async def __call__(self, actor: Actor, event_id: str) -> CancellationPreview:
        """For whoever manages the event. It refuses what the cancellation itself would refuse."""
        event = await event_for(self.begin(), actor, event_id)
        now = self.clock.now()
        event.cancel(now)
        count = _Count()
        async for booking in every(self.store, Listing("booking", "by_event", event.id)):
            count.booking(booking, BookingStatus.EXPIRED if booking.has_lapsed(now) else booking.status)
        await self._payments(event, count)
        return CancellationPreview(
            event=event,
            bookings=count.bookings,
            tickets=count.tickets,
            to_refund=count.money.of(_Sort.TO_REFUND),
            fees_lost=count.money.of(_Sort.FEE_LOST),
            fees_unknown=count.money.of(_Sort.FEE_UNKNOWN).count,
            on_the_way=count.money.of(_Sort.ON_THE_WAY),
            pending=count.money.of(_Sort.PENDING),
            disputed=count.money.of(_Sort.DISPUTED),
        )

    async def _payments(self, event: Event, count: "_Count") -> None:
        after: str | None = None
        while True:
            page: Page[Any] = await self.store.list(Listing("payment", "by_event", event.id, after=after))
            owners = dict.fromkeys(payment.booking_id for payment in page.items)
            bookings = {booking.id: booking for booking in await self.begin().bookings.get_all(owners)}
            for payment in page.items:
                count.payment(payment, bookings[payment.booking_id])
                if payment.refunding or payment.outside:
                    async for refund in every(self.store, Listing("refund", "by_payment", payment.id)):
                        if refund.status not in REFUND_SETTLED:
                            count.money.add(_Sort.ON_THE_WAY, refund.amount)
            after = page.next_cursor
            if after is None:
                return


@define
class _Count:
    bookings: Counter[BookingStatus] = field(factory=Counter)
    money: Tallies[_Sort] = field(factory=Tallies)
    tickets: int = 0

    def booking(self, booking: Booking, status: BookingStatus) -> None:
        self.bookings[status] += 1
        if status is BookingStatus.CONFIRMED:
            self.tickets += booking.ticket_count

    def payment(self, payment: Payment, booking: Booking) -> None:
        """Only what pays for a living booking goes back with the event: the rest went its way before."""
        if payment.status in OPEN:
            self.money.add(_Sort.PENDING, payment.amount)
        if booking.status is not BookingStatus.CONFIRMED or booking.payment_id != payment.id:
            return
        if payment.disputed and payment.remaining:
            self.money.add(_Sort.DISPUTED, payment.remaining)
        elif payment.refundable:
            self.money.add(_Sort.TO_REFUND, payment.refundable)
            if payment.fee is None:
                self.money.add(_Sort.FEE_UNKNOWN, payment.refundable)
            else:
                self.money.add(_Sort.FEE_LOST, payment.fee)
