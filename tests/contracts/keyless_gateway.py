"""A gateway that keeps no key, and what the contracts must say of it."""

import secrets
from typing import ClassVar

import pytest
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
from tests.contracts.dashboard import captured
from tests.contracts.payment_gateway import Collector, Counterparty, PaymentGatewayContract
from tests.contracts.refund_sender import RefundSenderContract


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


@pytest.mark.anyio
class KeylessControl:
    """The control of each provider's suites. Fixtures of a subclass: gateway, sender, counterparty."""

    refunds: ClassVar[type[RefundSenderContract]] = RefundSenderContract
    fifty_refunds_are: ClassVar[type[Exception]] = AssertionError
    """How it shows that many were made: a provider may refuse those that are more than the whole."""

    @pytest.fixture
    def keyless(self, gateway: Collector, sender: RefundSender) -> KeylessGateway:
        return KeylessGateway(gateway, sender)

    async def test_a_second_page_is_noticed(self, keyless: KeylessGateway) -> None:
        contract = PaymentGatewayContract()

        with pytest.raises(AssertionError):
            await contract.test_an_order_asked_again_gets_the_same_page(keyless)
        with pytest.raises(AssertionError):
            await contract.test_an_order_asked_many_times_at_once_gets_one_page(keyless)

    async def test_a_second_refund_is_noticed(
        self, gateway: Collector, keyless: KeylessGateway, counterparty: Counterparty
    ) -> None:
        charge = await captured(gateway, counterparty)
        contract = self.refunds()

        with pytest.raises(AssertionError):
            await contract.test_a_refund_asked_again_is_the_same_refund(gateway, keyless, charge)
        with pytest.raises(self.fifty_refunds_are):
            await contract.test_fifty_requests_at_once_are_one_refund(gateway, keyless, charge)
