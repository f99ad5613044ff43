"""The contracts of a payment gateway on Stripe's own client, over a loopback socket to a stand-in."""

from tests.contracts.dashboard import DashboardRefundContract
from tests.contracts.dispute_reader import DisputeReaderContract
from tests.contracts.payment_gateway import Counterparty, PageCloserContract, PaymentGatewayContract
from tests.contracts.refund_sender import RefundSenderContract
from tests.contracts.statement_reader import StatementReaderContract
from tests.integration.stripe_stage import StripeStage
from tests.support.stripe_standin.counterparty import StripeCounterparty

AN_HOUR_S = 3600


class TestStripeGateway(StripeStage, PaymentGatewayContract):
    adapter = "stripe"

    def lives_out(self, counterparty: Counterparty) -> None:
        assert isinstance(counterparty, StripeCounterparty)
        counterparty.stand_in.pass_time(AN_HOUR_S)


class TestStripePageCloser(StripeStage, PageCloserContract):
    adapter = "stripe"
    strikes = ("POST",)


class TestStripeRefundSender(StripeStage, RefundSenderContract):
    adapter = "stripe"
    strikes = ("POST",)


class TestStripeDashboard(StripeStage, DashboardRefundContract):
    adapter = "stripe"


class TestStripeDisputeReader(StripeStage, DisputeReaderContract):
    adapter = "stripe"


class TestStripeStatementReader(StripeStage, StatementReaderContract):
    adapter = "stripe"
