"""Payment inside a page of ours, by an order of Razorpay and its own script."""

from collections.abc import Mapping

from attrs import frozen

from adapters.payments import razorpay_amounts
from adapters.payments.razorpay_answers import PAYMENT_NOTE, OrderAnswer
from adapters.payments.razorpay_charges import RazorpayCharges
from adapters.payments.razorpay_line import RazorpayLine
from adapters.payments.razorpay_notices import is_signed
from application.ports.payment_gateway import (
    EmbeddedOrder,
    GatewayRefused,
    GatewayUnavailable,
    NoticeNotGenuine,
    PaymentOrder,
    Sought,
)


@frozen
class RazorpayEmbedded:
    """EmbeddedCheckout."""

    line: RazorpayLine
    charges: RazorpayCharges

    async def open_order(self, order: PaymentOrder) -> EmbeddedOrder:
        first = await self._first(order) or await self._made(order)
        if first.money != order.amount:
            raise GatewayRefused("that payment stands for another order")
        return EmbeddedOrder(
            first.id,
            {
                "key": self.line.settings.key_id,
                "order_id": first.id,
                "amount": str(order.amount.amount_minor),
                "currency": order.amount.currency,
                "description": order.description,
                "email": order.buyer_email,
            },
        )

    def check_return(self, sought: Sought, fields: Mapping[str, str]) -> None:
        """See EmbeddedCheckout. The fields are those that Razorpay's script hands over, by their own names."""
        order, payment, signature = (
            fields.get(name, "") for name in ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")
        )
        # Signed for another order it would be genuine, and still say nothing about this one.
        if not sought.gateway_reference or sought.gateway_reference not in {order, payment}:
            raise NoticeNotGenuine("it is about another payment")
        message = f"{order}|{payment}".encode(errors="surrogatepass")
        if not is_signed(self.line.settings.key_secret, message, signature):
            raise NoticeNotGenuine("Razorpay did not sign it")

    async def _first(self, order: PaymentOrder) -> OrderAnswer | None:
        orders = await self.charges.orders(order.payment_id)
        return orders[0] if orders else None

    async def _made(self, order: PaymentOrder) -> OrderAnswer:
        """Make one; if others did so at the same time, the oldest is the one that all of them hand out.

        Razorpay takes any number of orders with one receipt, so that only looking again tells.
        """
        wanted = {
            **razorpay_amounts.asked(order.amount),
            "receipt": order.payment_id,
            "notes": {PAYMENT_NOTE: order.payment_id},
            "payment_capture": True,
        }
        made = await self.line.ask(OrderAnswer, lambda client: client.order.create(wanted))
        first = await self._first(order)
        if first is None or made.money != order.amount:
            raise GatewayUnavailable("Razorpay made an order, and does not show it as it was asked")
        return first
