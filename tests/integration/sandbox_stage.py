"""Fixtures for tests on a running sandbox; a class that inherits them gets gateways and a counterparty."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from adapters.payments.sandbox_gateway import SandboxGateway, open_sandbox_gateway
from adapters.payments.sandbox_line import SandboxGatewaySettings
from tests.support.patience import IMPATIENT_S
from tests.support.sandbox_counterparty import SandboxCounterparty
from tests.support.sandbox_dashboard import SandboxDashboard
from tests.support.sandbox_provider import API_KEY, PLAIN, WEBHOOK_SECRET, SandboxProvider, running_sandbox
from tests.support.webhook_receiver import WebhookReceiver, webhook_receiver


def gateway_settings(provider: SandboxProvider, webhook_url: str, timeout_s: float = 20.0) -> SandboxGatewaySettings:
    return SandboxGatewaySettings(
        base_url=provider.base_url,
        api_key=API_KEY,
        webhook_url=webhook_url,
        webhook_secrets=(WEBHOOK_SECRET,),
        timeout_s=timeout_s,
        statement_lines_max=2,
    )


class SandboxStage:
    """One sandbox for all tests of a class, and everything else fresh for each test."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture(scope="class")
    @classmethod
    def provider(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProvider]:
        with running_sandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3") as provider:
            yield provider

    @pytest.fixture
    def receiver(self) -> Iterator[WebhookReceiver]:
        with webhook_receiver() as receiver:
            yield receiver

    @pytest.fixture
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(verify=PLAIN, trust_env=False) as client:
            yield client

    @pytest.fixture
    async def gateway(self, provider: SandboxProvider, receiver: WebhookReceiver) -> AsyncIterator[SandboxGateway]:
        gateway = open_sandbox_gateway(gateway_settings(provider, receiver.url))
        yield gateway
        await gateway.aclose()

    @pytest.fixture
    async def impatient_gateway(
        self, provider: SandboxProvider, receiver: WebhookReceiver
    ) -> AsyncIterator[SandboxGateway]:
        gateway = open_sandbox_gateway(gateway_settings(provider, receiver.url, timeout_s=IMPATIENT_S))
        yield gateway
        await gateway.aclose()

    @pytest.fixture
    async def counterparty(
        self, provider: SandboxProvider, client: httpx.AsyncClient
    ) -> AsyncIterator[SandboxCounterparty]:
        provider.faults()
        yield SandboxCounterparty(provider, client)
        provider.faults()

    @pytest.fixture
    def sender(self, gateway: SandboxGateway) -> SandboxGateway:
        return gateway

    @pytest.fixture
    def impatient_sender(self, impatient_gateway: SandboxGateway) -> SandboxGateway:
        return impatient_gateway

    @pytest.fixture
    def closer(self, gateway: SandboxGateway) -> SandboxGateway:
        return gateway

    @pytest.fixture
    def impatient_closer(self, impatient_gateway: SandboxGateway) -> SandboxGateway:
        return impatient_gateway

    @pytest.fixture
    def capturer(self, gateway: SandboxGateway) -> SandboxGateway:
        return gateway

    @pytest.fixture
    def impatient_capturer(self, impatient_gateway: SandboxGateway) -> SandboxGateway:
        return impatient_gateway

    @pytest.fixture
    def disputes(self, gateway: SandboxGateway) -> SandboxGateway:
        return gateway

    @pytest.fixture
    def impatient_disputes(self, impatient_gateway: SandboxGateway) -> SandboxGateway:
        return impatient_gateway

    @pytest.fixture
    def statements(self, gateway: SandboxGateway) -> SandboxGateway:
        return gateway

    @pytest.fixture
    def impatient_statements(self, impatient_gateway: SandboxGateway) -> SandboxGateway:
        return impatient_gateway

    @pytest.fixture
    async def dashboard(self, provider: SandboxProvider) -> AsyncIterator[SandboxDashboard]:
        async with httpx.AsyncClient(verify=PLAIN, trust_env=False) as client:
            yield await SandboxDashboard.signed_in(provider.base_url, API_KEY, client)
