"""Razorpay's own ways with money: late yeses, links that end late, disputes, and a line that is full."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from adapters.payments import razorpay_gateway
from adapters.payments.razorpay_books import RazorpayBooks
from adapters.payments.razorpay_embedded import RazorpayEmbedded
from adapters.payments.razorpay_gateway import SHORTEST_LIFE, RazorpayGateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    DisputeState,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOrder,
    PaymentPage,
    Sought,
)
from domain.ids import PaymentId
from domain.money import Money
from tests.contracts.dashboard import captured
from tests.contracts.payment_gateway import PRICE, order, sought
from tests.contracts.refund_sender import sought_again
from tests.integration.razorpay_stage import RazorpayStage
from tests.support.razorpay_counterparty import RazorpayCounterparty
from tests.support.razorpay_standin.bank import Bank, Refused
from tests.support.razorpay_standin.server import Fault, RazorpayStandin

pytestmark = pytest.mark.anyio


async def stands(gateway: RazorpayGateway, asked: PaymentOrder, reference: str = "") -> Charge:
    charge = await gateway.look_up(sought(asked, reference))
    assert charge is not None
    return charge


class TestLinks(RazorpayStage):
    async def test_a_link_asks_for_what_was_ordered_and_nothing_more(
        self, gateway: RazorpayGateway, standin: RazorpayStandin
    ) -> None:
        asked = order(lives_s=3600)

        page = await gateway.open_page(asked)

        link = standin.bank.links[page.gateway_reference].asked
        assert page.url == f"https://rzp.io/rzp/{page.gateway_reference}"
        assert (link["amount"], link["currency"], link["accept_partial"]) == (1500, "INR", False)
        assert link["reference_id"] == link["notes"]["payment_id"] == asked.payment_id
        assert (link["callback_url"], link["callback_method"]) == (asked.return_url, "get")
        assert link["customer"] == {"email": asked.buyer_email}
        assert link["notify"] == {"email": False, "sms": False}, "mail to the buyer comes from us"
        assert 0 <= link["expire_by"] - asked.expires_at.timestamp() < 1

    async def test_a_page_that_should_end_soon_ends_as_soon_as_razorpay_allows(
        self, gateway: RazorpayGateway, standin: RazorpayStandin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = await gateway.open_page(order(lives_s=60))

        lives_s = standin.bank.links[page.gateway_reference].asked["expire_by"] - datetime.now(UTC).timestamp()
        assert 900 < lives_s <= SHORTEST_LIFE.total_seconds() + 1
        # Negative control: Razorpay really takes none that ends sooner.
        monkeypatch.setattr(razorpay_gateway, "SHORTEST_LIFE", timedelta(0))
        with pytest.raises(GatewayRefused, match="at least 15 minutes"):
            await gateway.open_page(order(lives_s=60))

    async def test_a_late_yes_after_a_no_is_set_aside_and_can_be_captured(
        self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty, standin: RazorpayStandin
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_is_declined(page)
        assert (await stands(gateway, asked)).state is ChargeState.FAILED

        standin.bank.captures = False
        standin.passes(2 * 86_400)
        await counterparty.bank_captures_late(page)

        late = await stands(gateway, asked, page.gateway_reference)
        assert late.state is ChargeState.AUTHORISED
        assert late.gateway_reference.startswith("pay_")
        assert (await gateway.capture(sought(asked, page.gateway_reference))).state is ChargeState.CAPTURED

    async def test_a_buyer_who_tries_again_is_captured_whatever_failed_before(
        self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        for _ in range(2):
            await counterparty.buyer_is_declined(page)

        await counterparty.buyer_pays(page)

        charge = await stands(gateway, asked)
        assert (charge.state, charge.amount) == (ChargeState.CAPTURED, PRICE)
        assert await stands(gateway, asked, charge.gateway_reference) == charge
        assert await stands(gateway, asked, page.gateway_reference) == charge

    async def test_money_for_an_expired_or_cancelled_page_is_never_called_failed(
        self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty, standin: RazorpayStandin
    ) -> None:
        expired, cancelled = order(), order()
        pages = [await gateway.open_page(asked) for asked in (expired, cancelled)]
        for page in pages:
            await counterparty.buyer_goes_to_the_bank(page)
        await gateway.close_page(sought(cancelled))
        standin.passes(3600)
        assert {(await stands(gateway, asked)).state for asked in (expired, cancelled)} == {ChargeState.FAILED}

        for page in pages:
            await counterparty.bank_answers(page, approves=True)

        assert {(await stands(gateway, asked)).state for asked in (expired, cancelled)} == {ChargeState.CAPTURED}

    async def test_a_fee_and_what_went_back_are_told(
        self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty
    ) -> None:
        charge = await captured(gateway, counterparty)

        assert charge.fee == Money(30, "INR")

        await counterparty.refunds_by_hand(charge, PRICE)
        returned = await gateway.look_up(sought_again(charge))
        assert returned is not None
        assert (returned.state, returned.refunded) == (ChargeState.CAPTURED, PRICE)

    async def test_an_account_that_may_not_read_disputes_still_learns_of_its_money(
        self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty, standin: RazorpayStandin
    ) -> None:
        standin.api.is_without_disputes = True

        charge = await captured(gateway, counterparty)

        assert (charge.state, charge.disputed) == (ChargeState.CAPTURED, False)

    async def test_a_paid_link_whose_payment_is_not_shown_yet_is_unknown(
        self, gateway: RazorpayGateway, standin: RazorpayStandin
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        standin.bank.links[page.gateway_reference].status = "paid"

        with pytest.raises(GatewayUnavailable):
            await gateway.look_up(sought(asked))

    async def test_a_refusal_to_close_a_page_that_stays_open_is_told(
        self, gateway: RazorpayGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        monkeypatch.setattr(Bank, "cancel_link", _refusing)

        with pytest.raises(GatewayRefused, match="not enabled"):
            await gateway.close_page(sought(asked, page.gateway_reference))

    async def test_an_order_for_a_page_of_ours_is_left_open(
        self, gateway: RazorpayGateway, embedded: RazorpayEmbedded, counterparty: RazorpayCounterparty
    ) -> None:
        asked = order()
        opened = await embedded.open_order(asked)

        await gateway.close_page(sought(asked, opened.gateway_reference))

        await counterparty.buyer_pays(PaymentPage(opened.gateway_reference, ""))
        assert (await stands(gateway, asked)).state is ChargeState.CAPTURED, "whoever has no places gives it back"


def _refusing(_bank: Bank, _name: str) -> Any:
    raise Refused("This feature is not enabled for your account.")


class TestDisputes(RazorpayStage):
    @pytest.mark.parametrize(
        ("status", "end"),
        [
            ("under_review", DisputeState.OPEN),
            ("action_required", DisputeState.OPEN),
            ("closed", DisputeState.WON),
            ("lost", DisputeState.LOST),
        ],
    )
    async def test_a_dispute_ends_as_razorpay_says(
        self,
        *,
        gateway: RazorpayGateway,
        counterparty: RazorpayCounterparty,
        books: RazorpayBooks,
        standin: RazorpayStandin,
        status: str,
        end: DisputeState,
    ) -> None:
        charge = await captured(gateway, counterparty)
        with standin.lock:
            standin.bank.decide(standin.bank.dispute(charge.gateway_reference), status)

        (report,) = await books.disputes_of(sought_again(charge))

        assert report.state is end
        assert report.withdrawn is (end is DisputeState.LOST), "nothing is taken before"


class TestBounds(RazorpayStage):
    async def test_a_full_line_makes_others_wait_and_then_says_unknown(
        self, standin: RazorpayStandin, impatient_gateway: RazorpayGateway, gateway: RazorpayGateway
    ) -> None:
        threads = impatient_gateway.line.settings.threads
        for _ in range(threads):
            standin.next_call(Fault.TIME_OUT_BEFORE)
        asked = [order() for _ in range(threads + 4)]

        outcomes = await asyncio.gather(*(impatient_gateway.open_page(one) for one in asked), return_exceptions=True)

        unknown = [one for one, outcome in zip(asked, outcomes, strict=True) if isinstance(outcome, GatewayUnavailable)]
        assert len(unknown) >= threads
        assert all(isinstance(outcome, PaymentPage | GatewayUnavailable) for outcome in outcomes)
        for one in unknown:
            assert (await gateway.open_page(one)).url

    async def test_two_gateways_make_one_page_of_one_order(
        self, gateway: RazorpayGateway, impatient_gateway: RazorpayGateway
    ) -> None:
        asked = order()

        pages = await asyncio.gather(gateway.open_page(asked), impatient_gateway.open_page(asked))

        assert len(set(pages)) == 1
        with pytest.raises(GatewayRefused, match="another order"):
            await gateway.open_page(evolve(asked, amount=Money(2000, "INR")))


class TestTime(RazorpayStage):
    async def test_a_payment_is_looked_up_by_our_reference_long_after(
        self, gateway: RazorpayGateway, counterparty: RazorpayCounterparty
    ) -> None:
        charge = await captured(gateway, counterparty)
        long_ago = datetime.now(UTC) - timedelta(days=30)

        found = await gateway.look_up(Sought(PaymentId(charge.payment_id), "", PRICE, long_ago))

        assert found == charge
