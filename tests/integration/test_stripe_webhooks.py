"""Stripe's events as they really travel: signed, at least once, in any order, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from adapters.payments.stripe_gateway import StripeGateway
from application.ports.payment_gateway import ChargeState, Notice, NoticeNotGenuine, PaymentOrder, PaymentPage
from domain.money import Money
from tests.contracts.dashboard import captured
from tests.contracts.payment_gateway import order, reaches
from tests.contracts.refund_sender import refund_of
from tests.integration.stripe_stage import WEBHOOK_SECRET, StripeStage
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.courier import Endpoint
from tests.support.stripe_standin.server import StandIn
from tests.support.webhook_receiver import WebhookReceiver, webhook_receiver


@pytest.mark.anyio
class TestEvents(StripeStage):
    @pytest.fixture(autouse=True)
    def receiver(self, stand_in: StandIn) -> Iterator[WebhookReceiver]:
        with webhook_receiver() as receiver:
            stand_in.courier.endpoint = Endpoint(receiver.url, WEBHOOK_SECRET)
            yield receiver

    @pytest.fixture
    async def pages(self, gateway: StripeGateway) -> list[tuple[PaymentOrder, PaymentPage]]:
        return [(asked, await gateway.open_page(asked)) for asked in (order(), order(), order())]

    def notices(self, gateway: StripeGateway, stand_in: StandIn, receiver: WebhookReceiver) -> list[Notice]:
        """All that came, each verified over the raw bytes."""
        stand_in.courier.flush()
        return [gateway.read(one.headers, one.body, datetime.now(UTC)) for one in receiver.delivered]

    async def test_a_payment_its_refund_and_its_dispute_are_told(
        self,
        gateway: StripeGateway,
        counterparty: StripeCounterparty,
        stand_in: StandIn,
        receiver: WebhookReceiver,
    ) -> None:
        charge = await captured(gateway, counterparty)
        refund = refund_of(charge, Money(500, "INR"))
        await gateway.refund(refund)
        await counterparty.refunds_by_hand(charge, Money(400, "INR"))
        await counterparty.opens_dispute(charge)
        await counterparty.closes_dispute(charge, won=False)

        told = self.notices(gateway, stand_in, receiver)

        assert {notice.payment_reference for notice in told if notice.kind != "charge.succeeded"} == {
            charge.gateway_reference
        }
        paid = [notice.payment_id for notice in told if notice.kind == "checkout.session.completed"]
        assert paid == [charge.payment_id]
        created = [(one.payment_id, one.refund_id) for one in told if one.kind == "refund.created"]
        assert created == [(charge.payment_id, refund.refund_id), (None, None)]
        assert [notice.kind for notice in told if ".dispute." in notice.kind] == [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.closed",
        ]
        assert len({notice.id for notice in told}) == len(told)

    async def test_a_page_that_ends_by_time_is_told(
        self,
        gateway: StripeGateway,
        stand_in: StandIn,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        stand_in.pass_time(3600)

        told = self.notices(gateway, stand_in, receiver)

        assert {notice.kind for notice in told} == {"checkout.session.expired"}
        assert {notice.payment_id for notice in told} == {asked.payment_id for asked, _ in pages}

    async def test_a_duplicate_keeps_its_id_and_is_signed_anew(
        self,
        gateway: StripeGateway,
        counterparty: StripeCounterparty,
        stand_in: StandIn,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        await counterparty.buyer_pays(pages[0][1])
        first = self.notices(gateway, stand_in, receiver)

        stand_in.courier.send(stand_in.courier.events[-1])
        stand_in.courier.duplicates = 2
        await counterparty.card_is_declined(pages[1][1])

        told = self.notices(gateway, stand_in, receiver)
        assert told[len(first)] == first[-1]
        assert told[-1] == told[-2] == told[-3]

    async def test_the_order_of_events_may_be_another(
        self,
        gateway: StripeGateway,
        counterparty: StripeCounterparty,
        stand_in: StandIn,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        stand_in.courier.holds_back = 3

        await counterparty.buyer_pays(pages[0][1])

        kinds = [notice.kind for notice in self.notices(gateway, stand_in, receiver)]
        assert kinds == ["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"]

    @pytest.mark.parametrize("how", ["dropped", "disabled"])
    async def test_what_is_never_told_is_found_by_looking_it_up(
        self,
        *,
        gateway: StripeGateway,
        counterparty: StripeCounterparty,
        stand_in: StandIn,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
        how: str,
    ) -> None:
        if how == "dropped":
            stand_in.courier.drops = 3
        else:
            assert stand_in.courier.endpoint is not None
            stand_in.courier.endpoint = evolve(stand_in.courier.endpoint, is_enabled=False)

        await counterparty.buyer_pays(pages[0][1])

        assert self.notices(gateway, stand_in, receiver) == []
        await reaches(gateway, pages[0][0], ChargeState.CAPTURED)

    async def test_a_delivery_that_comes_again_much_later_is_refused(
        self,
        gateway: StripeGateway,
        counterparty: StripeCounterparty,
        stand_in: StandIn,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        await counterparty.buyer_pays(pages[0][1])
        stand_in.courier.flush()
        one = receiver.delivered[0]

        with pytest.raises(NoticeNotGenuine, match="clock"):
            gateway.read(one.headers, one.body, datetime.now(UTC) + timedelta(minutes=6))
