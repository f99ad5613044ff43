"""What a gateway's truth must tell of deeds done by hand, in the provider's own dashboard."""

from typing import ClassVar, Protocol

import pytest

from application.ports.payment_gateway import Charge, ChargeState, GatewayRefused, RefundSender, RefundState
from domain.money import Money
from tests.contracts.payment_gateway import PRICE, Collector, Counterparty, order, reaches, sought
from tests.contracts.refund_sender import ends, refund_of, sought_again
from tests.support.polling import eventually


class Dashboard(Protocol):
    """The provider's own back office, in which people act without us. Each deed is done when the call returns."""

    async def refunds_by_hand(self, charge: Charge, amount: Money) -> None:
        """Somebody gives back that much; no reference of ours goes with it."""

    async def takes_by_hand(self, amount: Money) -> str:
        """Somebody takes a payment that never was an order of ours; the provider's name for it."""

    async def opens_dispute(self, charge: Charge) -> None:
        """The buyer asks their bank to take the whole amount back."""

    async def closes_dispute(self, charge: Charge, *, won: bool) -> None:
        """The bank decides on it: `won` means for us."""


async def captured(gateway: Collector, counterparty: Counterparty, amount: Money = PRICE) -> Charge:
    """A payment that nobody made before, and that took its money."""
    asked = order(amount)
    await counterparty.buyer_pays(await gateway.open_page(asked))
    await reaches(gateway, asked, ChargeState.CAPTURED)
    charge = await gateway.look_up(sought(asked))
    assert charge is not None
    return charge


@pytest.mark.anyio
class DashboardRefundContract:
    """Fixtures of a subclass: gateway, sender, counterparty, dashboard."""

    adapter: ClassVar[str]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    async def test_a_refund_by_hand_is_told_and_is_nobodys(
        self, gateway: Collector, counterparty: Counterparty, dashboard: Dashboard
    ) -> None:
        charge = await captured(gateway, counterparty)

        await dashboard.refunds_by_hand(charge, Money(400, "INR"))

        found = await eventually(
            lambda: gateway.look_up(sought_again(charge)),
            lambda told: told is not None and [one.state for one in told.refunds] == [RefundState.SUCCEEDED],
        )
        assert found is not None
        assert [(one.refund_id, one.amount) for one in found.refunds] == [(None, Money(400, "INR"))]
        assert found.refunds[0].gateway_reference

    async def test_refunds_of_both_kinds_are_told_apart(
        self, *, gateway: Collector, sender: RefundSender, counterparty: Counterparty, dashboard: Dashboard
    ) -> None:
        charge = await captured(gateway, counterparty)
        ours = refund_of(charge, Money(500, "INR"))
        await sender.refund(ours)
        await ends(sender, ours, RefundState.SUCCEEDED)

        await dashboard.refunds_by_hand(charge, Money(400, "INR"))

        found = await gateway.look_up(sought_again(charge))
        assert found is not None
        told = {one.refund_id: one.amount for one in found.refunds}
        assert told == {ours.refund_id: Money(500, "INR"), None: Money(400, "INR")}
        assert found.refunded == Money(900, "INR")

    async def test_what_went_back_by_hand_cannot_go_back_again(
        self, *, gateway: Collector, sender: RefundSender, counterparty: Counterparty, dashboard: Dashboard
    ) -> None:
        charge = await captured(gateway, counterparty)
        await dashboard.refunds_by_hand(charge, Money(1000, "INR"))

        with pytest.raises(GatewayRefused):
            await sender.refund(refund_of(charge, Money(501, "INR")))
