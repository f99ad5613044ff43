from datetime import datetime

from attrs import evolve, frozen

from application.access import Actor
from application.ids import Ids
from application.once import Once
from application.ports.clock import Clock
from application.work import Begin, Work, retrying
from domain.account import NotAllowed
from domain.booking import HOLDING, Booking, BookingStatus
from domain.ids import RefundId
from domain.payment import Payment, Refund


@frozen
class CancelBookingCommand:
    booking_id: str
    reason: str = "cancelled by the buyer"


@frozen
class CancelBooking:
    """End a booking: places return, codes die, and all that was paid goes back.

    A buyer may give up what is not paid yet; the organizer and administrators may cancel what is.
    """

    begin: Begin
    clock: Clock
    ids: Ids

    async def __call__(self, actor: Actor, command: CancelBookingCommand, once: Once | None = None) -> Booking:
        return await retrying(lambda: self._once(actor, command, once))

    async def _once(self, actor: Actor, command: CancelBookingCommand, once: Once | None) -> Booking:
        now = self.clock.now()
        async with self.begin() as work:
            booking = await work.bookings.get(command.booking_id)
            actor.check_may_see(booking)
            if booking.status is BookingStatus.CONFIRMED and not actor.manages(booking):
                raise NotAllowed("a paid booking is cancelled by the organizer: ask there")
            cancelled = booking.cancel(command.reason, now)
            if cancelled is booking:
                work.answer(once, booking)
                await work.commit()
                return booking
            if booking.status in HOLDING:
                work.change(*booking.moves(held=-1))
            else:
                work.change(*booking.moves(sold=-1))
                await self._withdraw_tickets(work, booking)
                await self._refund_all(work, booking, command.reason, now)
            work.bookings.save(cancelled)
            if not actor.is_person(booking.buyer_id):
                work.audit(actor, "booking.cancel", booking.id, command.reason)
            stored = evolve(cancelled, version=cancelled.version + 1)
            work.answer(once, stored)
            await work.commit()
        return stored

    async def _withdraw_tickets(self, work: Work, booking: Booking) -> None:
        for ticket in await work.tickets.get_all(booking.ticket_ids):
            work.tickets.save(ticket.withdraw())

    async def _refund_all(self, work: Work, booking: Booking, reason: str, now: datetime) -> None:
        if booking.payment_id is None:
            return
        payment = await work.payments.get(booking.payment_id)
        if payment.refundable:
            reserve_full_refund(work, self.ids, payment, reason, now)


def reserve_full_refund(work: Work, ids: Ids, payment: Payment, reason: str, at: datetime) -> Refund:
    """Set aside all that is left of a payment for going back, in this unit of work; the relay sends it."""
    amount = payment.refundable
    refund = Refund.reserve(RefundId(ids.new("rfd")), payment, amount, reason, at)
    work.refunds.add(refund)
    work.payments.save(payment.reserve_refund(amount))
    return refund
