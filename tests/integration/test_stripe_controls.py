"""The negative controls: each promise that is broken on purpose is noticed by its contract."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest
from attrs import evolve, frozen

from adapters.payments.stripe_gateway import StripeGateway
from application.ports.payment_gateway import (
    Charge,
    DisputeReport,
    GatewayUnavailable,
    PaymentOrder,
    PaymentPage,
    Sought,
    StatementLine,
)
from domain.ids import RefundId
from tests.contracts.dashboard import DashboardRefundContract, captured
from tests.contracts.dispute_reader import DisputeReaderContract
from tests.contracts.keyless_gateway import KeylessControl
from tests.contracts.payment_gateway import Fate, PaymentGatewayContract
from tests.contracts.statement_reader import StatementReaderContract
from tests.integration.stripe_stage import StripeStage
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.server import StandIn


@frozen
class CarelessReader:
    """Believes that there is nothing where no answer came, and that a list is over after its first page."""

    inner: StripeGateway

    async def disputes_of(self, asked: Sought) -> Sequence[DisputeReport]:
        try:
            return await self.inner.disputes_of(asked)
        except GatewayUnavailable:
            return ()

    async def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        lines = 0
        try:
            async for line in self.inner.captured(start, end):
                lines += 1
                if lines > self.inner.settings.page_size:
                    return
                yield line
        except GatewayUnavailable:
            return


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
class TestTheContractsBite(StripeStage, KeylessControl):
    async def test_without_stripes_keys_one_order_would_be_many_pages(
        self, gateway: StripeGateway, stand_in: StandIn
    ) -> None:
        stand_in.keys.off = True

        with pytest.raises(AssertionError):
            await PaymentGatewayContract().test_an_order_asked_many_times_at_once_gets_one_page(gateway)

    async def test_a_lost_answer_that_reads_as_none_is_noticed(
        self, gateway: StripeGateway, impatient_gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        charge = await captured(gateway, counterparty)

        with pytest.raises(pytest.fail.Exception):
            await DisputeReaderContract().test_a_lost_answer_never_reads_as_undisputed(
                impatient_disputes=CarelessReader(impatient_gateway),
                counterparty=counterparty,
                dashboard=counterparty,
                charge=charge,
                fate=Fate.FAILS,
            )
        with pytest.raises(pytest.fail.Exception):
            await StatementReaderContract().test_a_lost_answer_never_reads_as_a_shorter_statement(
                CarelessReader(impatient_gateway), counterparty, charge, Fate.FAILS
            )

    async def test_a_statement_that_ends_after_a_page_is_noticed(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        with pytest.raises(AssertionError):
            await StatementReaderContract().test_more_lines_than_one_page_holds_all_come_once(
                gateway, counterparty, CarelessReader(gateway)
            )

    async def test_a_refund_by_hand_that_is_taken_for_ours_is_noticed(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        with pytest.raises(AssertionError):
            await DashboardRefundContract().test_a_refund_by_hand_is_told_and_is_nobodys(
                CredulousReader(gateway), counterparty, counterparty
            )
