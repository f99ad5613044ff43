"""The contracts of all gateway ports on Razorpay: the vendor's own client, and a stand-in over a loopback socket."""

import pytest

from adapters.payments.razorpay_gateway import SHORTEST_LIFE
from application.ports.payment_gateway import (
    GatewayRefused,
)
from domain.money import Money
from tests.contracts.capturer import CapturerContract
from tests.contracts.careless_reader import CarelessControl
from tests.contracts.dashboard import DashboardRefundContract
from tests.contracts.dispute_reader import DisputeReaderContract
from tests.contracts.embedded_checkout import EmbeddedCheckoutContract
from tests.contracts.keyless_gateway import KeylessControl
from tests.contracts.payment_gateway import Counterparty, PageCloserContract, PaymentGatewayContract
from tests.contracts.refund_sender import RefundSenderContract
from tests.contracts.statement_reader import StatementReaderContract
from tests.integration.razorpay_stage import ActingStage, RazorpayStage
from tests.support.razorpay_counterparty import RazorpayCounterparty

RUPEE = Money(100, "INR")


class TestRazorpayGateway(RazorpayStage, PaymentGatewayContract):
    adapter = "razorpay"

    def lives_out(self, counterparty: Counterparty) -> None:
        assert isinstance(counterparty, RazorpayCounterparty)
        counterparty.standin.passes(SHORTEST_LIFE.total_seconds() + 1)


class TestRazorpayPageCloser(ActingStage, PageCloserContract):
    adapter = "razorpay"


class TestRazorpayRefundSender(ActingStage, RefundSenderContract):
    adapter = "razorpay"
    least = RUPEE


class TestRazorpayDashboardRefunds(RazorpayStage, DashboardRefundContract):
    adapter = "razorpay"


class TestRazorpayCapturer(ActingStage, CapturerContract):
    adapter = "razorpay"


class TestRazorpayEmbeddedCheckout(ActingStage, EmbeddedCheckoutContract):
    adapter = "razorpay"
    signed_fields = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


class TestRazorpayDisputes(RazorpayStage, DisputeReaderContract):
    adapter = "razorpay"


class TestRazorpayStatements(RazorpayStage, StatementReaderContract):
    adapter = "razorpay"


@pytest.mark.anyio
class TestTheContractsBite(RazorpayStage, KeylessControl, CarelessControl):
    page_size = 3
    refunds = TestRazorpayRefundSender
    fifty_refunds_are = GatewayRefused
