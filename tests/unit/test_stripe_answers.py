"""Whatever the other side answers, our adapter says yes, no or unknown, and never something else."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from attrs import evolve

from adapters.payments import stripe_line
from adapters.payments.stripe_gateway import BadKey, StripeGateway, StripeSettings, gateway_over
from adapters.payments.stripe_line import ANSWER_BYTES_MAX, NeverHeardOf
from application.ports.payment_gateway import (
    ChargeState,
    DisputeState,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOrder,
    RefundOrder,
    RefundState,
    Sought,
)
from domain.ids import PaymentId, RefundId
from domain.money import Money

pytestmark = pytest.mark.anyio

KEY = "sk_test_the_api_key"
SETTINGS = StripeSettings(KEY, ("whsec_1",), api_base="http://stripe", timeout_s=1.0)
PAYMENT = PaymentId("pay_1")
PRICE = Money(1500, "EUR")
ORDER = PaymentOrder(PAYMENT, PRICE, "2 seats", "a@b.c", "http://us/back", datetime(2026, 11, 22, 18, tzinfo=UTC))
SOUGHT = Sought(PAYMENT, "cs_1", PRICE, datetime(2026, 11, 22, 17, 50, tzinfo=UTC))
BY_INTENT = evolve(SOUGHT, gateway_reference="pi_1")
REFUND = RefundOrder(RefundId("ref_1"), PAYMENT, "pi_1", PRICE)
WINDOW = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))

SESSION: dict[str, Any] = {
    "id": "cs_1",
    "object": "checkout.session",
    "status": "open",
    "amount_total": 1500,
    "currency": "eur",
    "client_reference_id": "pay_1",
    "payment_intent": None,
    "url": "https://checkout.stripe.com/c/pay/cs_1",
}
CHARGE: dict[str, Any] = {
    "id": "ch_1",
    "object": "charge",
    "amount": 1500,
    "amount_captured": 1500,
    "amount_refunded": 0,
    "captured": True,
    "currency": "eur",
    "disputed": False,
    "payment_intent": "pi_1",
    "metadata": {"payment_id": "pay_1"},
    "status": "succeeded",
    "balance_transaction": {"id": "txn_1", "object": "balance_transaction", "fee": 62, "currency": "usd"},
    "refunds": {"object": "list", "data": [], "has_more": False, "url": "/v1/charges/ch_1/refunds"},
}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1500,
    "amount_received": 1500,
    "currency": "eur",
    "status": "succeeded",
    "metadata": {"payment_id": "pay_1"},
    "latest_charge": CHARGE,
    "last_payment_error": None,
}
REFUND_ANSWER: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "amount": 1500,
    "currency": "eur",
    "metadata": {"refund_id": "ref_1"},
    "payment_intent": "pi_1",
    "status": "pending",
    "failure_reason": None,
}


def listed(*records: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(records), "has_more": has_more, "url": "/v1/things"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks as often as ever, without waiting in between."""
    monkeypatch.setattr(stripe_line, "_PAUSES_S", (0.0,) * len(stripe_line._PAUSES_S))


def gateway(answer: Callable[[httpx.Request], httpx.Response], settings: StripeSettings = SETTINGS) -> StripeGateway:
    return gateway_over(settings, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


def answering(status: int, body: bytes | dict[str, Any]) -> StripeGateway:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return gateway(lambda _: httpx.Response(status, content=content))


async def statement(asked: StripeGateway) -> list[Any]:
    return [line async for line in asked.captured(*WINDOW)]


def every_call(asked: StripeGateway) -> dict[str, Callable[[], Awaitable[Any]]]:
    return {
        "open_page": lambda: asked.open_page(ORDER),
        "look_up": lambda: asked.look_up(SOUGHT),
        "look_up by intent": lambda: asked.look_up(BY_INTENT),
        "look_up by ours": lambda: asked.look_up(evolve(SOUGHT, gateway_reference="")),
        "refund": lambda: asked.refund(REFUND),
        "look_up_refund": lambda: asked.look_up_refund(REFUND),
        "close_page": lambda: asked.close_page(SOUGHT),
        "disputes_of": lambda: asked.disputes_of(BY_INTENT),
        "captured": lambda: statement(asked),
    }


async def every_call_is_unknown(asked: StripeGateway) -> None:
    for name, call in every_call(asked).items():
        with pytest.raises(GatewayUnavailable):
            pytest.fail(f"{name}: {await call()}")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"{}", b"1", b'"a"', b"\xff\xfe", b"<html>", b"[" * 60_000, b"{" * 10),
        *(b'{"object": 1}', b'{"object": "list", "data": {}}', b'{"object": "list", "data": [1], "has_more": false}'),
        *(b'{"id": ""}', b'{"object": "list", "data": [], "has_more": true}'),
    ],
)
async def test_nonsense_is_unknown(body: bytes) -> None:
    await every_call_is_unknown(answering(200, body))


async def test_an_answer_without_an_end_is_unknown() -> None:
    await every_call_is_unknown(answering(200, b'"' + b"x" * ANSWER_BYTES_MAX))


