"""Refunds at Razorpay on its bad days: forgotten keys, keys in use, an empty balance, and days of waiting."""

import asyncio

import pytest
from attrs import evolve

from adapters.payments import razorpay_refunds
from adapters.payments.razorpay_gateway import RazorpayGateway
from adapters.payments.razorpay_refunds import RazorpayRefunds
from application.ports.payment_gateway import Charge, ChargeState, GatewayRefused, GatewayUnavailable, RefundState
from domain.ids import RefundId
from domain.money import Money
from tests.contracts.dashboard import captured
from tests.contracts.payment_gateway import order
from tests.contracts.refund_sender import refund_of
from tests.integration.razorpay_stage import RazorpayStage
from tests.support.razorpay_counterparty import RazorpayCounterparty
from tests.support.razorpay_standin.server import Fault, RazorpayStandin

pytestmark = pytest.mark.anyio
PART = Money(500, "INR")


class TestRefunds(RazorpayStage):
    @pytest.fixture
    async def charge(self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty) -> Charge:
        return await captured(gateway, counterparty)

    async def test_a_refund_carries_our_reference_and_key(
        self, sender: RazorpayRefunds, charge: Charge, standin: RazorpayStandin
    ) -> None:
        asked = refund_of(charge, PART)

        await sender.refund(asked)

        sent = next(request for request in standin.asked if request.path.endswith("/refund"))
        assert sent.headers["x-refund-idempotency"] == asked.refund_id
        assert sent.body == {
            "amount": 500,
            "speed": "normal",
            "receipt": asked.refund_id,
            "notes": {"refund_id": asked.refund_id},
        }

    async def test_a_refund_is_the_same_even_after_razorpay_forgot_its_key(
        self, sender: RazorpayRefunds, charge: Charge, standin: RazorpayStandin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = refund_of(charge, PART)
        first = await sender.refund(asked)
        standin.api.keys.clear()

        assert (await sender.refund(asked)).gateway_reference == first.gateway_reference
        assert len(standin.bank.refunds) == 1

        # Negative control: without our own look it would be a second refund.
        async def blind(*_: object) -> None:
            return None

        monkeypatch.setattr(RazorpayRefunds, "_ours", blind)
        assert (await sender.refund(asked)).gateway_reference != first.gateway_reference
        assert len(standin.bank.refunds) == 2

    async def test_without_the_key_many_requests_at_once_would_be_many_refunds(
        self, sender: RazorpayRefunds, charge: Charge, standin: RazorpayStandin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = refund_of(charge, Money(100, "INR"))
        await asyncio.gather(*(sender.refund(asked) for _ in range(8)))
        assert len(standin.bank.refunds) == 1

        monkeypatch.setattr(razorpay_refunds, "KEY_HEADER", "X-Something-Else")
        await asyncio.gather(*(sender.refund(refund) for refund in [refund_of(charge, Money(100, "INR"))] * 8))

        assert len(standin.bank.refunds) > 2

    async def test_a_key_in_use_is_unknown(
        self, sender: RazorpayRefunds, charge: Charge, standin: RazorpayStandin
    ) -> None:
        asked = refund_of(charge, PART)
        standin.api.keys_in_progress.add(asked.refund_id)

        with pytest.raises(GatewayUnavailable):
            await sender.refund(asked)

        standin.api.keys_in_progress.clear()
        assert (await sender.refund(asked)).amount == PART

    async def test_an_empty_balance_refuses_nothing_for_good(
        self, sender: RazorpayRefunds, charge: Charge, standin: RazorpayStandin
    ) -> None:
        asked = refund_of(charge, PART)
        standin.bank.balance = 0

        with pytest.raises(GatewayUnavailable, match="balance"):
            await sender.refund(asked)

        standin.bank.balance = 10**6
        assert (await sender.refund(asked)).state is RefundState.SUCCEEDED

    async def test_a_refund_may_be_pending_for_days_and_then_fail(
        self,
        *,
        sender: RazorpayRefunds,
        charge: Charge,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
    ) -> None:
        await counterparty.refunds_go(pending_s=5 * 86_400, fail=True)
        asked = refund_of(charge, PART)
        assert (await sender.refund(asked)).state is RefundState.PENDING
        standin.passes(4 * 86_400)
        waiting = await sender.look_up_refund(asked)
        assert waiting is not None
        assert waiting.state is RefundState.PENDING

        standin.passes(86_400)

        failed = await sender.refund(asked)
        assert (failed.state, bool(failed.reason)) == (RefundState.FAILED, True), "asked again, it is the same refund"

    async def test_less_than_a_rupee_is_refused_in_razorpays_words(
        self, sender: RazorpayRefunds, charge: Charge
    ) -> None:
        with pytest.raises(GatewayRefused, match="at least INR 1"):
            await sender.refund(refund_of(charge, Money(99, "INR")))

    async def test_a_refund_id_that_is_no_key_for_razorpay_is_refused(
        self, sender: RazorpayRefunds, charge: Charge
    ) -> None:
        with pytest.raises(GatewayRefused):
            await sender.refund(evolve(refund_of(charge, PART), refund_id=RefundId("ref_1")))

    async def test_a_payment_is_found_for_its_refund_by_the_name_of_its_page_and_by_ours(
        self, gateway: RazorpayGateway, sender: RazorpayRefunds, counterparty: RazorpayCounterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_pays(page)

        for reference in (page.gateway_reference, ""):
            refund = refund_of(Charge(asked.payment_id, reference, ChargeState.CAPTURED, asked.amount), PART)
            assert (await sender.refund(refund)).amount == PART
            found = await sender.look_up_refund(refund)
            assert found is not None
            assert found.refund_id == refund.refund_id

    async def test_a_list_that_is_lost_is_no_reason_to_send_again(
        self, sender: RazorpayRefunds, charge: Charge, standin: RazorpayStandin
    ) -> None:
        asked = refund_of(charge, PART)
        standin.next_call(Fault.SERVER_ERROR_BEFORE, "GET")

        with pytest.raises(GatewayUnavailable):
            await sender.refund(asked)

        assert standin.bank.refunds == {}
