"""What each answer of Stripe's means: the states of pages, tries, refunds and disputes, and whose they are."""

from typing import Any

import httpx
import pytest

from application.ports.payment_gateway import (
    ChargeState,
    DisputeState,
    GatewayUnavailable,
    RefundState,
)
from domain.money import Money
from tests.support.stripe_samples import (
    BY_INTENT,
    CHARGE,
    INTENT,
    ORDER,
    PRICE,
    REFUND,
    REFUND_ANSWER,
    SESSION,
    SOUGHT,
    answering,
    gateway,
    listed,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_reference_id": "pay_2"},
        {"client_reference_id": None},
        {"amount_total": 1499},
        {"amount_total": "1500"},
        {"amount_total": True},
        {"amount_total": -1},
        {"currency": "usd"},
        {"currency": "???"},
        {"status": "great"},
        {"id": ""},
        {"url": "javascript:alert(1)"},
        {"url": None},
    ],
)
async def test_a_page_for_something_else_is_unknown(wrong: dict[str, Any]) -> None:
    assert (await answering(200, SESSION).open_page(ORDER)).gateway_reference == "cs_1"
    with pytest.raises(GatewayUnavailable):
        await answering(200, SESSION | wrong).open_page(ORDER)


@pytest.mark.parametrize(
    ("page", "tried", "state"),
    [
        ("open", None, ChargeState.PENDING),
        ("expired", None, ChargeState.FAILED),
        ("open", "requires_payment_method", ChargeState.PENDING),
        ("open", "requires_confirmation", ChargeState.PENDING),
        ("open", "requires_action", ChargeState.REQUIRES_ACTION),
        ("expired", "requires_action", ChargeState.FAILED),
        ("expired", "canceled", ChargeState.FAILED),
        ("complete", "processing", ChargeState.PENDING),
        ("complete", "requires_payment_method", ChargeState.FAILED),
        ("complete", "requires_capture", ChargeState.AUTHORISED),
        ("complete", "succeeded", ChargeState.CAPTURED),
        ("expired", "succeeded", ChargeState.CAPTURED),
    ],
)
async def test_each_state_of_a_page_and_a_try_has_one_meaning(page: str, tried: str | None, state: ChargeState) -> None:
    intent = None if tried is None else INTENT | {"status": tried}

    charge = await answering(200, SESSION | {"status": page, "payment_intent": intent}).look_up(SOUGHT)

    assert charge is not None
    assert (charge.state, charge.amount) == (state, PRICE)
    assert charge.gateway_reference == ("cs_1" if tried is None else "pi_1")


@pytest.mark.parametrize(("error", "state"), [(None, ChargeState.PENDING), ({"code": "no"}, ChargeState.FAILED)])
async def test_a_try_without_a_page_fails_by_its_last_error(error: dict[str, str] | None, state: ChargeState) -> None:
    tried = INTENT | {"status": "requires_payment_method", "last_payment_error": error}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=tried if request.url.path.startswith("/v1/payment_intents/") else listed())

    charge = await gateway(answer).look_up(BY_INTENT)

    assert charge is not None
    assert charge.state is state


@pytest.mark.parametrize(
    ("page", "intent"),
    [
        ("complete", None),
        ("complete", INTENT | {"status": "shiny"}),
        ("complete", INTENT | {"amount_received": "1500"}),
        ("complete", INTENT | {"currency": "EUR"}),
    ],
)
async def test_a_senseless_payment_is_unknown(page: str, intent: dict[str, Any] | None) -> None:
    with pytest.raises(GatewayUnavailable):
        await answering(200, SESSION | {"status": page, "payment_intent": intent}).look_up(SOUGHT)


async def test_a_payment_that_is_not_ours_is_not_taken_for_ours() -> None:
    with pytest.raises(GatewayUnavailable):
        await answering(200, INTENT | {"metadata": {"payment_id": "pay_2"}}).look_up(BY_INTENT)
    with pytest.raises(GatewayUnavailable):
        await answering(200, INTENT | {"metadata": {}}).look_up(BY_INTENT)


async def test_what_was_captured_is_what_was_received_and_the_fee_may_be_in_another_currency() -> None:
    charge = await answering(200, INTENT | {"amount_received": 1400}).look_up(BY_INTENT)

    assert charge is not None
    assert (charge.amount, charge.fee, charge.disputed) == (Money(1400, "EUR"), Money(62, "USD"), False)


@pytest.mark.parametrize("balance", [None, "txn_1", {"id": "txn_1", "fee": 1, "currency": "isk"}])
async def test_a_fee_that_is_not_known_is_none(balance: Any) -> None:
    tried = INTENT | {"latest_charge": CHARGE | {"balance_transaction": balance}}

    charge = await answering(200, tried).look_up(BY_INTENT)

    assert charge is not None
    assert charge.fee is None


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("pending", RefundState.PENDING, ""),
        ("requires_action", RefundState.PENDING, ""),
        ("succeeded", RefundState.SUCCEEDED, ""),
        ("failed", RefundState.FAILED, "lost_or_stolen_card"),
        ("canceled", RefundState.FAILED, "lost_or_stolen_card"),
    ],
)
async def test_each_state_of_a_refund_has_one_meaning(status: str, state: RefundState, reason: str) -> None:
    told = REFUND_ANSWER | {"status": status, "failure_reason": "lost_or_stolen_card"}

    receipt = await answering(200, listed(told)).look_up_refund(REFUND)

    assert receipt is not None
    assert (receipt.state, receipt.reason) == (state, reason)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", DisputeState.OPEN),
        ("warning_under_review", DisputeState.OPEN),
        ("needs_response", DisputeState.OPEN),
        ("under_review", DisputeState.OPEN),
        ("appeal_needs_response", DisputeState.OPEN),
        ("appeal_under_review", DisputeState.OPEN),
        ("warning_closed", DisputeState.WON),
        ("prevented", DisputeState.WON),
        ("won", DisputeState.WON),
        ("lost", DisputeState.LOST),
    ],
)
async def test_each_state_of_a_dispute_has_one_meaning(status: str, state: DisputeState) -> None:
    fees = [{"id": "txn_1", "fee": 1500, "currency": "eur"}, {"id": "txn_2", "fee": 0, "currency": "eur"}]
    told = {"id": "du_1", "amount": 1500, "currency": "eur", "reason": "fraudulent", "status": status}

    (bare,) = await answering(200, listed(told)).disputes_of(BY_INTENT)
    (charged,) = await answering(200, listed(told | {"balance_transactions": fees})).disputes_of(BY_INTENT)

    assert (bare.state, bare.amount, bare.fee) == (state, PRICE, None)
    assert bare.withdrawn is (
        status not in {"warning_needs_response", "warning_under_review", "warning_closed", "prevented"}
    )
    assert charged.fee == PRICE


async def test_a_state_of_a_dispute_that_nobody_told_us_of_is_unknown() -> None:
    told = {"id": "du_1", "amount": 1500, "currency": "eur", "reason": "fraudulent", "status": "on_fire"}

    with pytest.raises(GatewayUnavailable):
        await answering(200, listed(told)).disputes_of(BY_INTENT)
