"""Refunds and disputes as Stripe has them, over a real socket: its keys are forgotten, its lists have pages."""

import secrets

import pytest

from adapters.payments.stripe_gateway import StripeGateway
from application.ports.payment_gateway import (
    DisputeState,
    GatewayRefused,
    RefundOrder,
    RefundState,
)
from domain.ids import RefundId, make_id
from domain.money import Money
from tests.contracts.dashboard import captured
from tests.contracts.payment_gateway import order
from tests.contracts.refund_sender import ends, refund_of, refunded, sought_again
from tests.integration.stripe_stage import StripeStage
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.server import StandIn

A_DAY_S = 24 * 3600


@pytest.mark.anyio
class TestRefunds(StripeStage):
    async def test_a_refund_asked_again_after_stripe_forgot_its_key_is_the_same_refund(
        self, gateway: StripeGateway, counterparty: StripeCounterparty, stand_in: StandIn
    ) -> None:
        charge = await captured(gateway, counterparty)
        asked = refund_of(charge, Money(500, "INR"))
        first = await gateway.refund(asked)

        stand_in.pass_time(A_DAY_S + 1)

        assert (await gateway.refund(asked)).gateway_reference == first.gateway_reference
        assert await refunded(gateway, charge) == Money(500, "INR")

    async def test_without_looking_first_it_would_be_a_second_refund(
        self,
        gateway: StripeGateway,
        counterparty: StripeCounterparty,
        stand_in: StandIn,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def blind(*_: object) -> None:
            return None

        charge = await captured(gateway, counterparty)
        asked = refund_of(charge, Money(500, "INR"))
        await gateway.refund(asked)
        monkeypatch.setattr(type(gateway.records), "find_refund", blind)

        stand_in.pass_time(A_DAY_S + 1)
        await gateway.refund(asked)

        assert await refunded(gateway, charge) == Money(1000, "INR")

    async def test_more_refunds_than_fit_into_a_charge_are_all_told(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        charge = await captured(gateway, counterparty)
        for _ in range(12):
            await gateway.refund(refund_of(charge, Money(100, "INR")))

        found = await gateway.look_up(sought_again(charge))

        assert found is not None
        assert (len(found.refunds), found.refunded) == (12, Money(1200, "INR"))

    async def test_a_disputed_payment_is_not_refunded(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        charge = await captured(gateway, counterparty)
        await counterparty.opens_dispute(charge)

        with pytest.raises(GatewayRefused, match="charged back"):
            await gateway.refund(refund_of(charge))

    async def test_a_refund_under_the_name_of_the_page_finds_its_payment(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_pays(page)
        refund = RefundOrder(
            RefundId(make_id("ref", secrets.token_bytes(16))), asked.payment_id, page.gateway_reference, asked.amount
        )

        await gateway.refund(refund)

        await ends(gateway, refund, RefundState.SUCCEEDED)

    async def test_what_stripe_keeps_is_told_and_a_dispute_costs_a_fee(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        charge = await captured(gateway, counterparty)
        await counterparty.opens_dispute(charge)
        await counterparty.closes_dispute(charge, won=True)

        (report,) = await gateway.disputes_of(sought_again(charge))

        assert charge.fee == Money(46, "INR")
        assert (report.state, report.fee) == (DisputeState.WON, Money(1500, "INR"))