@pytest.mark.parametrize("status", [302, 401, 403, 408, 425, 429, 500, 502, 503, 504, 599])
async def test_what_is_no_verdict_is_unknown(status: int) -> None:
    await every_call_is_unknown(answering(status, {"error": {"type": "api_error", "message": "no"}}))


@pytest.mark.parametrize("status", [400, 402, 404, 409, 413, 422, 500])
async def test_a_proxy_gives_no_verdict(status: int) -> None:
    await every_call_is_unknown(answering(status, b"<h1>a proxy says no</h1>"))


async def test_a_wrong_address_and_a_key_of_the_other_mode_say_nothing_about_the_payment() -> None:
    await every_call_is_unknown(answering(404, {"error": {"type": "invalid_request_error", "message": "No such URL"}}))
    blind = "No such payment_intent: 'pi_1'; a similar object exists in live mode, but a test mode key was used"
    missing = {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": blind}}
    await every_call_is_unknown(answering(404, missing))


async def test_what_stripe_never_heard_of_is_none() -> None:
    missing = {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such thing"}}
    asked = answering(404, missing)

    assert await asked.look_up(SOUGHT) is None
    assert await asked.look_up(BY_INTENT) is None
    assert await asked.look_up_refund(REFUND) is None
    assert await asked.disputes_of(BY_INTENT) == ()
    await asked.close_page(SOUGHT)
    with pytest.raises(NeverHeardOf):
        await asked.refund(REFUND)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid_request_error"), (400, "idempotency_error"), (402, "card_error")]
)
async def test_a_verdict_is_stripes_own_words(status: int, kind: str) -> None:
    asked = answering(status, {"error": {"type": kind, "message": "not like that"}})

    for call in (asked.open_page(ORDER), asked.refund(REFUND), asked.look_up(SOUGHT)):
        with pytest.raises(GatewayRefused, match="not like that"):
            await call


async def test_the_answer_of_the_same_request_that_is_at_work_is_waited_for() -> None:
    in_use = {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "in progress"}}
    answers = [httpx.Response(409, json=in_use), httpx.Response(409, json=in_use), httpx.Response(200, json=SESSION)]

    page = await gateway(lambda _: answers.pop(0)).open_page(ORDER)

    assert page.gateway_reference == "cs_1"
    with pytest.raises(GatewayUnavailable, match="at work"):
        await answering(409, in_use).open_page(ORDER)


async def test_a_refusal_to_close_an_open_page_is_told() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(400, json={"error": {"type": "invalid_request_error", "message": "not now"}})
        return httpx.Response(200, json=SESSION)

    with pytest.raises(GatewayRefused, match="not now"):
        await gateway(answer).close_page(SOUGHT)


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
    assert charged.fee == PRICE


async def test_a_state_of_a_dispute_that_nobody_told_us_of_is_unknown() -> None:
    told = {"id": "du_1", "amount": 1500, "currency": "eur", "reason": "fraudulent", "status": "on_fire"}

    with pytest.raises(GatewayUnavailable):
        await answering(200, listed(told)).disputes_of(BY_INTENT)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError,
        httpx.ReadTimeout,
        httpx.PoolTimeout,
        httpx.RemoteProtocolError,
        httpx.ReadError,
        TimeoutError,
    ],
)
async def test_a_broken_line_is_unknown_and_tells_no_secret(error: type[Exception]) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise error(KEY)

    asked = gateway(broken)

    await every_call_is_unknown(asked)
    with pytest.raises(GatewayUnavailable) as refusal:
        await asked.look_up(SOUGHT)
    assert KEY not in f"{refusal.value!r} {refusal.value} {asked!r}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


async def test_a_refused_key_is_not_repeated() -> None:
    asked = answering(401, {"error": {"type": "invalid_request_error", "message": f"Invalid API Key provided: {KEY}"}})

    with pytest.raises(GatewayUnavailable) as refusal:
        await asked.look_up(SOUGHT)

    assert KEY not in str(refusal.value)


@pytest.mark.parametrize("name", ["cs_../../v1/accounts", "cs_a?b=c", "cs_é/x", "pi_../refunds", "cs_ x"])
async def test_a_strange_name_reaches_no_other_address(name: str) -> None:
    asked_for: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked_for.append(request.url.raw_path.decode().partition("?")[0])
        return httpx.Response(500)

    with pytest.raises((GatewayUnavailable, GatewayRefused)):
        await gateway(note).look_up(evolve(SOUGHT, gateway_reference=name))

    one = {"cs": "/v1/checkout/sessions/", "pi": "/v1/payment_intents/"}[name[:2]]
    assert all(path.startswith(one) and "/" not in path.removeprefix(one) for path in asked_for)


@pytest.mark.parametrize(
    "key", ["", "sk_liv_1", "pk_live_1", "whsec_1", "sk_test_1\r\nX: y", "sk_test_é", " sk_test_1"]
)
def test_what_is_no_key_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadKey) as refusal:
        StripeSettings(key, ("whsec_1",))

    assert not key or key not in str(refusal.value)


def test_settings_keep_their_secrets() -> None:
    told = f"{SETTINGS!r} {answering(200, b'')!r}"

    assert KEY not in told
    assert "whsec_1" not in told
