"""Our adapter against localstripe, which knows payment intents, refunds and signed events, but no hosted pages."""

import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from adapters.payments.stripe_gateway import StripeGateway, StripeSettings, open_stripe_gateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayUnavailable,
    NoticeNotGenuine,
    RefundState,
    Sought,
)
from domain.ids import PaymentId, make_id
from domain.money import Money
from tests.contracts.refund_sender import refund_of, sought_again
from tests.support.local_stripe import BAD_CARD, GOOD_CARD, KEY, LocalStripe, local_stripe
from tests.support.polling import until
from tests.support.webhook_receiver import WebhookReceiver, webhook_receiver

PRICE = Money(1500, "EUR")
SECRET = "whsec_of_the_second_witness"


@pytest.mark.anyio
class TestSecondWitness:
    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture(scope="class")
    @classmethod
    def provider(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
        with local_stripe(tmp_path_factory.mktemp("localstripe")) as provider:
            yield provider

    @pytest.fixture
    async def gateway(self, provider: LocalStripe) -> AsyncIterator[StripeGateway]:
        gateway = open_stripe_gateway(StripeSettings(KEY, (SECRET,), api_base=provider.url))
        yield gateway
        await gateway.aclose()

    @pytest.fixture
    def receiver(self, provider: LocalStripe) -> Iterator[WebhookReceiver]:
        with webhook_receiver() as receiver:
            provider.sends_events_to(receiver.url, SECRET)
            yield receiver

    def paid(self, provider: LocalStripe, card: str = GOOD_CARD) -> Sought:
        payment_id = PaymentId(make_id("pay", secrets.token_bytes(16)))
        intent_id = provider.pays(PRICE.amount_minor, "eur", {"payment_id": payment_id}, card)
        return Sought(payment_id, intent_id, PRICE, datetime.now(UTC) - timedelta(seconds=30))

    async def captured(self, gateway: StripeGateway, provider: LocalStripe) -> Charge:
        charge = await gateway.look_up(self.paid(provider))
        assert charge is not None
        return charge

    async def test_a_paid_intent_is_captured_whole(self, gateway: StripeGateway, provider: LocalStripe) -> None:
        charge = await self.captured(gateway, provider)

        assert (charge.state, charge.amount, charge.refunds) == (ChargeState.CAPTURED, PRICE, ())
        assert charge.gateway_reference.startswith("pi_")

    async def test_refunds_are_made_found_and_told(self, gateway: StripeGateway, provider: LocalStripe) -> None:
        charge = await self.captured(gateway, provider)
        first, second = refund_of(charge, Money(500, "EUR")), refund_of(charge, Money(300, "EUR"))
        assert await gateway.look_up_refund(first) is None

        receipts = [await gateway.refund(first), await gateway.refund(second), await gateway.refund(first)]

        assert [receipt.state for receipt in receipts] == [RefundState.SUCCEEDED] * 3
        assert receipts[0] == receipts[2] == await gateway.look_up_refund(first)
        found = await gateway.look_up(sought_again(charge))
        assert found is not None
        assert {one.refund_id: one.amount for one in found.refunds} == {
            first.refund_id: Money(500, "EUR"),
            second.refund_id: Money(300, "EUR"),
        }
        assert found.refunded == Money(800, "EUR")

    async def test_another_payment_is_not_taken_for_the_one_that_was_asked_for(
        self, gateway: StripeGateway, provider: LocalStripe
    ) -> None:
        with pytest.raises(GatewayUnavailable):
            await gateway.look_up(evolve(self.paid(provider), payment_id=PaymentId("pay_1")))

    async def test_an_intent_that_it_never_had_is_told_in_no_words_of_stripes(self, gateway: StripeGateway) -> None:
        nothing = Sought(PaymentId("pay_1"), "pi_never_made", PRICE, datetime.now(UTC))

        with pytest.raises(GatewayUnavailable):  # Stripe itself says `resource_missing`; this could be any server.
            await gateway.look_up(nothing)

    async def test_its_signed_events_are_read(
        self, gateway: StripeGateway, provider: LocalStripe, receiver: WebhookReceiver
    ) -> None:
        paid, declined = self.paid(provider), self.paid(provider, BAD_CARD)

        for one in (paid, declined):  # Events of earlier tests may still be on their way.
            name = one.gateway_reference.encode()
            await until(lambda name=name: any(name in came.body for came in receiver.delivered))  # type: ignore[misc]  # mypy types no default of a lambda

        told = [gateway.read(one.headers, one.body, datetime.now(UTC)) for one in receiver.delivered]
        said = {(notice.kind, notice.payment_id, notice.payment_reference) for notice in told}
        assert ("payment_intent.succeeded", paid.payment_id, paid.gateway_reference) in said
        assert ("payment_intent.payment_failed", declined.payment_id, declined.gateway_reference) in said

    async def test_its_events_under_another_secret_are_not_believed(
        self, gateway: StripeGateway, provider: LocalStripe, receiver: WebhookReceiver
    ) -> None:
        self.paid(provider)
        await until(lambda: bool(receiver.delivered))
        stranger = open_stripe_gateway(StripeSettings(KEY, ("whsec_another",)))

        with pytest.raises(NoticeNotGenuine):
            stranger.read(receiver.delivered[0].headers, receiver.delivered[0].body, datetime.now(UTC))
