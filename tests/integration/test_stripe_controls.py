"""The negative controls: each promise that is broken on purpose is noticed by its contract."""

import pytest
from attrs import evolve, frozen

from adapters.payments.stripe_gateway import StripeGateway
from application.ports.payment_gateway import (
    Charge,
    PaymentOrder,
    PaymentPage,
    Sought,
)
from domain.ids import RefundId
from tests.contracts.careless_reader import CarelessControl
from tests.contracts.dashboard import DashboardRefundContract
from tests.contracts.keyless_gateway import KeylessControl
from tests.contracts.payment_gateway import PaymentGatewayContract
from tests.integration.stripe_stage import StripeStage
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.server import StandIn


@frozen
class CredulousReader:
    """Takes every refund for one of ours."""

    inner: StripeGateway

    @property
    def name(self) -> str:
        return self.inner.name

    async def open_page(self, asked: PaymentOrder) -> PaymentPage:
        return await self.inner.open_page(asked)

    async def look_up(self, asked: Sought) -> Charge | None:
        found = await self.inner.look_up(asked)
        ours = RefundId("ref_1")
        return found and evolve(found, refunds=tuple(evolve(one, refund_id=ours) for one in found.refunds))


@pytest.mark.anyio
class TestTheContractsBite(StripeStage, KeylessControl, CarelessControl):
    page_size = 2

    async def test_without_stripes_keys_one_order_would_be_many_pages(
        self, gateway: StripeGateway, stand_in: StandIn
    ) -> None:
        stand_in.keys.off = True

        with pytest.raises(AssertionError):
            await PaymentGatewayContract().test_an_order_asked_many_times_at_once_gets_one_page(gateway)

    async def test_a_refund_by_hand_that_is_taken_for_ours_is_noticed(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        with pytest.raises(AssertionError):
            await DashboardRefundContract().test_a_refund_by_hand_is_told_and_is_nobodys(
                CredulousReader(gateway), counterparty, counterparty
            )
