from attrs import frozen

from application.comparing import why_without_tickets
from application.gateways import Gateway
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.payment_gateway import GatewayRefused
from application.use_cases.cancel_booking import RefundPlan, reserve_refund
from application.use_cases.compare_books import CompareBooks
from application.use_cases.learn_payment import LearnPayment
from application.work import Begin, retrying
from domain.booking import BookingStatus
from domain.facts import BookingConfirmed
from domain.ids import PaymentId
from domain.reconciliation import Difference, FindingKind

BOUGHT_NOTHING = "the payment bought no tickets, and goes back"


@frozen
class HealFinding:
    """Put right what can be put right without a person: what the gateway knows better is learnt from it.

    Our own money without tickets goes back in full, and only if it neither confirmed a booking nor was ever meant to
    go back: the commit that captures also does one of the two, so this should be impossible. Everything else is left
    for a person to decide. GatewayUnavailable if the gateway does not answer.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    compare: CompareBooks
    learn_payment: LearnPayment

    async def __call__(self, gateway: Gateway, difference: Difference) -> str:
        """What was done; empty if it needs a person."""
        match difference.kind:
            case FindingKind.NOT_CAPTURED_HERE | FindingKind.REFUND_DIFFERS:
                return await self._learn(gateway, difference)
            case FindingKind.PAYMENT_WITHOUT_TICKETS:
                return await retrying(lambda: self._make_good(PaymentId(difference.subject)))
            case _:
                return ""

    async def _learn(self, gateway: Gateway, difference: Difference) -> str:
        payment_id = PaymentId(difference.subject)
        try:
            await self.learn_payment(await self.begin().payments.get(payment_id))
        except GatewayRefused:
            return ""
        left = [found.kind async for found in self.compare.payment(gateway, payment_id)]
        if difference.kind in left:
            return ""
        ours = await self.compare.ours(payment_id)
        return f"learnt from {gateway.name}: the payment is {ours.payment.status}, the booking {ours.booking.status}"

    async def _make_good(self, payment_id: PaymentId) -> str:
        now = self.clock.now()
        ours = await self.compare.ours(payment_id)
        payment, booking = ours.payment, ours.booking
        if not why_without_tickets(ours, now):
            return "they agree again"
        async with self.begin() as work:
            if booking.status is BookingStatus.CONFIRMED and ours.is_ticketed:
                work.bookings.expect(booking)
                # It makes tickets only where there are none.
                work.tell(BookingConfirmed(now, booking.id))
                done = "the tickets are being made once more"
            elif ours.refunds or not payment.refundable:
                return ""
            else:
                work.bookings.expect(booking)
                refund = reserve_refund(work, self.ids, payment, RefundPlan(payment.refundable, BOUGHT_NOTHING), now)
                done = f"{refund.amount} goes back to the buyer: {refund.id}"
            await work.commit()
        return done
