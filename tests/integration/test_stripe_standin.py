"""The stand-in says no where Stripe does, to Stripe's own client: a yes-man would prove nothing about our adapter."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stripe

from adapters.payments.stripe_gateway import StripeGateway
from tests.integration.stripe_stage import StripeStage
from tests.support.sandbox_provider import PLAIN
from tests.support.stripe_standin.form import parameters
from tests.support.stripe_standin.server import API_KEY, StandIn


def wanted(**more: Any) -> dict[str, Any]:
    price = {"currency": "eur", "unit_amount": 1500, "product_data": {"name": "2 seats & “Stehplätze” [x]"}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "customer_email": "a@example.org",
        "success_url": "http://us/back",
        "cancel_url": "http://us/back",
        "expires_at": int((datetime.now(UTC) + timedelta(minutes=40)).timestamp()),
        **more,
    }


@pytest.mark.anyio
class TestStandIn(StripeStage):
    @pytest.fixture
    def api(self, gateway: StripeGateway) -> Any:
        return gateway.records.line.api

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"colour": "red"}, "unknown parameter: colour"),
            ({"expires_at": 1}, "between 30 minutes and 24 hours"),
            ({"mode": "setup"}, "one payment"),
            ({"expand": ["customer"]}, "cannot be expanded"),
        ],
    )
    async def test_a_page_that_stripe_would_not_open_is_refused(
        self, api: Any, more: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(stripe.InvalidRequestError, match=said):
            await api.checkout.sessions.create_async(wanted(**more))

    async def test_a_key_stands_for_one_request_and_gives_its_answer_again(self, api: Any, stand_in: StandIn) -> None:
        asked = wanted()
        first = await api.checkout.sessions.create_async(asked, {"idempotency_key": "k"})
        again = await api.checkout.sessions.create_async(asked, {"idempotency_key": "k"})

        assert first.id == again.id
        assert again.last_response.headers["idempotent-replayed"] == "true"
        with pytest.raises(stripe.IdempotencyError):
            await api.checkout.sessions.create_async(wanted(client_reference_id="x"), {"idempotency_key": "k"})
        stand_in.pass_time(24 * 3600 + 1)
        later = wanted(expires_at=asked["expires_at"] + 24 * 3600)
        assert (await api.checkout.sessions.create_async(later, {"idempotency_key": "k"})).id != first.id

    async def test_the_same_request_at_once_is_told_to_wait(self, api: Any) -> None:
        asked = wanted()

        outcomes = await asyncio.gather(
            *(api.checkout.sessions.create_async(asked, {"idempotency_key": "k"}) for _ in range(5)),
            return_exceptions=True,
        )

        told_to_wait = [one for one in outcomes if isinstance(one, stripe.APIError)]
        assert {one.http_status for one in told_to_wait} == {409}
        assert len({one.id for one in outcomes if not isinstance(one, BaseException)}) == 1

    async def test_lists_have_pages_the_newest_first(self, api: Any) -> None:
        made = [(await api.checkout.sessions.create_async(wanted())).id for _ in range(5)]

        page = await api.checkout.sessions.list_async({"limit": 2})

        assert [one.id for one in page.data] == made[:2:-1]
        assert page.has_more
        assert [one.id async for one in page.auto_paging_iter()] == made[::-1]
        with pytest.raises(stripe.InvalidRequestError, match="limit"):
            await api.checkout.sessions.list_async({"limit": 101})
        with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
            await api.checkout.sessions.list_async({"client_reference_id": "x"})

    async def test_what_was_never_made_is_missing(self, api: Any) -> None:
        for find in (api.checkout.sessions, api.payment_intents, api.charges, api.refunds, api.disputes):
            with pytest.raises(stripe.InvalidRequestError) as refusal:
                await find.retrieve_async("xx_1")
            assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 401),
            ({"authorization": "Bearer sk_test_wrong", "stripe-version": "2026-10-28.endive"}, 401),
            ({"authorization": f"Bearer {API_KEY}"}, 400),
            ({"authorization": f"Bearer {API_KEY}", "stripe-version": "2026-10-28.endive"}, 200),
        ],
    )
    def test_a_caller_says_who_it_is_and_which_version_it_speaks(
        self, stand_in: StandIn, headers: dict[str, str], status: int
    ) -> None:
        with httpx.Client(base_url=stand_in.url, headers=headers, verify=PLAIN, trust_env=False) as client:
            assert client.get("/v1/refunds").status_code == status


def test_nested_parameters_are_read_as_a_tree() -> None:
    encoded = "a[b][0][c]=1&a[b][1][c]=2&expand[0]=x.y&expand[1]=z&m[payment_id]=p%26q&empty="

    assert parameters(encoded) == {
        "a": {"b": [{"c": "1"}, {"c": "2"}]},
        "expand": ["x.y", "z"],
        "m": {"payment_id": "p&q"},
        "empty": "",
    }
