"""The contracts of a payment gateway, on the real sandbox over a loopback socket."""

import asyncio

import pytest
from attrs import evolve, frozen

from adapters.payments.sandbox_gateway import SandboxGateway, open_sandbox_gateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    Sought,
)
from domain.money import Money
from tests.contracts.capturer import CapturerContract
from tests.contracts.careless_reader import CarelessControl
from tests.contracts.dashboard import DashboardRefundContract, captured
from tests.contracts.dispute_reader import DisputeReaderContract
from tests.contracts.keyless_gateway import KeylessControl
from tests.contracts.payment_gateway import (
    PRICE,
    Collector,
    PageCloserContract,
    PaymentGatewayContract,
    order,
    sought,
)
from tests.contracts.refund_sender import RefundSenderContract, refund_of, sought_again
from tests.contracts.statement_reader import StatementReaderContract
from tests.integration.sandbox_stage import SandboxStage, gateway_settings
from tests.support.polling import until
from tests.support.sandbox_counterparty import SandboxCounterparty
from tests.support.sandbox_dashboard import SandboxDashboard
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
class HastyCapturer:
    """A broken gateway, which takes whatever was set aside. No contract may let it pass."""

    inner: SandboxGateway

    async def capture(self, asked: Sought) -> Charge:
        charge = await self.inner.look_up(asked)
        return await self.inner.capture(evolve(asked, amount=charge.amount if charge else asked.amount))


@pytest.mark.anyio
class TestTheContractsBite(SandboxStage, KeylessControl, CarelessControl):
    page_size = 2

    async def test_a_capture_of_whatever_is_there_is_noticed(
        self, gateway: SandboxGateway, counterparty: SandboxCounterparty
    ) -> None:
        asked = order()
        await counterparty.buyer_leaves_it_authorised(await gateway.open_page(asked))
        charge = await gateway.look_up(sought(asked))
        assert charge is not None

        with pytest.raises(BaseException, match="DID NOT RAISE"):
            await CapturerContract().test_another_amount_than_was_set_aside_is_refused(
                gateway, HastyCapturer(gateway), charge
            )


@pytest.mark.anyio
class TestADashboardUsedByManyAtOnce(SandboxStage):
    async def test_hands_programs_and_banks_together_take_no_more_than_was_captured(
        self, gateway: SandboxGateway, counterparty: SandboxCounterparty, dashboard: SandboxDashboard
    ) -> None:
        charge = await captured(gateway, counterparty)
        page = f"{dashboard.url}/payments/{charge.gateway_reference}"
        await dashboard.browser.open(page)
        proof = dashboard.browser.form("Refund").fields["proof"]

        async def by_hand(deed: str) -> bool:
            form = {"deed": deed, "amount": "2.00", "reason": "x", "proof": proof}
            return (await dashboard.browser.client.post(page, data=form)).status_code == 303

        async def by_program() -> bool:
            try:
                return bool(await gateway.refund(refund_of(charge, Money(200, "INR"))))
            except GatewayRefused:
                return False

        attempts = [attempt for _ in range(6) for attempt in (by_hand("refund"), by_hand("dispute"), by_program())]
        done = await asyncio.gather(*attempts)

        assert 0 < sum(done) <= 7, "seven times two is fourteen, and fifteen were paid"
        after, reports = await gateway.look_up(sought_again(charge)), await gateway.disputes_of(sought_again(charge))
        assert after is not None
        gone = after.refunded + Money.total((report.amount for report in reports), "INR")
        assert gone == Money(200, "INR") * sum(done)
        assert gone <= PRICE


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
