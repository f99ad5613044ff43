from attrs import evolve, frozen

from application.access import Actor
from application.ports.clock import Clock
from application.use_cases.refund_booking import withdraw_refunded
from application.work import Begin, Work, retrying
from domain.account import NotAllowed, Role
from domain.booking import Booking, BookingStatus
from domain.errors import InvalidValue
from domain.refund import Refund
from domain.ticket import TicketStatus, TicketVoid


@frozen
class ApproveRefund:
    """The second pair of eyes: an administrator agrees to a refund that somebody else asked for, or does not."""

    begin: Begin
    clock: Clock

    async def approve(self, actor: Actor, refund_id: str) -> Refund:
        """Let it be sent. Its tickets are withdrawn now, and not before."""
        return await retrying(lambda: self._approve(actor, refund_id))

    async def reject(self, actor: Actor, refund_id: str, why: str) -> Refund:
        """Let it not be sent: its amount may be refunded again."""
        if not why.strip():
            raise InvalidValue("say why, for whoever asked for it")
        return await retrying(lambda: self._reject(actor, refund_id, why))

    async def _approve(self, actor: Actor, refund_id: str) -> Refund:
        now = self.clock.now()
        actor.check(Role.ADMIN)
        async with self.begin() as work:
            refund = await work.refunds.get(refund_id)
            approved = refund.approve(actor.name, now)
            if refund.proposed_by == actor.name:
                raise NotAllowed("a second person must agree: you asked for this refund yourself")
            booking = await work.bookings.get(refund.booking_id)
            if actor.is_person(booking.buyer_id):
                raise NotAllowed("a second person must agree: this is your own booking")
            await self._check_tickets(work, booking, approved)
            work.refunds.save(approved)
            await withdraw_refunded(work, booking, await work.events.get(booking.event_id), approved, now)
            work.audit(actor, "refund.approve", refund.id, str(refund.amount))
            await work.commit()
        return evolve(approved, version=approved.version + 1)

    async def _check_tickets(self, work: Work, booking: Booking, refund: Refund) -> None:
        """What another refund has withdrawn meanwhile is not paid for twice."""
        if booking.status is not BookingStatus.CONFIRMED:
            return  # Ended as a whole, it had the rest set aside: this is what was set aside before.
        tickets = await work.tickets.get_all(refund.ticket_ids)
        if any(ticket.status is TicketStatus.VOID for ticket in tickets):
            raise TicketVoid("some of its tickets were withdrawn meanwhile: reject it and ask anew")

    async def _reject(self, actor: Actor, refund_id: str, why: str) -> Refund:
        actor.check(Role.ADMIN)
        async with self.begin() as work:
            refund = await work.refunds.get(refund_id)
            rejected = refund.reject(actor.name, why, self.clock.now())
            payment = await work.payments.get(refund.payment_id)
            work.payments.save(payment.release_refund(refund.amount))
            work.refunds.save(rejected)
            work.audit(actor, "refund.reject", refund.id, reason=why)
            await work.commit()
        return evolve(rejected, version=rejected.version + 1)
