"""The one suite that a package's gateway cannot do without, on the provider's own server."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.contracts.payment_gateway import PaymentGatewayContract
from tests.integration.sandbox_stage import SandboxStage
from tests.packages.example_gateway.example_gateway import ExampleGateway
from tests.support.patience import IMPATIENT_S
from tests.support.sandbox_provider import API_KEY, PLAIN, WEBHOOK_SECRET, SandboxProvider
from tests.support.webhook_receiver import WebhookReceiver


def opened(provider: SandboxProvider, webhook_url: str, timeout_s: float = 20.0) -> ExampleGateway:
    headers = {"authorization": f"Bearer {API_KEY}"}
    client = httpx.AsyncClient(
        base_url=provider.base_url, headers=headers, verify=PLAIN, timeout=timeout_s, trust_env=False
    )
    return ExampleGateway(client, webhook_url, (WEBHOOK_SECRET,), timeout_s)


class TestExampleGateway(SandboxStage, PaymentGatewayContract):
    adapter = "example"

    @pytest.fixture
    async def gateway(self, provider: SandboxProvider, receiver: WebhookReceiver) -> AsyncIterator[Any]:
        gateway = opened(provider, receiver.url)
        yield gateway
        await gateway.aclose()

    @pytest.fixture
    async def impatient_gateway(self, provider: SandboxProvider, receiver: WebhookReceiver) -> AsyncIterator[Any]:
        gateway = opened(provider, receiver.url, timeout_s=IMPATIENT_S)
        yield gateway
        await gateway.aclose()
