import logging

from attrs import frozen

from application.errors import StaleVersion
from application.gateways import Gateways, refund_order
from application.kind import microseconds
from application.listing import every
from application.ports.clock import Clock
from application.ports.payment_gateway import ChargeState, GatewayUnavailable
from application.ports.store import Listing, Store
from application.use_cases.learn_payment import LearnPayment
from application.use_cases.settle_refund import SettleRefund
from application.work import Begin
from domain.facts import RefundReserved
from domain.payment import Payment
from domain.refund import REFUND_SETTLED, Refund

log = logging.getLogger(__name__)


@frozen
class PollGateways:
    """Ask the gateways about everything that no notice has settled, so that a lost notice only costs time.

    Whatever goes wrong with one payment or refund, the others are asked about, and it is asked about again later.
    """

    begin: Begin
    clock: Clock
    store: Store
    gateways: Gateways
    learn_payment: LearnPayment
    settle_refund: SettleRefund

    async def __call__(self) -> int:
        """How many payments and refunds were asked about."""
        due = microseconds(self.clock.now()) + 1
        asked = 0
        async for payment in every(self.store, Listing("payment", "polling", "all", below=due)):
            await self.payment(payment)
            asked += 1
        async for refund in every(self.store, Listing("refund", "polling", "all", below=due)):
            await self._refund(refund)
            asked += 1
        return asked

    async def payment(self, payment: Payment) -> None:
        """Ask about one, whether or not it is time."""
        no_money = False
        try:
            learned = await self.learn_payment(payment)
            charge = learned.charge
            no_money = charge is None or charge.state in {ChargeState.PENDING, ChargeState.FAILED}
            if learned.payment.is_captured:
                return
        except GatewayUnavailable:
            log.warning("the gateway does not answer", extra={"payment": payment.id})
        except Exception:
            log.exception("a payment cannot be asked about", extra={"payment": payment.id})
        await self._ask_payment_later(payment, no_money=no_money)

    async def _ask_payment_later(self, listed: Payment, *, no_money: bool) -> None:
        async with self.begin() as work:
            payment = await work.payments.get(listed.id)
            later = payment.polled(self.clock.now(), no_money=no_money)
            if later == payment:
                return
            work.payments.save(later)
            if later.status is not payment.status:
                booking = await work.bookings.get(payment.booking_id)
                if booking.payment_failed(payment.id) != booking:
                    work.bookings.save(booking.payment_failed(payment.id))
            try:
                await work.commit()
            except StaleVersion:
                return  # There is news of it: that counts.

    async def _refund(self, refund: Refund) -> None:
        unheard_of = False
        try:
            sender = self.gateways.named(refund.gateway).refunds
            payment = await self.begin().payments.get(refund.payment_id)
            receipt = await sender.look_up_refund(refund_order(refund, payment)) if sender is not None else None
            unheard_of = sender is not None and receipt is None
            if receipt is not None and (await self.settle_refund(payment.id, receipt)).status in REFUND_SETTLED:
                return
        except GatewayUnavailable:
            log.warning("the gateway does not answer", extra={"refund": refund.id})
        except Exception:
            log.exception("a refund cannot be asked about", extra={"refund": refund.id})
        await self._ask_refund_later(refund, send_again=unheard_of)

    async def _ask_refund_later(self, listed: Refund, *, send_again: bool) -> None:
        """`send_again`: the gateway never heard of it. Its id is the key, so that telling it twice pays once."""
        async with self.begin() as work:
            refund = await work.refunds.get(listed.id)
            later = refund.polled(self.clock.now())
            if later == refund:
                return
            work.refunds.save(later)
            if send_again:
                work.tell(RefundReserved(self.clock.now(), refund.id))
            try:
                await work.commit()
            except StaleVersion:
                return  # There is news of it: that counts.
