"""The contracts of a payment gateway, on the real sandbox over a loopback socket."""

import asyncio
import secrets

import pytest
from attrs import evolve, frozen

from adapters.payments.sandbox_gateway import SandboxGateway, open_sandbox_gateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayUnavailable,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    Sought,
)
from domain.ids import PaymentId, RefundId, make_id
from tests.contracts.capturer import CapturerContract
from tests.contracts.dashboard import DashboardRefundContract
from tests.contracts.dispute_reader import DisputeReaderContract
from tests.contracts.payment_gateway import Collector, PageCloserContract, PaymentGatewayContract, order, sought
from tests.contracts.refund_sender import RefundSenderContract
from tests.contracts.statement_reader import StatementReaderContract
from tests.integration.sandbox_stage import SandboxStage, gateway_settings
from tests.support.polling import until
from tests.support.sandbox_counterparty import SandboxCounterparty
from tests.support.sandbox_provider import SandboxProvider
from tests.support.webhook_receiver import WebhookReceiver


class TestSandboxGateway(SandboxStage, PaymentGatewayContract):
    adapter = "sandbox"


class TestSandboxPageCloser(SandboxStage, PageCloserContract):
    adapter = "sandbox"


class TestSandboxRefundSender(SandboxStage, RefundSenderContract):
    adapter = "sandbox"


class TestSandboxCapturer(SandboxStage, CapturerContract):
    adapter = "sandbox"


class TestSandboxDisputeReader(SandboxStage, DisputeReaderContract):
    adapter = "sandbox"


class TestSandboxStatementReader(SandboxStage, StatementReaderContract):
    adapter = "sandbox"


class TestSandboxDashboardRefunds(SandboxStage, DashboardRefundContract):
    adapter = "sandbox"


@frozen
class KeylessGateway:
    """A broken gateway, which makes a new key for every call. No contract may let it pass."""

    inner: SandboxGateway

    @property
    def name(self) -> str:
        return self.inner.name

    async def open_page(self, asked: PaymentOrder) -> PaymentPage:
        return await self.inner.open_page(evolve(asked, payment_id=PaymentId(make_id("pay", secrets.token_bytes(16)))))

    async def look_up(self, asked: Sought) -> Charge | None:
        return await self.inner.look_up(asked)

    async def refund(self, asked: RefundOrder) -> RefundReceipt:
        return await self.inner.refund(evolve(asked, refund_id=RefundId(make_id("ref", secrets.token_bytes(16)))))

    async def look_up_refund(self, asked: RefundOrder) -> RefundReceipt | None:
        return await self.inner.look_up_refund(asked)


@pytest.mark.anyio
class TestTheContractsBite(SandboxStage):
    @pytest.fixture
    def broken(self, gateway: SandboxGateway) -> KeylessGateway:
        return KeylessGateway(gateway)

    async def test_a_second_page_is_noticed(self, broken: KeylessGateway) -> None:
        contract = PaymentGatewayContract()

        with pytest.raises(AssertionError):
            await contract.test_an_order_asked_again_gets_the_same_page(broken)
        with pytest.raises(AssertionError):
            await contract.test_an_order_asked_many_times_at_once_gets_one_page(broken)

    async def test_a_second_refund_is_noticed(
        self, gateway: SandboxGateway, broken: KeylessGateway, counterparty: SandboxCounterparty
    ) -> None:
        asked = order()
        await counterparty.buyer_pays(await gateway.open_page(asked))
        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        contract = RefundSenderContract()

        with pytest.raises(AssertionError):
            await contract.test_a_refund_asked_again_is_the_same_refund(gateway, broken, charge)
        with pytest.raises(AssertionError):
            await contract.test_fifty_requests_at_once_are_one_refund(gateway, broken, charge)


@pytest.mark.anyio
class TestARestartedSandbox(SandboxStage):
    async def test_a_killed_sandbox_keeps_its_payments_and_goes_on_delivering(
        self,
        provider: SandboxProvider,
        gateway: SandboxGateway,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
    ) -> None:
        # The receiver is down until after the restart, so that the notice is still on its way when the power goes.
        receiver.always = 503
        asked = order()
        await counterparty.buyer_pays(await gateway.open_page(asked))
        provider.faults(delay_webhooks_s=1)
        other = order()
        await counterparty.buyer_pays(await gateway.open_page(other))

        provider.kill()
        with pytest.raises(GatewayUnavailable):
            await gateway.look_up(sought(asked))
        assert not any(other.payment_id.encode() in one.body for one in receiver.delivered)
        receiver.always = 200
        provider.start()

        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        assert charge.state is ChargeState.CAPTURED
        await until(lambda: any(other.payment_id.encode() in one.body for one in receiver.delivered))

    async def test_a_wrong_key_says_nothing_about_the_payment(
        self, provider: SandboxProvider, gateway: SandboxGateway, receiver: WebhookReceiver
    ) -> None:
        asked = order()
        await gateway.open_page(asked)
        settings = evolve(gateway_settings(provider, receiver.url), api_key="a wrong key")
        stranger: Collector = open_sandbox_gateway(settings)

        outcomes = await asyncio.gather(
            stranger.look_up(sought(asked)), stranger.open_page(order()), return_exceptions=True
        )

        assert [type(outcome) for outcome in outcomes] == [GatewayUnavailable, GatewayUnavailable]
        assert "a wrong key" not in f"{stranger!r}{outcomes!r}"
        assert isinstance(stranger, SandboxGateway)
        await stranger.aclose()
