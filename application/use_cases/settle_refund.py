from hashlib import sha256

from attrs import evolve, frozen

from application.ports.clock import Clock
from application.ports.payment_gateway import RefundReceipt, RefundState
from application.use_cases.cancel_booking import end_booking
from application.work import OVERTAKEN, Begin, Work, retrying
from domain.booking import Booking, BookingStatus
from domain.ids import ID_BYTES, PaymentId, RefundId, make_id
from domain.ledger import Journal
from domain.payment import Payment
from domain.refund import Refund, RefundStatus

_STATUS = {
    RefundState.PENDING: RefundStatus.PENDING,
    RefundState.SUCCEEDED: RefundStatus.SUCCEEDED,
    RefundState.FAILED: RefundStatus.FAILED,
}
ALL_WENT_BACK = "all that was paid was given back in the dashboard of the payment provider"


@frozen
class SettleRefund:
    """Bring a refund to where the gateway's truth puts it, and write down what that moved.

    A failed one gives its reservation back, once. One that we never asked for was started in the gateway's own
    dashboard: it is written down too and, when nothing is left of the payment, its booking ends.
    """

    begin: Begin
    clock: Clock

    async def __call__(self, payment_id: PaymentId, receipt: RefundReceipt) -> Refund:
        """The refund as it then stands."""
        return await retrying(lambda: self._once(payment_id, receipt), OVERTAKEN)

    async def _once(self, payment_id: PaymentId, receipt: RefundReceipt) -> Refund:
        now = self.clock.now()
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            known = await self._find(work, payment, receipt)
            refund = known or Refund.found_outside(outside_refund_id(payment, receipt), payment, receipt.amount, now)
            moved = refund.move(
                _STATUS[receipt.state], now, gateway_reference=receipt.gateway_reference, failure=receipt.reason
            )
            if known is not None and moved is refund:
                return refund
            booking = await work.bookings.get(payment.booking_id)
            after = _counted(payment, known, moved)
            if after != payment:
                work.payments.save(after)
            self._write_down(work, Journal(payment, booking, now), refund, moved)
            if known is None:
                work.refunds.add(moved)
                await self._end_if_nothing_is_left(work, after, booking)
            else:
                work.refunds.save(moved)
            await work.commit()
        return evolve(moved, version=moved.version + 1)

    async def _find(self, work: Work, payment: Payment, receipt: RefundReceipt) -> Refund | None:
        ours = await work.refunds.find(receipt.refund_id) if receipt.refund_id else None
        if ours is not None and ours.payment_id == payment.id:
            return ours
        return await work.refunds.find(outside_refund_id(payment, receipt))

    def _write_down(self, work: Work, journal: Journal, before: Refund, after: Refund) -> None:
        if after.status is RefundStatus.SUCCEEDED:
            work.ledger.add(journal.refunded(after))
        elif before.status is RefundStatus.SUCCEEDED:
            work.ledger.add(journal.bounced(after))

    async def _end_if_nothing_is_left(self, work: Work, payment: Payment, booking: Booking) -> None:
        is_paid_by_it = booking.status is BookingStatus.CONFIRMED and booking.payment_id == payment.id
        if is_paid_by_it and not payment.remaining:
            await end_booking(work, booking, ALL_WENT_BACK, self.clock.now())


def outside_refund_id(payment: Payment, receipt: RefundReceipt) -> RefundId:
    """The name that we give to a refund of the dashboard: the same, however often we hear of it."""
    digest = sha256(f"{payment.gateway}\n{receipt.gateway_reference}".encode()).digest()
    return RefundId(make_id("rfd", digest[:ID_BYTES]))


def _counted(payment: Payment, known: Refund | None, moved: Refund) -> Payment:
    """The payment with what this refund now takes out of it."""
    failed = moved.status is RefundStatus.FAILED
    if moved.outside:
        counted_before = known is not None
        if failed:
            return payment.refunded_outside(moved.amount * -1) if counted_before else payment
        return payment if counted_before else payment.refunded_outside(moved.amount)
    return payment.release_refund(moved.amount) if failed else payment
