"""What every reader of disputes promises, on whatever provider."""

from typing import ClassVar

import pytest

from application.ports.payment_gateway import (
    Charge,
    DisputeReader,
    DisputeReport,
    DisputeState,
    GatewayUnavailable,
)
from tests.contracts.dashboard import Dashboard, captured
from tests.contracts.payment_gateway import PRICE, Collector, Counterparty, Fate, order, sought
from tests.contracts.refund_sender import sought_again


@pytest.mark.anyio
class DisputeReaderContract:
    """Fixtures of a subclass: gateway, disputes, impatient_disputes, counterparty, dashboard."""

    adapter: ClassVar[str]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def charge(self, gateway: Collector, counterparty: Counterparty) -> Charge:
        return await captured(gateway, counterparty)

    async def only(self, disputes: DisputeReader, charge: Charge) -> DisputeReport:
        """The one dispute of a charge; more or fewer fail the test."""
        (report,) = await disputes.disputes_of(sought_again(charge))
        return report

    async def test_an_undisputed_payment_has_none(self, disputes: DisputeReader, charge: Charge) -> None:
        assert not charge.disputed
        assert list(await disputes.disputes_of(sought_again(charge))) == []

    async def test_a_payment_that_was_never_made_or_never_paid_has_none(
        self, gateway: Collector, disputes: DisputeReader
    ) -> None:
        open_order = order()
        page = await gateway.open_page(open_order)

        assert list(await disputes.disputes_of(sought(order()))) == []
        assert list(await disputes.disputes_of(sought(open_order, page.gateway_reference))) == []

    async def test_a_new_dispute_is_open_about_the_whole_and_says_why(
        self, gateway: Collector, disputes: DisputeReader, dashboard: Dashboard, charge: Charge
    ) -> None:
        await dashboard.opens_dispute(charge)

        report = await self.only(disputes, charge)
        assert (report.state, report.amount) == (DisputeState.OPEN, PRICE)
        assert report.gateway_reference
        assert report.reason
        found = await gateway.look_up(sought_again(charge))
        assert found is not None
        assert found.disputed

    @pytest.mark.parametrize(("won", "end"), [(True, DisputeState.WON), (False, DisputeState.LOST)])
    async def test_the_banks_decision_ends_the_same_dispute(
        self,
        *,
        gateway: Collector,
        disputes: DisputeReader,
        dashboard: Dashboard,
        charge: Charge,
        won: bool,
        end: DisputeState,
    ) -> None:
        await dashboard.opens_dispute(charge)
        opened = await self.only(disputes, charge)

        await dashboard.closes_dispute(charge, won=won)

        closed = await self.only(disputes, charge)
        assert (closed.state, closed.gateway_reference) == (end, opened.gateway_reference)
        found = await gateway.look_up(sought_again(charge))
        assert found is not None
        assert found.disputed, "a dispute that is over was opened all the same"

    async def test_a_dispute_belongs_to_one_payment(
        self,
        *,
        gateway: Collector,
        counterparty: Counterparty,
        disputes: DisputeReader,
        dashboard: Dashboard,
        charge: Charge,
    ) -> None:
        other = await captured(gateway, counterparty)

        await dashboard.opens_dispute(charge)

        assert list(await disputes.disputes_of(sought_again(other))) == []

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_never_reads_as_undisputed(
        self,
        *,
        impatient_disputes: DisputeReader,
        counterparty: Counterparty,
        dashboard: Dashboard,
        charge: Charge,
        fate: Fate,
    ) -> None:
        await dashboard.opens_dispute(charge)
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_disputes.disputes_of(sought_again(charge))
