import secrets

from attrs import evolve, frozen

from application.ports.payment_gateway import (
    Charge,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    RefundSender,
    Sought,
)
from domain.ids import PaymentId, RefundId, make_id
from tests.contracts.payment_gateway import Collector


@frozen
class KeylessGateway:
    """A broken gateway, which makes a new key for every call. No contract may let it pass."""

    collector: Collector
    sender: RefundSender

    @property
    def name(self) -> str:
        return self.collector.name

    async def open_page(self, asked: PaymentOrder) -> PaymentPage:
        other = PaymentId(make_id("pay", secrets.token_bytes(16)))
        return await self.collector.open_page(evolve(asked, payment_id=other))

    async def look_up(self, asked: Sought) -> Charge | None:
        return await self.collector.look_up(asked)

    async def refund(self, asked: RefundOrder) -> RefundReceipt:
        other = RefundId(make_id("ref", secrets.token_bytes(16)))
        return await self.sender.refund(evolve(asked, refund_id=other))

    async def look_up_refund(self, asked: RefundOrder) -> RefundReceipt | None:
        return await self.sender.look_up_refund(asked)
