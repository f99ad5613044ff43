from collections.abc import Sequence
from hashlib import sha256

from attrs import evolve, frozen

from application.ports.clock import Clock
from application.ports.payment_gateway import DisputeReport
from application.use_cases.cancel_booking import end_booking
from application.work import OVERTAKEN, Begin, Work, retrying
from domain.booking import Booking, BookingStatus
from domain.dispute import Dispute, DisputePolicy, DisputeStatus
from domain.ids import ID_BYTES, DisputeId, PaymentId, make_id
from domain.ledger import Journal
from domain.money import Money
from domain.payment import Payment
from domain.ticket import Ticket

LOST = "the payment was contested at the buyer's bank, and the bank kept the money"


@frozen
class SettleDispute:
    """Write down what a gateway tells of a dispute: refunds freeze, and tickets follow the event's policy."""

    begin: Begin
    clock: Clock

    async def __call__(self, payment_id: PaymentId, report: DisputeReport) -> Dispute:
        """The dispute as it then stands. Told twice, nothing more happens."""
        return await retrying(lambda: self._once(payment_id, report), OVERTAKEN)

    async def _once(self, payment_id: PaymentId, report: DisputeReport) -> Dispute:
        now = self.clock.now()
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            others = {dispute.id: dispute for dispute in await work.disputes.get_all(payment.dispute_ids)}
            known = others.pop(dispute_id_of(payment, report), None)
            booking = await work.bookings.get(payment.booking_id)
            journal = Journal(payment, booking, now)
            dispute = known or await self._opened(work, payment, booking, report)
            taken = dispute.withdraw(report.amount) if report.withdrawn else dispute
            moved = taken.close(DisputeStatus(report.state), now)
            if report.fee is not None and dispute.fee is None:
                moved = evolve(moved, fee=report.fee)
                work.ledger.add(journal.dispute_fee(moved, report.fee))
            if moved == known:
                return moved
            if moved.withdrawn and not dispute.withdrawn:
                work.ledger.add(journal.disputed(moved))
            if moved.withdrawn and moved.status is DisputeStatus.WON and dispute.status is DisputeStatus.OPEN:
                work.ledger.add(journal.dispute_won(moved))
            disputes = [*others.values(), moved]
            work.payments.save(
                payment.contested(
                    (one.id for one in disputes),
                    is_open=any(one.status is DisputeStatus.OPEN for one in disputes),
                    charged_back=Money.total((one.charged_back for one in disputes), payment.amount.currency),
                )
            )
            (work.disputes.add if known is None else work.disputes.save)(moved)
            if moved.policy is DisputePolicy.BLOCK:
                await self._treat_tickets(work, booking, payment, disputes)
            await work.commit()
        return evolve(moved, version=moved.version + 1)

    async def _opened(self, work: Work, payment: Payment, booking: Booking, report: DisputeReport) -> Dispute:
        event = await work.events.get(booking.event_id)
        return Dispute(
            id=dispute_id_of(payment, report),
            payment_id=payment.id,
            booking_id=booking.id,
            event_id=event.id,
            organizer_id=event.organizer_id,
            gateway=payment.gateway,
            gateway_reference=report.gateway_reference,
            amount=report.amount,
            reason=report.reason,
            opened_at=self.clock.now(),
            policy=event.dispute_policy,
            withdrawn=False,
        ).opened()

    async def _treat_tickets(self, work: Work, booking: Booking, payment: Payment, disputes: Sequence[Dispute]) -> None:
        if booking.status is not BookingStatus.CONFIRMED or booking.payment_id != payment.id:
            return
        if disputes[-1].status is DisputeStatus.LOST:
            await end_booking(work, booking, LOST, self.clock.now())
            return
        # Tickets that are being made at this moment would not be seen here.
        work.bookings.expect(booking)
        # One that is won opens no door while another one about the same payment is open.
        is_blocked = any(dispute.blocks_tickets for dispute in disputes)
        for ticket in await work.tickets.get_all(booking.ticket_ids):
            treated = ticket.block() if is_blocked else ticket.unblock()
            if treated != ticket:
                work.tickets.save(treated)


async def as_disputed(work: Work, booking: Booking, tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    """Tickets that become valid now, as an open dispute about their payment leaves them."""
    payment = await work.payments.find(booking.payment_id) if booking.payment_id else None
    if payment is None:
        return tickets
    # A dispute that opens at this moment changes the payment, and would not see these tickets.
    work.payments.expect(payment)
    disputes = await work.disputes.get_all(payment.dispute_ids)
    is_blocked = any(dispute.blocks_tickets for dispute in disputes)
    return [ticket.block() for ticket in tickets] if is_blocked else tickets


def dispute_id_of(payment: Payment, report: DisputeReport) -> DisputeId:
    """The name that we give to a dispute: the same, however often we hear of it."""
    digest = sha256(f"{payment.gateway}\n{report.gateway_reference}".encode()).digest()
    return DisputeId(make_id("dsp", digest[:ID_BYTES]))
