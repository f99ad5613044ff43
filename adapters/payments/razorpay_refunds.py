"""Refunds at Razorpay. The key that it is given makes one of many requests; our own look makes one for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import frozen

from adapters.payments import razorpay_amounts
from adapters.payments.razorpay_answers import REFUND_NOTE, RefundAnswer
from adapters.payments.razorpay_charges import PAYMENT, RazorpayCharges
from adapters.payments.razorpay_line import NeverHeardOf, RazorpayLine
from application.ports.payment_gateway import (
    GatewayRefused,
    GatewayUnavailable,
    RefundOrder,
    RefundReceipt,
    Sought,
)

KEY_HEADER: Final = "X-Refund-Idempotency"
REFUNDABLE_FOR: Final = timedelta(days=200)
"""Razorpay gives no older money back, so no older payment is searched for."""


@frozen
class RazorpayRefunds:
    """RefundSender, of the whole and of parts."""

    line: RazorpayLine
    charges: RazorpayCharges

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        reference = await self._payment(order)
        if reference is None:
            raise GatewayRefused("no money was taken that could be given back")
        # Razorpay does not say for how long it remembers a key, so that we look before we ask once more.
        found = await self._ours(reference, order) or await self._sent(reference, order)
        receipt = found.received()
        if receipt.amount != order.amount:
            raise GatewayRefused(f"that refund stands for {receipt.amount}")
        return receipt

    async def look_up_refund(self, order: RefundOrder) -> RefundReceipt | None:
        reference = await self._payment(order)
        found = None if reference is None else await self._ours(reference, order)
        return None if found is None else found.received()

    async def _payment(self, order: RefundOrder) -> str | None:
        """Razorpay's name of the attempt that took the money."""
        if order.gateway_reference.startswith(PAYMENT):
            return order.gateway_reference
        since = datetime.now(UTC) - REFUNDABLE_FOR
        attempts = await self.charges.attempts(Sought(order.payment_id, order.gateway_reference, order.amount, since))
        return None if attempts is None or attempts.taken is None else attempts.taken.id

    async def _ours(self, reference: str, order: RefundOrder) -> RefundAnswer | None:
        try:
            refunds = await self.charges.refunds(reference)
        except NeverHeardOf:
            return None
        return next((refund for refund in refunds if refund.refund_id == order.refund_id), None)

    async def _sent(self, reference: str, order: RefundOrder) -> RefundAnswer:
        wanted = {
            "amount": razorpay_amounts.asked(order.amount)["amount"],
            "speed": "normal",
            "receipt": order.refund_id,
            "notes": {REFUND_NOTE: order.refund_id},
        }

        def deed(client: Any) -> Any:
            return client.payment.refund(reference, wanted, headers={KEY_HEADER: order.refund_id})

        answer = await self.line.ask(RefundAnswer, deed)
        if (answer.payment_id, answer.refund_id) != (reference, order.refund_id):
            raise GatewayUnavailable("Razorpay answered about another refund")
        if answer.received().amount != order.amount:
            raise GatewayUnavailable("Razorpay answered with another amount than was asked")
        return answer
