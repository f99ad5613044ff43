from attrs import evolve, frozen

from application.ports.clock import Clock
from application.ports.payment_gateway import RefundReceipt, RefundState
from application.work import Begin, retrying
from domain.ids import RefundId
from domain.payment import Refund, RefundStatus

_STATUS = {
    RefundState.PENDING: RefundStatus.PENDING,
    RefundState.SUCCEEDED: RefundStatus.SUCCEEDED,
    RefundState.FAILED: RefundStatus.FAILED,
}


@frozen
class SettleRefund:
    """Bring a refund to where the gateway's truth puts it; a failed one gives its reservation back, once."""

    begin: Begin
    clock: Clock

    async def __call__(self, refund_id: RefundId, receipt: RefundReceipt) -> Refund:
        return await retrying(lambda: self._once(refund_id, receipt))

    async def _once(self, refund_id: RefundId, receipt: RefundReceipt) -> Refund:
        async with self.begin() as work:
            refund = await work.refunds.get(refund_id)
            moved = refund.move(
                _STATUS[receipt.state],
                self.clock.now(),
                gateway_reference=receipt.gateway_reference,
                failure=receipt.reason,
            )
            if moved is refund:
                return refund
            if moved.status is RefundStatus.FAILED:
                payment = await work.payments.get(refund.payment_id)
                work.payments.save(payment.release_refund(refund.amount))
            work.refunds.save(moved)
            await work.commit()
        return evolve(moved, version=moved.version + 1)
