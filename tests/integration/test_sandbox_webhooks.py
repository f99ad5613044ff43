"""The sandbox's notices as they really travel: signed, at least once, in any order, or not at all."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from adapters.payments.sandbox_gateway import SandboxGateway
from application.ports.payment_gateway import ChargeState, Notice, PaymentOrder, PaymentPage, RefundState
from domain.money import Money
from tests.contracts.payment_gateway import order, reaches, sought
from tests.contracts.refund_sender import ends, refund_of
from tests.integration.sandbox_stage import SandboxStage
from tests.support.polling import until
from tests.support.sandbox_counterparty import SandboxCounterparty
from tests.support.sandbox_dashboard import SandboxDashboard
from tests.support.sandbox_provider import SandboxProvider
from tests.support.webhook_receiver import WebhookReceiver

TRIES_MAX = 4
"""The provider of the stage pauses three times."""


def notices(gateway: SandboxGateway, receiver: WebhookReceiver) -> list[Notice]:
    """All that came, each verified over the raw bytes."""
    return [gateway.read(one.headers, one.body, datetime.now(UTC)) for one in receiver.delivered]


def kinds_about(gateway: SandboxGateway, receiver: WebhookReceiver, asked: PaymentOrder) -> list[str]:
    return [notice.kind for notice in notices(gateway, receiver) if notice.payment_id == asked.payment_id]


@pytest.mark.anyio
class TestNotices(SandboxStage):
    @pytest.fixture(autouse=True)
    def _mended(self, provider: SandboxProvider) -> Iterator[None]:
        provider.faults()
        yield
        provider.faults()

    @pytest.fixture
    async def pages(self, gateway: SandboxGateway) -> list[tuple[PaymentOrder, PaymentPage]]:
        orders = [order() for _ in range(3)]
        return [(asked, await gateway.open_page(asked)) for asked in orders]

    async def test_each_change_is_told_with_references_only(
        self, gateway: SandboxGateway, counterparty: SandboxCounterparty, receiver: WebhookReceiver
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_goes_to_the_bank(page)
        await counterparty.bank_answers(page, approves=True)
        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        refund = refund_of(charge)
        await gateway.refund(refund)

        await until(lambda: len(receiver.delivered) == 3)

        told = notices(gateway, receiver)
        assert {notice.kind for notice in told} == {"payment.requires_action", "payment.captured", "refund.succeeded"}
        assert {notice.payment_id for notice in told} == {asked.payment_id}
        assert [notice.refund_id for notice in told if notice.kind == "refund.succeeded"] == [refund.refund_id]
        assert {notice.account for notice in told} == {"sandbox"}
        assert len({notice.id for notice in told}) == 3
        for one in receiver.delivered:
            data = json.loads(one.body)["data"]
            assert data.keys() <= {
                *("payment_id", "payment_reference", "refund_id", "refund_reference", "amount_minor", "currency")
            }
            assert asked.buyer_email.encode() not in one.body

    async def test_failure_expiry_closing_and_late_money_are_told(
        self, gateway: SandboxGateway, counterparty: SandboxCounterparty, receiver: WebhookReceiver
    ) -> None:
        late, closed, short = order(), order(), order(lives_s=0.3)
        for asked in (closed, short):
            await gateway.open_page(asked)
        await gateway.close_page(sought(closed))
        await counterparty.bank_captures_late(await gateway.open_page(late))

        await until(lambda: len(receiver.delivered) == 4)

        assert sorted(kinds_about(gateway, receiver, late)) == ["payment.captured", "payment.failed"]
        assert kinds_about(gateway, receiver, closed) == ["payment.expired"]
        assert kinds_about(gateway, receiver, short) == ["payment.expired"]

    async def test_a_failed_refund_is_told(
        self, gateway: SandboxGateway, counterparty: SandboxCounterparty, receiver: WebhookReceiver
    ) -> None:
        asked = order()
        await counterparty.buyer_pays(await gateway.open_page(asked))
        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        await counterparty.refunds_go(pending_s=0.1, fail=True)
        refund = refund_of(charge)
        await gateway.refund(refund)

        await ends(gateway, refund, RefundState.FAILED)

        await until(lambda: "refund.failed" in kinds_about(gateway, receiver, asked))

    async def test_what_is_done_in_the_dashboard_is_told_with_references_only(
        self,
        gateway: SandboxGateway,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        dashboard: SandboxDashboard,
    ) -> None:
        asked = order()
        await counterparty.buyer_leaves_it_authorised(await gateway.open_page(asked))
        charge = await gateway.capture(sought(asked))
        await dashboard.refunds_by_hand(charge, Money(400, "INR"))
        for won in (True, False):
            await dashboard.opens_dispute(charge)
            await dashboard.closes_dispute(charge, won=won)

        await until(lambda: len(receiver.delivered) == 7)

        assert sorted(kinds_about(gateway, receiver, asked)) == [
            *("dispute.lost", "dispute.opened", "dispute.opened", "dispute.won"),
            *("payment.authorised", "payment.captured", "refund.succeeded"),
        ]
        told = notices(gateway, receiver)
        assert {notice.refund_id for notice in told} == {None}, "nobody of ours asked for it"
        assert {notice.payment_reference for notice in told} == {charge.gateway_reference}
        for one in receiver.delivered:
            assert json.loads(one.body)["data"].keys() <= {
                *("payment_id", "payment_reference", "refund_reference", "dispute_reference"),
                *("amount_minor", "currency"),
            }

    async def test_a_receiver_in_trouble_is_told_again(
        self,
        gateway: SandboxGateway,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        receiver.answers = [500, 307, 404]  # A redirect is not followed: it is no 2xx.

        await counterparty.buyer_pays(pages[0][1])

        await until(lambda: len(receiver.delivered) == TRIES_MAX)
        assert len({one.id for one in receiver.delivered}) == 1
        assert len({notice.id for notice in notices(gateway, receiver)}) == 1

    async def test_after_the_last_try_it_gives_up(
        self,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        receiver.answers = [500] * TRIES_MAX
        await counterparty.buyer_pays(pages[0][1])
        await until(lambda: len(receiver.delivered) == TRIES_MAX)
        first = receiver.delivered[0].id

        for _, page in pages[1:]:  # Two later notices pass, which would be behind a fifth try.
            seen = len(receiver.delivered)
            await counterparty.buyer_pays(page)
            await until(lambda seen=seen: len(receiver.delivered) > seen)  # type: ignore[misc]  # a default argument

        assert receiver.count(first) == TRIES_MAX

    async def test_a_duplicate_keeps_its_id(
        self,
        provider: SandboxProvider,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        provider.faults(duplicate_webhooks=2)

        await counterparty.buyer_pays(pages[0][1])

        await until(lambda: len(receiver.delivered) == 3)
        assert receiver.count(receiver.delivered[0].id) == 3

    async def test_held_back_notices_come_last_one_first(
        self,
        provider: SandboxProvider,
        gateway: SandboxGateway,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        provider.faults(hold_back_webhooks=3)

        for _, page in pages:
            assert not receiver.delivered
            await counterparty.buyer_pays(page)

        await until(lambda: len(receiver.delivered) == 3)
        told = [notice.payment_id for notice in notices(gateway, receiver)]
        assert told == [asked.payment_id for asked, _ in reversed(pages)]

    async def test_a_dropped_notice_is_found_by_looking_it_up(
        self,
        provider: SandboxProvider,
        gateway: SandboxGateway,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        provider.faults(drop_webhooks=1)
        (lost, lost_page), (kept, kept_page), _ = pages

        await counterparty.buyer_pays(lost_page)
        await reaches(gateway, lost, ChargeState.CAPTURED)
        await counterparty.buyer_pays(kept_page)

        await until(lambda: bool(receiver.delivered))
        assert [notice.payment_id for notice in notices(gateway, receiver)] == [kept.payment_id]

    async def test_a_delayed_notice_comes_behind_a_later_one(
        self,
        provider: SandboxProvider,
        gateway: SandboxGateway,
        counterparty: SandboxCounterparty,
        receiver: WebhookReceiver,
        pages: list[tuple[PaymentOrder, PaymentPage]],
    ) -> None:
        (delayed, delayed_page), (prompt, prompt_page), _ = pages
        provider.faults(delay_webhooks_s=0.5)
        paid_at = datetime.now(UTC)
        await counterparty.buyer_pays(delayed_page)

        await until(lambda: len(receiver.delivered) == 1)

        assert (datetime.now(UTC) - paid_at).total_seconds() >= 0.5
        provider.faults()
        await counterparty.buyer_pays(prompt_page)
        await until(lambda: len(receiver.delivered) == 2)
        assert [notice.payment_id for notice in notices(gateway, receiver)] == [delayed.payment_id, prompt.payment_id]
