from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from application.comparing import Ours, compare, is_plainly_right, line_of, why_unpaid
from application.gateways import Gateway, sought
from application.kind import microseconds
from application.listing import every
from application.ports.clock import Clock
from application.ports.payment_gateway import GatewayRefused, StatementLine, StatementReader
from application.ports.store import PAGE_MAX, Listing, Page, Store
from application.work import Begin
from domain.booking import Booking, BookingStatus
from domain.ids import PaymentId
from domain.ledger import LedgerKind, LedgerTransaction
from domain.payment import Payment
from domain.reconciliation import Difference, Finding, FindingKind

MARGIN: Final = timedelta(hours=1)
"""So much further their list is read at both ends, since their clock and ours note one payment at different times."""
BOOKED_BEFORE: Final = timedelta(days=1)
"""So much earlier a booking may have been made that was confirmed on a day."""


@frozen
class CompareBooks:
    """Look for every difference between our books and a gateway's own list, both ways. Nothing is changed.

    What seems to differ is looked up one by one, and both sides are read again, before it is told: a list that lags, or
    a payment that moves at this moment, accuses nobody. It holds one page of ours and the names of one span of theirs.
    """

    begin: Begin
    clock: Clock
    store: Store

    async def span(self, gateway: Gateway, start: datetime, end: datetime) -> AsyncIterator[Difference | None]:
        """Every difference from `start` until before `end`, and None for each payment that agrees."""
        assert gateway.statements is not None, "only a gateway with a list can be compared"
        seen: set[PaymentId] = set()
        async for lines in _chunks(gateway.statements, start - MARGIN, end + MARGIN):
            seen.update(line.payment_id for line in lines if line.payment_id is not None)
            within = [line for line in lines if start <= line.captured_at < end]
            async for found in self._lines(gateway, within):
                yield found
        async for found in self._captured_here(gateway, start, end, seen):
            yield found
        async for difference in self._confirmed_here(gateway, start, end):
            yield difference

    async def is_still_there(self, gateway: Gateway, finding: Finding) -> bool:
        """Whether what was once found is so to this day, as far as that can be asked about."""
        work = self.begin()
        if finding.kind is FindingKind.MONEY_WITHOUT_BOOKING:
            return True
        if finding.kind is FindingKind.TICKETS_WITHOUT_PAYMENT:
            booking = await work.bookings.find(finding.subject)
            return booking is not None and await self._unpaid(booking) is not None
        payment = await work.payments.find(finding.subject)
        if payment is None:
            return True
        try:
            return any([difference.kind is finding.kind async for difference in self.payment(gateway, payment.id)])
        except GatewayRefused:
            return True

    async def payment(
        self, gateway: Gateway, payment_id: PaymentId, listed: StatementLine | None = None
    ) -> AsyncIterator[Difference]:
        """Ask about one payment of ours, read it again, and compare.

        A gateway that refuses to tell of what it `listed` is taken at its list; GatewayRefused if it listed nothing.
        """
        payment = await self.begin().payments.get(payment_id)
        line = listed
        try:
            charge = await gateway.charges.look_up(sought(payment))
            if charge is not None:
                line = line_of(charge, payment.created_at) or listed
        except GatewayRefused:
            if listed is None:
                raise
        for difference in compare(line, await self.ours(payment_id), self.clock.now()):
            yield difference

    async def ours(self, payment_id: PaymentId) -> Ours:
        """What we know of a payment now."""
        work = self.begin()
        payment = await work.payments.get(payment_id)
        refunds: Page[Any] = await self.store.list(Listing("refund", "by_payment", payment_id))
        # The listing may lag, and so each is read again.
        known = await work.refunds.get_all(refund.id for refund in refunds.items)
        return Ours(payment, await work.bookings.get(payment.booking_id), known)

    async def _lines(self, gateway: Gateway, lines: Sequence[StatementLine]) -> AsyncIterator[Difference | None]:
        work = self.begin()
        payments = {p.id: p for p in await work.payments.get_all(line.payment_id for line in lines if line.payment_id)}
        bookings = {b.id: b for b in await work.bookings.get_all({p.booking_id for p in payments.values()})}
        for line in lines:
            payment = payments.get(line.payment_id) if line.payment_id else await self._by_reference(gateway, line)
            if payment is None or payment.gateway != gateway.name:
                yield _foreign(gateway, line)
                continue
            booking = bookings.get(payment.booking_id)
            if booking is not None and is_plainly_right(line, payment, booking):
                yield None
                continue
            async for found in _or_none(self.payment(gateway, payment.id, line)):
                yield found

    async def _by_reference(self, gateway: Gateway, line: StatementLine) -> Payment | None:
        """Ours by the gateway's name for it: a list may be poorer than what a look-up tells."""
        named: Page[Any] = await self.store.list(Listing("payment", "by_reference", line.gateway_reference))
        return next((payment for payment in named.items if payment.gateway == gateway.name), None)

    async def _captured_here(
        self, gateway: Gateway, start: datetime, end: datetime, seen: set[PaymentId]
    ) -> AsyncIterator[Difference | None]:
        async for moved in self._captures(start, end):
            if moved.gateway != gateway.name or moved.payment_id in seen:
                continue
            # Near the edge of the span theirs may lie on another day: the payment itself is asked about.
            for found in await self._unlisted(gateway, moved.payment_id):
                yield found

    async def _unlisted(self, gateway: Gateway, payment_id: PaymentId) -> Sequence[Difference | None]:
        try:
            return [found async for found in _or_none(self.payment(gateway, payment_id))]
        except GatewayRefused as error:
            said = f"it is not on their list, and they do not tell of it: {error}"
            return [Difference(FindingKind.NOT_CAPTURED_THERE, gateway.name, payment_id, said)]

    async def _captures(self, start: datetime, end: datetime) -> AsyncIterator[LedgerTransaction]:
        day = start.date()
        while day <= end.date():
            listing = Listing(
                "ledger",
                "by_day",
                day.isoformat(),
                least=microseconds(start),
                below=microseconds(end),
                equal={"kind": LedgerKind.CAPTURE},
            )
            async for moved in every(self.store, listing):
                yield moved
            day += timedelta(days=1)

    async def _confirmed_here(self, gateway: Gateway, start: datetime, end: datetime) -> AsyncIterator[Difference]:
        least, below = microseconds(start - BOOKED_BEFORE), microseconds(end)
        confirmed = Listing("booking", "by_status", BookingStatus.CONFIRMED, least=least, below=below)
        async for booking in every(self.store, confirmed):
            difference = await self._unpaid(booking)
            # One without any payment belongs to no gateway: whoever compares first tells of it, once.
            if difference is not None and difference.gateway in {"", gateway.name}:
                yield difference

    async def _unpaid(self, listed: Booking) -> Difference | None:
        work = self.begin()
        booking = await work.bookings.find(listed.id)
        if booking is None or not booking.price:
            return None
        payment = await work.payments.find(booking.payment_id) if booking.payment_id else None
        why = why_unpaid(booking, payment)
        if not why:
            return None
        gateway = payment.gateway if payment is not None else ""
        return Difference(FindingKind.TICKETS_WITHOUT_PAYMENT, gateway, booking.id, why)


def _foreign(gateway: Gateway, line: StatementLine) -> Difference | None:
    """Money that is not ours by any name we know; none if all of it went back already."""
    if line.refunded == line.amount:
        return None
    named = f"for {line.payment_id}, which we do not know" if line.payment_id else "without a reference of ours"
    said = f"they took {line.amount} {named}, at {line.captured_at.isoformat(timespec='seconds')}"
    return Difference(FindingKind.MONEY_WITHOUT_BOOKING, gateway.name, line.gateway_reference, said)


async def _or_none(differences: AsyncIterator[Difference]) -> AsyncIterator[Difference | None]:
    """The same, or None once if there are none."""
    agrees = True
    async for difference in differences:
        agrees = False
        yield difference
    if agrees:
        yield None


async def _chunks(
    statements: StatementReader, start: datetime, end: datetime
) -> AsyncIterator[Sequence[StatementLine]]:
    chunk: list[StatementLine] = []
    async for line in statements.captured(start, end):
        chunk.append(line)
        if len(chunk) == PAGE_MAX:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
