from attrs import frozen

from application.errors import StaleVersion
from application.gateways import Gateways
from application.kinds import microseconds
from application.listing import every
from application.ports.clock import Clock
from application.ports.payment_gateway import GatewayUnavailable
from application.ports.store import Listing, Store
from application.use_cases.settle_payment import SettlePayment
from application.use_cases.settle_refund import SettleRefund
from application.work import Begin
from domain.payment import OPEN, REFUND_SETTLED, Payment, Refund, WrongAmount


@frozen
class PollGateways:
    """Ask the gateways about everything that no notice has settled, so that a lost notice only costs time."""

    begin: Begin
    clock: Clock
    store: Store
    gateways: Gateways
    settle_payment: SettlePayment
    settle_refund: SettleRefund

    async def __call__(self) -> int:
        """How many payments and refunds were asked about."""
        due = microseconds(self.clock.now()) + 1
        asked = 0
        async for payment in every(self.store, Listing("payment", "polling", "all", below=due)):
            await self.payment(payment)
            asked += 1
        async for refund in every(self.store, Listing("refund", "polling", "all", below=due)):
            await self.refund(refund)
            asked += 1
        return asked

    async def payment(self, payment: Payment) -> None:
        """Ask about one. A gateway that does not answer, or speaks of another sum, is asked again later."""
        settled = payment
        try:
            charge = await self.gateways.named(payment.gateway).pages.look_up(payment.id)
            if charge is not None:
                settled = await self.settle_payment(charge)
        except (GatewayUnavailable, WrongAmount):
            pass
        if settled.status in OPEN:
            await self._ask_payment_later(payment)

    async def _ask_payment_later(self, listed: Payment) -> None:
        async with self.begin() as work:
            payment = await work.payments.get(listed.id)
            later = payment.polled(self.clock.now())
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

    async def refund(self, refund: Refund) -> None:
        """Ask about one. What the gateway never heard of is sent by the relay, which retries."""
        gateway = self.gateways.named(refund.gateway)
        settled = refund
        if gateway.refunds is not None:
            try:
                receipt = await gateway.refunds.look_up_refund(refund.id)
                if receipt is not None:
                    settled = await self.settle_refund(receipt)
            except GatewayUnavailable:
                pass
        if settled.status not in REFUND_SETTLED:
            await self._ask_refund_later(refund)

    async def _ask_refund_later(self, listed: Refund) -> None:
        async with self.begin() as work:
            refund = await work.refunds.get(listed.id)
            later = refund.polled(self.clock.now())
            if later == refund:
                return
            work.refunds.save(later)
            try:
                await work.commit()
            except StaleVersion:
                return
