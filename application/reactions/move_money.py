"""What has to be said to the gateways, and what they said to us."""

from typing import Any, ClassVar, Final

from attrs import evolve, frozen

from application.delivery import Delivery
from application.gateways import Gateways, refund_order, sought
from application.passing import Passing, Point
from application.ports.clock import Clock
from application.ports.payment_gateway import GatewayRefused, RefundReceipt, RefundSender, RefundState
from application.ports.store import Listing, Page, Store
from application.records import NoticeReceipt
from application.use_cases.learn_payment import Learned, LearnPayment
from application.use_cases.settle_refund import SettleRefund
from application.work import Begin
from domain.facts import Fact, NoticeReceived, PaymentPageAbandoned, RefundReserved
from domain.payment import OPEN, Payment
from domain.refund import REFUND_SETTLED, Refund, RefundStatus

TAKEN: Final = "the buyer's bank has taken the money back already"


@frozen
class ApplyNotice:
    """Fetch the truth that a notice points to, and apply that: neither order nor number of notices matters."""

    name: ClassVar[str] = "apply_notice"
    reacts_to: ClassVar[type[Fact]] = NoticeReceived

    begin: Begin
    clock: Clock
    store: Store
    learn_payment: LearnPayment

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, NoticeReceived), "the relay keeps to `reacts_to`"
        receipt = await self.begin().notices.get(fact.receipt_id)
        outcome, quarantined = "not about a payment", False
        if receipt.is_about_money:
            payment = await self._payment(receipt)
            if payment is None:
                outcome, quarantined = "quarantined: about a payment that we do not know", True
            else:
                learned = await self.learn_payment(payment, announced=True)
                quarantined = learned.is_quarantined
                outcome = _outcome(learned)
        async with self.begin() as work:
            work.notices.save(evolve(receipt, applied_at=self.clock.now(), outcome=outcome, quarantined=quarantined))
            delivery.settle(work)
            await work.commit()

    async def _payment(self, receipt: NoticeReceipt) -> Payment | None:
        work = self.begin()
        payment = await work.payments.find(receipt.payment_id) if receipt.payment_id else None
        if payment is None and receipt.refund_id:
            refund = await work.refunds.find(receipt.refund_id)
            payment = await work.payments.find(refund.payment_id) if refund else None
        if payment is None and receipt.payment_reference:
            named: Page[Any] = await self.store.list(Listing("payment", "by_reference", receipt.payment_reference))
            payment = next(iter(named.items), None)
        # A notice of one gateway says nothing about the money of another.
        return payment if payment is not None and payment.gateway == receipt.gateway else None


def _outcome(learned: Learned) -> str:
    if learned.is_quarantined:
        return f"quarantined: {learned.payment.quarantined}"
    return "unknown to the gateway" if learned.charge is None else f"payment {learned.payment.status}"


@frozen
class SendRefund:
    """Ask the gateway to give back what was set aside. The refund's id is the key: asked twice, it pays once."""

    name: ClassVar[str] = "send_refund"
    reacts_to: ClassVar[type[Fact]] = RefundReserved

    begin: Begin
    clock: Clock
    gateways: Gateways
    settle_refund: SettleRefund
    passing: Passing

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, RefundReserved), "the relay keeps to `reacts_to`"
        work = self.begin()
        refund = await work.refunds.get(fact.refund_id)
        if refund.status in REFUND_SETTLED:
            return
        payment = await work.payments.get(refund.payment_id)
        if payment.disputed or refund.status is RefundStatus.AWAITING_APPROVAL:
            return  # The poll sends it once the dispute is over.
        if refund.status is RefundStatus.RESERVED:
            async with self.begin() as noting:
                noting.refunds.save(refund.move(RefundStatus.SUBMITTED, self.clock.now()))
                await noting.commit()
        sender = self.gateways.named(refund.gateway).refunds
        assert sender is not None, "a gateway without refunds takes no payments that may need one"
        self.passing(Point.BEFORE_GATEWAY)
        try:
            receipt = await self._send(sender, refund, payment)
        except GatewayRefused as error:
            receipt = RefundReceipt(refund.id, "", RefundState.FAILED, refund.amount, str(error))
        self.passing(Point.AFTER_GATEWAY)
        await self.settle_refund(payment.id, receipt)

    async def _send(self, sender: RefundSender, refund: Refund, payment: Payment) -> RefundReceipt:
        order = refund_order(refund, payment)
        if not payment.is_overdrawn:
            return await sender.refund(order)
        # Not every provider would refuse to pay a second time what a lost dispute has taken.
        known = await sender.look_up_refund(order)
        return known or RefundReceipt(refund.id, "", RefundState.FAILED, refund.amount, TAKEN)


@frozen
class ClosePaymentPage:
    """Tell the gateway to take no more money for a booking that ended. A success that still comes is refunded."""

    name: ClassVar[str] = "close_payment_page"
    reacts_to: ClassVar[type[Fact]] = PaymentPageAbandoned

    begin: Begin
    gateways: Gateways

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, PaymentPageAbandoned), "the relay keeps to `reacts_to`"
        payment = await self.begin().payments.get(fact.payment_id)
        closer = self.gateways.named(payment.gateway).closer
        if closer is not None and payment.status in OPEN:
            await closer.close_page(sought(payment))
