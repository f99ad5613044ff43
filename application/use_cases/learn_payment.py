import logging

from attrs import evolve, frozen

from application.gateways import Gateway, Gateways, sought
from application.ports.payment_gateway import Charge, ChargeState
from application.use_cases.settle_dispute import SettleDispute
from application.use_cases.settle_payment import SettlePayment
from application.use_cases.settle_refund import SettleRefund
from application.work import Begin, retrying
from domain.ids import PaymentId
from domain.payment import Payment, WrongAmount

log = logging.getLogger(__name__)


@frozen
class Learned:
    """What a gateway said about a payment, and where ours then stands."""

    payment: Payment
    charge: Charge | None
    """None: the gateway never heard of it."""

    @property
    def is_quarantined(self) -> bool:
        return bool(self.payment.quarantined)


@frozen
class LearnPayment:
    """Ask a gateway for the whole truth about one payment, and bring ours there: money, refunds and disputes.

    Whatever made us ask, a notice, a poll or a comparison of the books, this is the one way from their word to our
    state: neither the order of notices nor their number matters. GatewayUnavailable or GatewayRefused if it cannot say.
    """

    begin: Begin
    gateways: Gateways
    settle_payment: SettlePayment
    settle_refund: SettleRefund
    settle_dispute: SettleDispute

    async def __call__(self, payment: Payment, *, announced: bool = False) -> Learned:
        """`announced` says that the gateway itself sent a notice about it."""
        gateway = self.gateways.named(payment.gateway)
        charge = await gateway.charges.look_up(sought(payment))
        if charge is None:
            return Learned(payment, None)
        try:
            charge = await self._captured(gateway, payment, charge)
            settled = await self.settle_payment(charge, announced=announced)
        except WrongAmount as error:
            why = str(error)
            log.warning("a payment is quarantined: see `relexbooking payments findings`", extra={"payment": payment.id})
            return Learned(await retrying(lambda: self._quarantine(payment.id, why)), charge)
        for receipt in charge.refunds:
            await self.settle_refund(settled.id, receipt)
        if charge.disputed and gateway.disputes is not None:
            for report in await gateway.disputes.disputes_of(sought(settled)):
                await self.settle_dispute(settled.id, report)
        return Learned(settled, charge)

    async def _captured(self, gateway: Gateway, payment: Payment, charge: Charge) -> Charge:
        """Take money that is only set aside. Another sum than ours is left where it is."""
        if charge.state is not ChargeState.AUTHORISED or gateway.capturer is None:
            return charge
        if charge.amount != payment.amount:
            raise WrongAmount(f"payment {payment.id} asked for {payment.amount}, but {charge.amount} was set aside")
        return await gateway.capturer.capture(sought(payment))

    async def _quarantine(self, payment_id: PaymentId, why: str) -> Payment:
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            quarantined = payment.quarantine(why)
            if quarantined == payment:
                return payment
            work.payments.save(quarantined)
            await work.commit()
        return evolve(quarantined, version=quarantined.version + 1)
