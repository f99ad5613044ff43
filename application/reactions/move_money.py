"""What has to be said to the gateways, and what they said to us."""

from typing import ClassVar

from attrs import evolve, frozen

from application.access import Actor
from application.delivery import Delivery
from application.gateways import Gateways, refund_order, sought
from application.listing import every
from application.passing import Passing, Point
from application.ports.clock import Clock
from application.ports.payment_gateway import GatewayRefused, RefundReceipt, RefundState
from application.ports.store import Listing, Store
from application.use_cases.cancel_booking import CancelBooking, CancelBookingCommand
from application.use_cases.settle_payment import SettlePayment
from application.use_cases.settle_refund import SettleRefund
from application.work import Begin
from domain.booking import BookingStatus
from domain.facts import EventCancelled, Fact, NoticeReceived, PaymentPageAbandoned, RefundReserved
from domain.payment import OPEN, REFUND_SETTLED, RefundStatus, WrongAmount


@frozen
class ApplyNotice:
    """Fetch the truth that a notice points to, and apply that: neither order nor number of notices matters."""

    name: ClassVar[str] = "apply_notice"
    reacts_to: ClassVar[type[Fact]] = NoticeReceived

    begin: Begin
    clock: Clock
    gateways: Gateways
    settle_payment: SettlePayment
    settle_refund: SettleRefund

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, NoticeReceived), "the relay keeps to `reacts_to`"
        receipt = await self.begin().notices.get(fact.receipt_id)
        gateway = self.gateways.named(receipt.gateway)
        outcome = "nothing of ours"
        payment = await self.begin().payments.find(receipt.payment_id) if receipt.payment_id else None
        if payment is not None:
            charge = await gateway.charges.look_up(sought(payment))
            outcome = "unknown to the gateway"
            if charge is not None:
                try:
                    outcome = f"payment {(await self.settle_payment(charge)).status}"
                except WrongAmount as error:
                    outcome = f"quarantined: {error}"
        refund = await self.begin().refunds.find(receipt.refund_id) if receipt.refund_id else None
        if refund is not None and gateway.refunds is not None:
            refunded = await self.begin().payments.get(refund.payment_id)
            answer = await gateway.refunds.look_up_refund(refund_order(refund, refunded))
            outcome = (
                f"refund {(await self.settle_refund(refund.id, answer)).status}" if answer else "unknown to the gateway"
            )
        async with self.begin() as work:
            work.notices.save(evolve(receipt, applied_at=self.clock.now(), outcome=outcome))
            delivery.settle(work)
            await work.commit()


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
        if refund.status is RefundStatus.RESERVED:
            async with self.begin() as noting:
                noting.refunds.save(refund.move(RefundStatus.SUBMITTED, self.clock.now()))
                await noting.commit()
        sender = self.gateways.named(refund.gateway).refunds
        assert sender is not None, "a gateway without refunds takes no payments that may need one"
        self.passing(Point.BEFORE_GATEWAY)
        try:
            receipt = await sender.refund(refund_order(refund, payment))
        except GatewayRefused as error:
            receipt = RefundReceipt(refund.id, "", RefundState.FAILED, refund.amount, str(error))
        self.passing(Point.AFTER_GATEWAY)
        await self.settle_refund(refund.id, receipt)


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


@frozen
class CancelBookingsOfEvent:
    """Cancel and refund every booking of an event that was called off.

    It goes on from wherever it was stopped: a booking that is cancelled already is passed over.
    """

    name: ClassVar[str] = "cancel_bookings_of_event"
    reacts_to: ClassVar[type[Fact]] = EventCancelled

    store: Store
    cancel_booking: CancelBooking

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, EventCancelled), "the relay keeps to `reacts_to`"
        for status in (BookingStatus.HELD, BookingStatus.AWAITING_PAYMENT, BookingStatus.CONFIRMED):
            alive = Listing("booking", "by_event", fact.event_id, equal={"status": status})
            async for booking in every(self.store, alive):
                command = CancelBookingCommand(booking.id, "the event was cancelled")
                await self.cancel_booking(Actor.system(), command)
