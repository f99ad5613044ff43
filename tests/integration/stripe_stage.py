"""Fixtures for tests on Stripe's stand-in; a class that inherits them gets gateways and a counterparty."""

from collections.abc import AsyncIterator, Collection, Iterator
from typing import ClassVar

import pytest

from adapters.payments.stripe_gateway import StripeGateway, StripeSettings, open_stripe_gateway
from tests.support.patience import IMPATIENT_S
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.server import API_KEY, StandIn, stripe_stand_in

WEBHOOK_SECRET = "whsec_of_the_tests"


def stripe_settings(stand_in: StandIn, *, timeout_s: float = 20.0, page_size: int = 2) -> StripeSettings:
    return StripeSettings(API_KEY, (WEBHOOK_SECRET,), api_base=stand_in.url, timeout_s=timeout_s, page_size=page_size)


class StripeStage:
    """Everything fresh for each test: the stand-in is a thread, and starts at once."""

    strikes: ClassVar[Collection[str]] = ("GET", "POST")
    """Which calls a fate may befall: the one that is the deed, where something is looked up before."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    def stand_in(self) -> Iterator[StandIn]:
        with stripe_stand_in() as stand_in:
            yield stand_in

    @pytest.fixture
    async def gateway(self, stand_in: StandIn) -> AsyncIterator[StripeGateway]:
        gateway = open_stripe_gateway(stripe_settings(stand_in))
        yield gateway
        await gateway.aclose()

    @pytest.fixture
    async def impatient_gateway(self, stand_in: StandIn) -> AsyncIterator[StripeGateway]:
        gateway = open_stripe_gateway(stripe_settings(stand_in, timeout_s=IMPATIENT_S))
        yield gateway
        await gateway.aclose()

    @pytest.fixture
    def counterparty(self, stand_in: StandIn) -> StripeCounterparty:
        return StripeCounterparty(stand_in, self.strikes)

    @pytest.fixture
    def dashboard(self, counterparty: StripeCounterparty) -> StripeCounterparty:
        return counterparty

    @pytest.fixture
    def sender(self, gateway: StripeGateway) -> StripeGateway:
        return gateway

    @pytest.fixture
    def impatient_sender(self, impatient_gateway: StripeGateway) -> StripeGateway:
        return impatient_gateway

    @pytest.fixture
    def closer(self, gateway: StripeGateway) -> StripeGateway:
        return gateway

    @pytest.fixture
    def impatient_closer(self, impatient_gateway: StripeGateway) -> StripeGateway:
        return impatient_gateway

    @pytest.fixture
    def disputes(self, gateway: StripeGateway) -> StripeGateway:
        return gateway

    @pytest.fixture
    def impatient_disputes(self, impatient_gateway: StripeGateway) -> StripeGateway:
        return impatient_gateway

    @pytest.fixture
    def statements(self, gateway: StripeGateway) -> StripeGateway:
        return gateway

    @pytest.fixture
    def impatient_statements(self, impatient_gateway: StripeGateway) -> StripeGateway:
        return impatient_gateway
