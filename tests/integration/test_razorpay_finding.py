"""What is ours at Razorpay is found by our reference alone, in lists that mislead and with receipts that repeat."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters.payments.razorpay_answers import OrderAnswer
from adapters.payments.razorpay_books import RazorpayBooks
from adapters.payments.razorpay_charges import RazorpayCharges
from adapters.payments.razorpay_embedded import RazorpayEmbedded
from adapters.payments.razorpay_gateway import RazorpayGateway
from adapters.payments.razorpay_line import RazorpayLine
from application.ports.payment_gateway import (
    Charge,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOrder,
    PaymentPage,
)
from domain.money import Money
from tests.contracts.payment_gateway import order, sought
from tests.integration.razorpay_stage import RazorpayStage
from tests.support.razorpay_counterparty import RazorpayCounterparty
from tests.support.razorpay_standin.server import RazorpayStandin

pytestmark = pytest.mark.anyio


async def stands(gateway: RazorpayGateway, asked: PaymentOrder, reference: str = "") -> Charge:
    charge = await gateway.look_up(sought(asked, reference))
    assert charge is not None
    return charge


class TestFinding(RazorpayStage):
    """By our reference alone, in lists that hold what others of the account sell."""

    @pytest.fixture
    async def strangers(self, gateway: RazorpayGateway) -> Sequence[PaymentPage]:
        return [await gateway.open_page(order()) for _ in range(7)]

    @pytest.mark.parametrize("is_ignoring", [False, True], ids=["filtered", "unfiltered"])
    async def test_ours_is_found_among_others_and_no_other_is_taken_for_it(
        self,
        *,
        gateway: RazorpayGateway,
        strangers: Sequence[PaymentPage],
        standin: RazorpayStandin,
        is_ignoring: bool,
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        for _ in range(4):
            await gateway.open_page(order())
        standin.api.is_ignoring_references = is_ignoring

        assert (await stands(gateway, asked)).gateway_reference == page.gateway_reference
        assert await gateway.open_page(asked) == page
        assert await gateway.look_up(sought(order())) is None

    async def test_a_link_that_exists_and_is_not_shown_is_unknown_and_not_refused(
        self, gateway: RazorpayGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = order()
        await gateway.open_page(asked)

        async def blind(*_: object) -> None:
            return None

        monkeypatch.setattr(RazorpayCharges, "link", blind)
        with pytest.raises(GatewayUnavailable):
            await gateway.open_page(asked)
        with pytest.raises(GatewayRefused, match="minimum"):
            await gateway.open_page(order(Money(99, "INR")))

    async def test_a_receipt_that_only_contains_ours_is_not_ours(
        self, gateway: RazorpayGateway, standin: RazorpayStandin
    ) -> None:
        asked = order()
        with standin.lock:
            standin.bank.open_order({"amount": 1500, "currency": "INR", "receipt": f"{asked.payment_id}x"})

        assert await gateway.look_up(sought(asked)) is None

    async def test_a_name_that_razorpay_does_not_know_is_none(self, gateway: RazorpayGateway) -> None:
        asked = order()

        for name in ("plink_000001aa", "order_000001aa", "pay_000001aa"):
            assert await gateway.look_up(sought(asked, name)) is None
            await gateway.close_page(sought(asked, name))


class TestOrders(RazorpayStage):
    async def test_of_two_orders_made_at_once_everybody_hands_out_the_first(
        self,
        *,
        embedded: RazorpayEmbedded,
        line: RazorpayLine,
        standin: RazorpayStandin,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked = order()
        opened = await asyncio.gather(*(embedded.open_order(asked) for _ in range(10)))
        assert len(standin.bank.orders) > 1, "Razorpay makes as many as it is asked for"
        assert {one.gateway_reference for one in opened} == {next(iter(standin.bank.orders))}

        # Negative control: without the second look, each would hand out its own.
        async def own(self: RazorpayEmbedded, asked: PaymentOrder) -> OrderAnswer:
            wanted = {"amount": 1500, "currency": "INR", "receipt": asked.payment_id}
            return await self.line.ask(OrderAnswer, lambda client: client.order.create(wanted))

        monkeypatch.setattr(RazorpayEmbedded, "_made", own)
        again = order()
        careless = await asyncio.gather(*(embedded.open_order(again) for _ in range(10)))
        assert len({one.gateway_reference for one in careless}) > 1

    async def test_what_is_paid_inside_a_page_of_ours_is_ours_in_the_statement_too(
        self, embedded: RazorpayEmbedded, counterparty: RazorpayCounterparty, books: RazorpayBooks
    ) -> None:
        asked = order()
        await counterparty.buyer_pays_inside(await embedded.open_order(asked))

        now = datetime.now(UTC)
        (line,) = [one async for one in books.captured(now - timedelta(hours=1), now + timedelta(hours=1))]

        assert line.payment_id == asked.payment_id

    async def test_an_order_gives_the_script_only_public_values(self, embedded: RazorpayEmbedded) -> None:
        opened = await embedded.open_order(order())

        assert opened.fields["order_id"] == opened.gateway_reference
        assert opened.fields["key"].startswith("rzp_test_")
        assert embedded.line.settings.key_secret not in json.dumps(dict(opened.fields))
