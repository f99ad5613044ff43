"""What is Stripe's own way, over a real socket: its half hour, its keys, its currencies, its slow methods."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from attrs import evolve

from adapters.cli.operations import Verdict
from adapters.diagnosis import parts
from adapters.payments import stripe_gateway
from adapters.payments.stripe_gateway import StripeGateway, gateway_over, open_stripe_gateway
from adapters.settings import Settings
from application.ports.payment_gateway import (
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
)
from domain.money import Money
from tests.contracts.dashboard import captured
from tests.contracts.payment_gateway import order, reaches, sought
from tests.contracts.refund_sender import refund_of, refunded, sought_again
from tests.integration.stripe_stage import StripeStage, stripe_settings
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.faults import Fault
from tests.support.stripe_standin.server import API_KEY, StandIn

A_DAY_S = 24 * 3600


@pytest.mark.anyio
class TestPages(StripeStage):
    @pytest.mark.parametrize("lives_s", [1, 300, 3600])
    async def test_a_page_lives_as_long_as_the_hold_and_as_long_as_stripe_wants(
        self, gateway: StripeGateway, stand_in: StandIn, lives_s: float
    ) -> None:
        asked = order(lives_s=lives_s)

        page = await gateway.open_page(asked)

        ends_at = datetime.fromtimestamp(stand_in.account.records.kept[page.gateway_reference]["expires_at"], UTC)
        assert ends_at - asked.expires_at > timedelta(minutes=30)
        assert ends_at - datetime.now(UTC) < timedelta(hours=2)

    async def test_an_order_asked_again_much_later_is_the_same_order(
        self, gateway: StripeGateway, stand_in: StandIn
    ) -> None:
        asked = order(lives_s=60)
        page = await gateway.open_page(asked)

        stand_in.pass_time(50)

        assert await gateway.open_page(asked) == page

    async def test_without_the_half_hour_stripe_refuses(
        self, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stripe_gateway, "PAGE_OUTLIVES_HOLD", timedelta(0))

        with pytest.raises(GatewayRefused, match="30 minutes"):
            await gateway.open_page(order())

    async def test_a_declined_buyer_may_try_another_card(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)

        await counterparty.card_is_declined(page)
        declined = await gateway.look_up(sought(asked))
        assert declined is not None
        await counterparty.buyer_pays(page)

        assert declined.state is ChargeState.PENDING
        by_intent = await gateway.look_up(sought_again(declined))
        assert by_intent is not None
        assert (by_intent.state, by_intent.gateway_reference) == (ChargeState.CAPTURED, declined.gateway_reference)

    async def test_by_its_later_name_too_a_payment_fails_only_when_its_page_is_over(
        self, gateway: StripeGateway, counterparty: StripeCounterparty, stand_in: StandIn
    ) -> None:
        asked = order()
        await counterparty.card_is_declined(await gateway.open_page(asked))
        found = await gateway.look_up(sought(asked))
        assert found is not None
        assert found.gateway_reference.startswith("pi_")

        before = await gateway.look_up(sought_again(found))
        await gateway.close_page(sought_again(found))
        after = await gateway.look_up(sought_again(found))

        assert before is not None
        assert after is not None
        assert (before.state, after.state) == (ChargeState.PENDING, ChargeState.FAILED)

    @pytest.mark.parametrize(("comes", "end"), [(True, ChargeState.CAPTURED), (False, ChargeState.FAILED)])
    async def test_slow_money_is_pending_until_it_is_there(
        self, gateway: StripeGateway, counterparty: StripeCounterparty, *, comes: bool, end: ChargeState
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_pays_slowly(page)
        await reaches(gateway, asked, ChargeState.PENDING)

        await counterparty.slow_money_ends(page, comes=comes)

        await reaches(gateway, asked, end)

    async def test_slow_money_is_on_the_statement_of_the_day_on_which_it_came(
        self, gateway: StripeGateway, counterparty: StripeCounterparty, stand_in: StandIn
    ) -> None:
        page = await gateway.open_page(order())
        await counterparty.buyer_pays_slowly(page)
        stand_in.pass_time(3 * A_DAY_S)
        await counterparty.slow_money_ends(page, comes=True)
        now = datetime.now(UTC)

        first = [line async for line in gateway.captured(now - timedelta(days=1), now + timedelta(days=1))]
        later = [line async for line in gateway.captured(now + timedelta(days=2), now + timedelta(days=4))]

        assert (len(first), len(later)) == (0, 1)

    @pytest.mark.parametrize(
        "amount", [Money(150, "ISK"), Money(5000, "UGX"), Money(300, "MGA"), Money(995, "HUF")], ids=str
    )
    async def test_special_currencies_come_back_as_they_went(
        self, gateway: StripeGateway, counterparty: StripeCounterparty, amount: Money
    ) -> None:
        charge = await captured(gateway, counterparty, amount)

        assert charge.amount == amount
        refund = refund_of(charge, amount)
        await gateway.refund(refund)
        assert await refunded(gateway, charge) == amount

    async def test_an_amount_that_is_too_fine_is_refused_before_anybody_is_asked(
        self, gateway: StripeGateway, stand_in: StandIn
    ) -> None:
        with pytest.raises(GatewayRefused):
            await gateway.open_page(order(Money(1234, "KWD")))

        assert stand_in.answered == []

    async def test_too_small_an_amount_is_stripes_own_no(self, gateway: StripeGateway) -> None:
        with pytest.raises(GatewayRefused, match="too small"):
            await gateway.open_page(order(Money(1, "EUR")))


@pytest.mark.anyio
class TestLostAnswers(StripeStage):
    async def test_a_page_whose_name_was_lost_is_found_among_many(
        self, gateway: StripeGateway, counterparty: StripeCounterparty
    ) -> None:
        asked = order()
        lost = await gateway.open_page(asked)
        for _ in range(5):  # More than two of the pages that the gateway of the stage asks for.
            await gateway.open_page(order())

        found = await gateway.look_up(sought(asked))

        assert found is not None
        assert found.gateway_reference == lost.gateway_reference

    async def test_pages_that_are_nothing_of_ours_do_not_stand_in_the_way(
        self, gateway: StripeGateway, stand_in: StandIn
    ) -> None:
        asked = order()
        lost = await gateway.open_page(asked)
        # The account also keeps cards for somebody's subscription: such a page has no amount.
        foreign = dict.fromkeys(("amount_total", "client_reference_id", "currency", "payment_intent", "url"))
        stand_in.account.records.add("cs_test", "checkout.session", mode="setup", status="complete", **foreign)

        found = await gateway.look_up(sought(asked))

        assert found is not None
        assert found.gateway_reference == lost.gateway_reference

    async def test_a_page_of_another_day_is_not_looked_through(self, gateway: StripeGateway) -> None:
        asked = order()
        await gateway.open_page(asked)

        long_ago = evolve(sought(asked), created_at=datetime.now(UTC) - timedelta(days=1))

        assert await gateway.look_up(long_ago) is None

    @pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.ERROR_SAVED_BEFORE])
    async def test_a_failure_that_stripe_repeats_hides_no_page(
        self, gateway: StripeGateway, stand_in: StandIn, fault: Fault
    ) -> None:
        asked = order()
        stand_in.faults.next = fault
        with pytest.raises(GatewayUnavailable):
            await gateway.open_page(asked)

        if fault is Fault.ERROR_AFTER:
            first = await gateway.open_page(asked)
            assert first == await gateway.open_page(asked)
            assert len(stand_in.account.records.those("checkout.session")) == 1
        else:
            with pytest.raises(GatewayUnavailable):
                await gateway.open_page(asked)

    async def test_a_page_that_is_over_is_not_given_as_one_to_pay_on(
        self, gateway: StripeGateway, counterparty: StripeCounterparty, stand_in: StandIn
    ) -> None:
        asked = order()
        stand_in.faults.next = Fault.ERROR_AFTER
        with pytest.raises(GatewayUnavailable):
            await gateway.open_page(asked)
        await gateway.close_page(sought(asked))

        with pytest.raises(GatewayUnavailable, match="over"):
            await gateway.open_page(asked)

    async def test_a_call_is_one_attempt(self, gateway: StripeGateway, stand_in: StandIn) -> None:
        stand_in.faults.next = Fault.ERROR_BEFORE

        with pytest.raises(GatewayUnavailable):
            await gateway.open_page(order())

        assert len(stand_in.answered) == 1

    async def test_an_answer_that_trickles_is_not_waited_for_without_end(self, stand_in: StandIn) -> None:
        class Trickle(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                while True:
                    yield b" "
                    await asyncio.sleep(0.01)

        def trickling(timeout_s: float) -> StripeGateway:
            answer = httpx.MockTransport(lambda _: httpx.Response(200, stream=Trickle()))
            return gateway_over(stripe_settings(stand_in, timeout_s=timeout_s), httpx.AsyncClient(transport=answer))

        with pytest.raises(GatewayUnavailable):
            await trickling(0.1).look_up(sought(order()))
        with pytest.raises(TimeoutError):  # As long as there are bytes, nothing else ends it.
            await asyncio.wait_for(trickling(600).look_up(sought(order())), 0.5)

    async def test_a_dead_line_is_unknown(self, gateway: StripeGateway, stand_in: StandIn) -> None:
        nowhere = open_stripe_gateway(evolve(stripe_settings(stand_in), api_base="http://127.0.0.1:1"))

        with pytest.raises(GatewayUnavailable):
            await nowhere.open_page(order())
        await nowhere.aclose()

    async def test_a_wrong_key_says_nothing_about_the_payment(self, gateway: StripeGateway, stand_in: StandIn) -> None:
        asked = order()
        await gateway.open_page(asked)
        stranger = open_stripe_gateway(evolve(stripe_settings(stand_in), api_key="sk_test_somebody_elses"))

        outcomes = await asyncio.gather(
            stranger.look_up(sought(asked)), stranger.open_page(order()), return_exceptions=True
        )

        assert [type(outcome) for outcome in outcomes] == [GatewayUnavailable, GatewayUnavailable]
        assert "somebody_elses" not in f"{stranger!r}{outcomes!r}"
        await stranger.aclose()

    async def test_calls_name_the_version_and_the_connected_account(self, stand_in: StandIn) -> None:
        connected = open_stripe_gateway(evolve(stripe_settings(stand_in), account="acct_1"))

        await connected.look_up(sought(order()))

        (_, _, headers), *_ = stand_in.answered
        assert (headers["stripe-version"], headers["stripe-account"]) == ("2026-10-28.endive", "acct_1")
        await connected.aclose()


@pytest.mark.anyio
class TestDoctor(StripeStage):
    @pytest.mark.parametrize(("key", "verdict"), [(API_KEY, Verdict.OK), ("sk_test_wrong", Verdict.WRONG)])
    async def test_doctor_asks_stripe_itself(self, stand_in: StandIn, key: str, verdict: Verdict) -> None:
        settings = Settings(stripe_api_key=key, stripe_webhook_secrets=("whsec_1",), stripe_api_base=stand_in.url)

        finding = await parts.gateway(settings, "stripe")

        assert finding.verdict is verdict
        assert verdict is Verdict.OK or "RELEX_STRIPE_API_KEY" in finding.mend
        assert key not in finding.said + finding.mend
