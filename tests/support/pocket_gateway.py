"""A payment gateway in the test's own pocket: it keeps the gateway ports' promises without any network."""

import json
from collections.abc import Mapping
from datetime import datetime

from attrs import Factory, define, evolve

from application.gateways import Gateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    NoticeNotGenuine,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    RefundState,
)
from domain.ids import PaymentId, RefundId
from domain.money import Money

SIGNATURE = "genuine"


@define(eq=False)
class PocketGateway:
    """Buyers pay by `pay`. `down` makes every call unavailable; `deaf_after` acts and then does not answer."""

    name: str = "pocket"
    charges: dict[PaymentId, Charge] = Factory(dict)
    orders: dict[PaymentId, PaymentOrder] = Factory(dict)
    refunds: dict[RefundId, RefundReceipt] = Factory(dict)
    closed: set[PaymentId] = Factory(set)
    refund_state: RefundState = RefundState.SUCCEEDED
    down: bool = False
    deaf_after: bool = False
    refuses: bool = False
    calls: int = 0

    def as_gateway(self) -> Gateway:
        origins = frozenset({"https://pocket.example"})
        return Gateway(self.name, pages=self, notices=self, refunds=self, closer=self, page_origins=origins)

    def _called(self) -> None:
        self.calls += 1
        if self.down:
            raise GatewayUnavailable("the line is dead")
        if self.refuses:
            raise GatewayRefused("we do not like it")

    def _answered(self) -> None:
        if self.deaf_after:
            raise GatewayUnavailable("the answer was lost")

    async def open_page(self, order: PaymentOrder) -> PaymentPage:
        self._called()
        page = PaymentPage(f"pk_{order.payment_id}", f"https://pocket.example/pay/{order.payment_id}")
        if order.payment_id not in self.charges:
            zero = Money.zero(order.amount.currency)
            self.orders[order.payment_id] = order
            self.charges[order.payment_id] = Charge(
                order.payment_id, page.gateway_reference, ChargeState.PENDING, order.amount, zero
            )
        self._answered()
        return page

    async def look_up(self, payment_id: PaymentId) -> Charge | None:
        self._called()
        return self.charges.get(payment_id)

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        self._called()
        if order.refund_id not in self.refunds:
            charge = self.charges[order.payment_id]
            if not charge.refunded + order.amount <= charge.amount:
                raise GatewayRefused("more than was paid")
            self.charges[order.payment_id] = evolve(charge, refunded=charge.refunded + order.amount)
            self.refunds[order.refund_id] = RefundReceipt(
                order.refund_id, f"pr_{order.refund_id}", self.refund_state, order.amount
            )
        self._answered()
        return self.refunds[order.refund_id]

    async def look_up_refund(self, refund_id: RefundId) -> RefundReceipt | None:
        self._called()
        return self.refunds.get(refund_id)

    async def close_page(self, payment_id: PaymentId) -> None:
        self._called()
        self.closed.add(payment_id)

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        if headers.get("signature") != SIGNATURE:
            raise NoticeNotGenuine("not ours")
        said = json.loads(body)
        return Notice(said["id"], said["kind"], "pocket", said.get("payment_id"), said.get("refund_id"))

    def becomes(self, payment_id: PaymentId, state: ChargeState) -> None:
        """What the buyer does on the page."""
        self.charges[payment_id] = evolve(self.charges[payment_id], state=state)

    def notice(self, payment_id: PaymentId, notice_id: str = "") -> tuple[dict[str, str], bytes]:
        """Headers and body of the webhook about a payment."""
        state = self.charges[payment_id].state
        said = {"id": notice_id or f"{payment_id}-{state}", "kind": f"payment.{state}", "payment_id": payment_id}
        return {"signature": SIGNATURE}, json.dumps(said).encode()
