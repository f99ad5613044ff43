"""A payment gateway in the test's own pocket: it keeps the gateway ports' promises without any network."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from attrs import Factory, define, evolve

from application.gateways import Gateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    DisputeReport,
    DisputeState,
    EmbeddedOrder,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    NoticeNotGenuine,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    RefundState,
    Sought,
    StatementLine,
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
    refunds: dict[RefundId | None, RefundReceipt] = Factory(dict)
    closed: set[PaymentId] = Factory(set)
    contested: dict[PaymentId, list[DisputeReport]] = Factory(dict)
    captured_at: dict[PaymentId, datetime] = Factory(dict)
    refund_state: RefundState = RefundState.SUCCEEDED
    down: bool = False
    deaf_after: bool = False
    refuses: bool = False
    calls: int = 0

    def as_gateway(self) -> Gateway:
        origins = frozenset({"https://pocket.example"})
        return Gateway(
            self.name,
            pages=self,
            charges=self,
            notices=self,
            refunds=self,
            partial_refunds=self,
            closer=self,
            capturer=self,
            disputes=self,
            statements=self,
            embedded=self,
            page_origins=origins,
        )

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
            self.orders[order.payment_id] = order
            self.charges[order.payment_id] = Charge(
                order.payment_id, page.gateway_reference, ChargeState.PENDING, order.amount
            )
        self._answered()
        return page

    async def open_order(self, order: PaymentOrder) -> EmbeddedOrder:
        page = await self.open_page(order)
        return EmbeddedOrder(page.gateway_reference, {"order": page.gateway_reference, "key": "public"})

    def check_return(self, sought: Sought, fields: Mapping[str, str]) -> None:
        if fields.get("signature") != f"{SIGNATURE}:{sought.payment_id}":
            raise NoticeNotGenuine("not signed for this payment")

    async def look_up(self, sought: Sought) -> Charge | None:
        self._called()
        return self._now(sought.payment_id)

    def _now(self, payment_id: PaymentId) -> Charge | None:
        """The charge with its refunds as they stand."""
        charge = self.charges.get(payment_id)
        if charge is None:
            return None
        return evolve(charge, refunds=tuple(self.refunds.get(r.refund_id, r) for r in charge.refunds))

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        self._called()
        if order.refund_id not in self.refunds:
            charge = self._now(order.payment_id)
            assert charge is not None, "a refund is of a payment"
            if not charge.refunded + order.amount <= charge.amount:
                raise GatewayRefused("more than was paid")
            receipt = RefundReceipt(order.refund_id, f"pr_{order.refund_id}", self.refund_state, order.amount)
            self.refunds[order.refund_id] = receipt
            self.charges[order.payment_id] = evolve(charge, refunds=(*charge.refunds, receipt))
        self._answered()
        return self.refunds[order.refund_id]

    async def look_up_refund(self, order: RefundOrder) -> RefundReceipt | None:
        self._called()
        return self.refunds.get(order.refund_id)

    async def close_page(self, sought: Sought) -> None:
        self._called()
        self.closed.add(sought.payment_id)

    async def capture(self, sought: Sought) -> Charge:
        self._called()
        self.becomes(sought.payment_id, ChargeState.CAPTURED)
        self._answered()
        return self.charges[sought.payment_id]

    async def disputes_of(self, sought: Sought) -> Sequence[DisputeReport]:
        self._called()
        return self.contested.get(sought.payment_id, [])

    async def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        self._called()
        for payment_id, at in self.captured_at.items():
            charge = self.charges[payment_id]
            if start <= at < end:
                yield StatementLine(payment_id, charge.gateway_reference, charge.amount, charge.refunded, at)

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        if headers.get("signature") != SIGNATURE:
            raise NoticeNotGenuine("not ours")
        said = json.loads(body)
        return Notice(said["id"], said["kind"], "pocket", said.get("payment_id"), said.get("refund_id"))

    def becomes(self, payment_id: PaymentId, state: ChargeState, *, at: datetime | None = None) -> None:
        """What the buyer does on the page; `at` puts money that is taken on the statement of that time."""
        self.charges[payment_id] = evolve(self.charges[payment_id], state=state)
        if at is not None:
            self.captured_at[payment_id] = at

    def refund_by_hand(
        self,
        payment_id: PaymentId,
        amount: Money,
        state: RefundState = RefundState.SUCCEEDED,
        *,
        reference: str = "hand",
    ) -> None:
        """What somebody does in the dashboard. The same reference again changes that refund."""
        charge = self.charges[payment_id]
        others = tuple(one for one in charge.refunds if one.gateway_reference != reference)
        self.charges[payment_id] = evolve(charge, refunds=(*others, RefundReceipt(None, reference, state, amount)))

    def dispute(
        self,
        payment_id: PaymentId,
        state: DisputeState,
        amount: Money,
        *,
        fee: Money | None = None,
        withdrawn: bool = True,
    ) -> None:
        """What the buyer's bank does."""
        report = DisputeReport(f"pd_{payment_id}", state, amount, "fraudulent", fee, withdrawn=withdrawn)
        self.contested[payment_id] = [report]
        self.charges[payment_id] = evolve(self.charges[payment_id], disputed=True)

    def notice(self, payment_id: PaymentId, notice_id: str = "") -> tuple[dict[str, str], bytes]:
        """Headers and body of the webhook about a payment."""
        state = self.charges[payment_id].state
        said = {"id": notice_id or f"{payment_id}-{state}", "kind": f"payment.{state}", "payment_id": payment_id}
        return {"signature": SIGNATURE}, json.dumps(said).encode()
