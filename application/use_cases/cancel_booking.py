from datetime import datetime
from typing import Protocol

from attrs import evolve, frozen

from application.access import Actor, Via
from application.event_access import booking_for
from application.ids import Ids
from application.once import Once
from application.ports.clock import Clock
from application.work import Begin, Work, retrying
from domain.account import NotAllowed
from domain.booking import HOLDING, Booking, BookingStatus
from domain.ids import RefundId, TicketId
from domain.money import Money
from domain.payment import Payment
from domain.refund import Refund
from domain.refund_policy import FourEyes
from domain.ticket import TicketStatus


@frozen
class CancelBookingCommand:
    booking_id: str
    reason: str = "cancelled by the buyer"


class Noting(Protocol):
    """Writes down, in the unit of work that ended a booking, what became of it; `refund` is what was set aside there.

    Asked about a booking that had ended before, it writes down that.
    """

    async def __call__(self, work: Work, booking: Booking, refund: Refund | None, /) -> None: ...


async def note_nothing(_work: Work, _booking: Booking, _refund: Refund | None, /) -> None:
    """The booking alone says what became of it."""


@frozen
class CancelBooking:
    """End a booking: places return, codes die, and all that was paid goes back.

    A buyer may give up what is not paid yet; the organizer and administrators may cancel what is, and then
    everything goes back, whatever the event's refund policy: it was not the buyer's wish. While its payment is
    disputed nobody cancels it, but with its event, whose report keeps an eye on the money. Where money goes back,
    whoever does it has signed in a moment ago.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    four_eyes: FourEyes

    async def __call__(
        self, actor: Actor, command: CancelBookingCommand, once: Once | None = None, note: Noting = note_nothing
    ) -> Booking:
        return await retrying(lambda: self._once(actor, command, once, note))

    async def _once(self, actor: Actor, command: CancelBookingCommand, once: Once | None, note: Noting) -> Booking:
        now = self.clock.now()
        async with self.begin() as work:
            booking, actor = await booking_for(work, actor, command.booking_id)
            if booking.status is BookingStatus.CONFIRMED and not actor.owns(booking):
                raise NotAllowed("a paid booking is cancelled by the organizer: ask there")
            if booking.status is BookingStatus.CANCELLED:
                await note(work, booking, None)
                work.answer(once, booking)
                await work.commit()
                return booking
            cancelled = await end_booking(work, booking, command.reason, now)
            refund: Refund | None = None
            if booking.status is BookingStatus.CONFIRMED and booking.payment_id is not None:
                payment = await work.payments.get(booking.payment_id)
                if payment.remaining and actor.via is not Via.SYSTEM:
                    # Nobody would remember to give the money back once the dispute is won.
                    payment.check_undisputed()
                if payment.refundable:
                    actor.check_fresh(now)
                    amount = payment.refundable
                    waits = self.four_eyes.are_needed(payment.refunding + amount) and actor.via is not Via.SYSTEM
                    plan = RefundPlan(amount, command.reason, actor.name, waits)
                    refund = reserve_refund(work, self.ids, payment, plan, now)
            await note(work, booking, refund)
            if not actor.is_buyer_of(booking):
                work.audit(actor, "booking.cancel", booking.id, reason=command.reason)
            stored = evolve(cancelled, version=cancelled.version + 1)
            work.answer(once, stored)
            await work.commit()
        return stored


async def end_booking(work: Work, booking: Booking, reason: str, at: datetime) -> Booking:
    """Cancel it in this unit of work: its places return and its codes die. What was paid is the caller's to return."""
    cancelled = booking.cancel(reason, at)
    if booking.status in HOLDING:
        work.change(*booking.moves(held=-1))
    else:
        work.change(*booking.moves(sold=-1))
        for ticket in await work.tickets.get_all(booking.ticket_ids):
            if ticket.status is not TicketStatus.VOID:
                work.tickets.save(ticket.withdraw())
    work.bookings.save(cancelled)
    return cancelled


@frozen
class RefundPlan:
    """How much goes back and why, by whose wish, and whether somebody else must agree first."""

    amount: Money
    reason: str
    by: str = ""
    waits: bool = False
    ticket_ids: tuple[TicketId, ...] = ()


def reserve_refund(work: Work, ids: Ids, payment: Payment, plan: RefundPlan, at: datetime) -> Refund:
    """Set an amount aside for going back, in this unit of work; the relay sends it."""
    reserved = Refund.reserve(
        RefundId(ids.new("rfd")),
        payment,
        plan.amount,
        plan.reason,
        at,
        proposed_by=plan.by,
        ticket_ids=plan.ticket_ids,
    )
    refund = reserved.for_approval() if plan.waits else reserved
    work.refunds.add(refund)
    work.payments.save(payment.reserve_refund(plan.amount))
    return refund
