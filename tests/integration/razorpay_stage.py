"""Fixtures for tests on the stand-in of Razorpay: the vendor's own client, over a loopback socket."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.payments.razorpay_books import RazorpayBooks
from adapters.payments.razorpay_building import on_line
from adapters.payments.razorpay_charges import RazorpayCharges
from adapters.payments.razorpay_embedded import RazorpayEmbedded
from adapters.payments.razorpay_gateway import RazorpayGateway
from adapters.payments.razorpay_line import RazorpayLine, RazorpaySettings, open_line
from adapters.payments.razorpay_refunds import RazorpayRefunds
from application.gateways import Gateway
from tests.support.patience import IMPATIENT_S
from tests.support.razorpay_counterparty import RazorpayCounterparty
from tests.support.razorpay_standin.courier import ACCOUNT
from tests.support.razorpay_standin.server import (
    KEY_ID,
    KEY_SECRET,
    WEBHOOK_SECRET,
    RazorpayStandin,
    running_razorpay,
)


def line_settings(standin: RazorpayStandin, timeout_s: float = 20.0, page_size: int = 3) -> RazorpaySettings:
    return RazorpaySettings(
        key_id=KEY_ID,
        key_secret=KEY_SECRET,
        webhook_secrets=(WEBHOOK_SECRET,),
        account=ACCOUNT,
        api_base=standin.base_url,
        timeout_s=timeout_s,
        page_size=page_size,
    )


class RazorpayStage:
    """Everything fresh for each test; lists come in pages of three."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    def standin(self) -> Iterator[RazorpayStandin]:
        with running_razorpay() as standin:
            yield standin

    @pytest.fixture
    def counterparty(self, standin: RazorpayStandin) -> RazorpayCounterparty:
        return RazorpayCounterparty(standin)

    @pytest.fixture
    def dashboard(self, standin: RazorpayStandin) -> RazorpayCounterparty:
        return RazorpayCounterparty(standin)

    @pytest.fixture
    def script(self, standin: RazorpayStandin) -> RazorpayCounterparty:
        return RazorpayCounterparty(standin)

    @pytest.fixture
    async def line(self, standin: RazorpayStandin) -> AsyncIterator[RazorpayLine]:
        line = open_line(line_settings(standin))
        yield line
        await line.aclose()

    @pytest.fixture
    async def impatient_line(self, standin: RazorpayStandin) -> AsyncIterator[RazorpayLine]:
        line = open_line(line_settings(standin, IMPATIENT_S))
        yield line
        await line.aclose()

    @pytest.fixture
    def bundle(self, line: RazorpayLine) -> Gateway:
        return on_line(line)

    @pytest.fixture
    def gateway(self, line: RazorpayLine) -> RazorpayGateway:
        return RazorpayGateway(line, RazorpayCharges(line))

    @pytest.fixture
    def impatient_gateway(self, impatient_line: RazorpayLine) -> RazorpayGateway:
        return RazorpayGateway(impatient_line, RazorpayCharges(impatient_line))

    @pytest.fixture
    def sender(self, line: RazorpayLine) -> RazorpayRefunds:
        return RazorpayRefunds(line, RazorpayCharges(line))

    @pytest.fixture
    def impatient_sender(self, impatient_line: RazorpayLine) -> RazorpayRefunds:
        return RazorpayRefunds(impatient_line, RazorpayCharges(impatient_line))

    @pytest.fixture
    def closer(self, gateway: RazorpayGateway) -> RazorpayGateway:
        return gateway

    @pytest.fixture
    def impatient_closer(self, impatient_gateway: RazorpayGateway) -> RazorpayGateway:
        return impatient_gateway

    @pytest.fixture
    def capturer(self, gateway: RazorpayGateway) -> RazorpayGateway:
        return gateway

    @pytest.fixture
    def impatient_capturer(self, impatient_gateway: RazorpayGateway) -> RazorpayGateway:
        return impatient_gateway

    @pytest.fixture
    def books(self, line: RazorpayLine) -> RazorpayBooks:
        return RazorpayBooks(line, RazorpayCharges(line))

    @pytest.fixture
    def impatient_books(self, impatient_line: RazorpayLine) -> RazorpayBooks:
        return RazorpayBooks(impatient_line, RazorpayCharges(impatient_line))

    @pytest.fixture
    def disputes(self, books: RazorpayBooks) -> RazorpayBooks:
        return books

    @pytest.fixture
    def impatient_disputes(self, impatient_books: RazorpayBooks) -> RazorpayBooks:
        return impatient_books

    @pytest.fixture
    def statements(self, books: RazorpayBooks) -> RazorpayBooks:
        return books

    @pytest.fixture
    def impatient_statements(self, impatient_books: RazorpayBooks) -> RazorpayBooks:
        return impatient_books

    @pytest.fixture
    def embedded(self, line: RazorpayLine) -> RazorpayEmbedded:
        return RazorpayEmbedded(line, RazorpayCharges(line))

    @pytest.fixture
    def impatient_embedded(self, impatient_line: RazorpayLine) -> RazorpayEmbedded:
        return RazorpayEmbedded(impatient_line, RazorpayCharges(impatient_line))


class ActingStage(RazorpayStage):
    """Bad days befall what acts, and spare the look that goes before it."""

    @pytest.fixture
    def counterparty(self, standin: RazorpayStandin) -> RazorpayCounterparty:
        return RazorpayCounterparty(standin, faulty_method="POST")
