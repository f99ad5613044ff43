"""Payment by a link of Razorpay: its page, its end, and the capture of what was only set aside."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import field, frozen

from adapters.payments import razorpay_amounts
from adapters.payments.razorpay_answers import PAYMENT_NOTE, LinkAnswer, PaymentAnswer
from adapters.payments.razorpay_charges import LINK, RazorpayCharges
from adapters.payments.razorpay_line import NeverHeardOf, RazorpayLine
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOrder,
    PaymentPage,
    Sought,
)

SHORTEST_LIFE: Final = timedelta(minutes=16)
"""Razorpay takes no link that ends within 15 minutes; the rest is for the way there and for clocks that differ."""
LATELY: Final = timedelta(days=2)
"""How far back the first link of an order may be that is placed once more."""


def _now() -> datetime:
    return datetime.now(UTC)


@frozen
class RazorpayGateway:
    """PaymentGateway, ChargeReader, PageCloser and Capturer of Razorpay, by its Payment Links.

    A page may stay open a little longer than was ordered, since none ends within 15 minutes: whoever holds the places
    closes it in time, and gives back what comes all the same.
    """

    line: RazorpayLine
    charges: RazorpayCharges
    now: Callable[[], datetime] = field(default=_now, repr=False)

    @property
    def name(self) -> str:
        return "razorpay"

    async def aclose(self) -> None:
        """Let the line go, which all parts of the gateway share."""
        await self.line.aclose()

    async def open_page(self, order: PaymentOrder) -> PaymentPage:
        wanted = self._link(order)
        try:
            link = await self.line.ask(LinkAnswer, lambda client: client.payment_link.create(wanted))
        except GatewayRefused as refusal:
            link = await self._opened_before(order, refusal)
        else:
            if link.money != order.amount:
                raise GatewayUnavailable("Razorpay answered with another amount than was asked")
        return PaymentPage(link.id, link.short_url)

    async def look_up(self, sought: Sought) -> Charge | None:
        return await self.charges.look_up(sought)

    async def close_page(self, sought: Sought) -> None:
        """Cancel the link. An order for a page of ours cannot be closed at Razorpay, and is left alone: money that
        still comes for it is captured, and then given back by whoever finds no places for it.
        """
        reference = await self._link_of(sought)
        if reference is None:
            return
        try:
            await self.line.ask(LinkAnswer, lambda client: client.payment_link.cancel(reference))
        except NeverHeardOf:
            return
        except GatewayRefused:
            link = await self.line.ask(LinkAnswer, lambda client: client.payment_link.fetch(reference))
            if not link.is_over and link.status != "paid":
                raise

    async def capture(self, sought: Sought) -> Charge:
        found = await self.look_up(sought)
        if found is None or found.state not in {ChargeState.AUTHORISED, ChargeState.CAPTURED}:
            raise GatewayRefused("no money is set aside for that payment")
        if found.state is ChargeState.AUTHORISED:
            found = await self._captured(sought, found.gateway_reference)
        return found

    async def _captured(self, sought: Sought, reference: str) -> Charge:
        amount = razorpay_amounts.asked(sought.amount)

        def deed(client: Any) -> Any:
            return client.payment.capture(reference, amount["amount"], {"currency": amount["currency"]})

        refusal: GatewayRefused | None = None
        try:
            await self.line.ask(PaymentAnswer, deed)
        except GatewayRefused as error:
            refusal = error  # It may have been captured a moment ago, by Razorpay itself or by another of us.
        charge = await self.charges.look_up(Sought(sought.payment_id, reference, sought.amount, sought.created_at))
        if charge is not None and charge.state is ChargeState.CAPTURED:
            return charge
        raise refusal or GatewayUnavailable("Razorpay captured the payment, and does not say so yet")

    def _link(self, order: PaymentOrder) -> dict[str, Any]:
        ends_at = max(order.expires_at, self.now() + SHORTEST_LIFE)
        return {
            **razorpay_amounts.asked(order.amount),
            "accept_partial": False,
            "reference_id": order.payment_id,
            "description": order.description,
            "customer": {"email": order.buyer_email},
            # The buyer is on the page already; mail about it comes from us.
            "notify": {"email": False, "sms": False},
            "reminder_enable": False,
            "notes": {PAYMENT_NOTE: order.payment_id},
            "callback_url": order.return_url,
            "callback_method": "get",
            "expire_by": math.ceil(ends_at.timestamp()),
        }

    async def _opened_before(self, order: PaymentOrder, refusal: GatewayRefused) -> LinkAnswer:
        """The link that took our reference first, if that is why a second one was refused."""
        link = await self.charges.link(order.payment_id, self.now() - LATELY)
        if link is None:
            if "reference_id" in str(refusal):
                raise GatewayUnavailable("Razorpay says that the link exists, and does not show it") from None
            raise refusal
        if link.money != order.amount:
            raise GatewayRefused(f"that payment stands for another order: {refusal}")
        return link

    async def _link_of(self, sought: Sought) -> str | None:
        if sought.gateway_reference.startswith(LINK):
            return sought.gateway_reference
        if sought.gateway_reference:
            return None
        link = await self.charges.link(sought.payment_id, sought.created_at)
        return None if link is None else link.id
