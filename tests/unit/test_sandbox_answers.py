"""Whatever the other side answers, our adapter says yes, no or unknown, and never something else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from attrs import evolve

from adapters.payments.sandbox_gateway import SandboxGateway, open_sandbox_gateway
from adapters.payments.sandbox_line import ANSWER_BYTES_MAX, SandboxGatewaySettings, SandboxLine
from adapters.payments.standard_webhooks import BadSecret, new_secret
from application.ports.payment_gateway import (
    ChargeState,
    DisputeState,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOrder,
    RefundOrder,
    Sought,
    StatementLine,
)
from domain.ids import PaymentId, RefundId
from domain.money import Money

pytestmark = pytest.mark.anyio

SETTINGS = SandboxGatewaySettings(
    "http://sandbox", "the-api-key", "http://us/hook", (new_secret(b"a secret of twenty-four b"),), timeout_s=1.0
)
PAYMENT = PaymentId("pay_1")
ORDER = PaymentOrder(
    PAYMENT, Money(1500, "EUR"), "2 seats", "a@b.c", "http://us/back", datetime(2026, 11, 22, 18, tzinfo=UTC)
)
SOUGHT = Sought(PAYMENT, "sbx_pay_1", Money(1500, "EUR"), datetime(2026, 11, 22, 17, 50, tzinfo=UTC))
REFUND = RefundOrder(RefundId("ref_1"), PAYMENT, "sbx_pay_1", Money(1500, "EUR"))
PAYMENT_ANSWER: dict[str, Any] = {
    "reference": "sbx_pay_1",
    "payment_id": "pay_1",
    "status": "open",
    "amount_minor": 1500,
    "currency": "EUR",
    "fee_minor": None,
    "refunds": [],
    "disputed": False,
    "page_url": "http://sandbox/pay/1",
}
REFUND_ANSWER: dict[str, Any] = {
    "reference": "sbx_ref_1",
    "refund_id": "ref_1",
    "status": "pending",
    "reason": "",
    "amount_minor": 1500,
    "currency": "EUR",
}
DISPUTE_ANSWER: dict[str, Any] = {
    "reference": "sbx_dsp_1",
    "payment_id": "pay_1",
    "status": "open",
    "reason": "fraudulent",
    "amount_minor": 1500,
    "fee_minor": 1500,
    "currency": "EUR",
}
SPAN = datetime(2026, 11, 22, 18, tzinfo=UTC), datetime(2026, 11, 22, 19, tzinfo=UTC)
LINE_ANSWER: dict[str, Any] = {
    "reference": "sbx_pay_1",
    "payment_id": "pay_1",
    "amount_minor": 1500,
    "refunded_minor": 400,
    "currency": "EUR",
    "captured_at": "2026-11-22T18:00:00Z",
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def gateway(answer: Callable[[httpx.Request], httpx.Response]) -> SandboxGateway:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url=SETTINGS.base_url)
    return SandboxGateway(SETTINGS, SandboxLine(SETTINGS, client))


def answering(status: int, body: bytes | dict[str, Any]) -> SandboxGateway:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return gateway(lambda _: httpx.Response(status, content=content))


async def statement(asked: SandboxGateway) -> list[StatementLine]:
    return [line async for line in asked.captured(*SPAN)]


async def every_call_is(asked: SandboxGateway, error: type[Exception]) -> None:
    for call in (
        lambda: asked.open_page(ORDER),
        lambda: asked.look_up(SOUGHT),
        lambda: asked.refund(REFUND),
        lambda: asked.look_up_refund(REFUND),
        lambda: asked.close_page(SOUGHT),
        lambda: asked.capture(SOUGHT),
        lambda: asked.disputes_of(SOUGHT),
        lambda: statement(asked),
    ):
        with pytest.raises(error):
            await call()


async def test_more_fields_than_we_know_are_no_harm() -> None:
    page = await answering(201, PAYMENT_ANSWER | {"new": [1]}).open_page(ORDER)

    assert page.url == "http://sandbox/pay/1"


@pytest.mark.parametrize("status", [201, 200])
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"<html>", b"[" * 60_000, b"{" * 10, b'"' + b"x" * ANSWER_BYTES_MAX],
)
async def test_nonsense_is_unknown(status: int, body: bytes) -> None:
    await every_call_is(answering(status, body), GatewayUnavailable)


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_id": "pay_2"},
        {"amount_minor": 1499},
        {"amount_minor": "1500"},
        {"amount_minor": -1},
        {"currency": "USD"},
        {"currency": "???"},
        {"status": "great"},
        {"reference": ""},
        {"page_url": "javascript:alert(1)"},
        {"page_url": None},
    ],
)
async def test_an_answer_about_something_else_is_unknown(wrong: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        await answering(201, PAYMENT_ANSWER | wrong).open_page(ORDER)


@pytest.mark.parametrize("wrong", [{"refund_id": "ref_2"}, {"amount_minor": 1}, {"currency": "USD"}, {"status": "ok"}])
async def test_a_receipt_for_something_else_is_unknown(wrong: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        await answering(200, REFUND_ANSWER | wrong).refund(REFUND)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "great"},
        {"disputed": "yes"},
        {"fee_minor": -1},
        {"fee_minor": "60"},
        {"refunds": [REFUND_ANSWER | {"currency": "USD"}]},
        {"refunds": [REFUND_ANSWER | {"refund_id": ""}]},
        {"refunds": [REFUND_ANSWER | {"amount_minor": 1501}]},
        {"refunds": [REFUND_ANSWER | {"amount_minor": 800}, REFUND_ANSWER | {"refund_id": None, "amount_minor": 701}]},
    ],
)
async def test_a_charge_that_makes_no_sense_is_unknown(wrong: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        await answering(200, PAYMENT_ANSWER | wrong).look_up(SOUGHT)


@pytest.mark.parametrize("missing", ["fee_minor", "disputed", "refunds", "status"])
async def test_a_charge_that_leaves_something_out_is_unknown(missing: str) -> None:
    with pytest.raises(GatewayUnavailable):
        await answering(200, {k: v for k, v in PAYMENT_ANSWER.items() if k != missing}).look_up(SOUGHT)


async def test_a_charge_tells_fee_dispute_and_refunds_of_both_kinds() -> None:
    by_hand = REFUND_ANSWER | {"reference": "sbx_ref_2", "refund_id": None, "amount_minor": 300, "status": "succeeded"}
    told = {"status": "captured", "fee_minor": 60, "disputed": True}
    answer = PAYMENT_ANSWER | told | {"refunds": [REFUND_ANSWER | {"amount_minor": 500}, by_hand]}

    charge = await answering(200, answer).look_up(SOUGHT)

    assert charge is not None
    assert (charge.fee, charge.disputed, charge.refunded) == (Money(60, "EUR"), True, Money(800, "EUR"))
    assert [refund.refund_id for refund in charge.refunds] == [REFUND.refund_id, None]


@pytest.mark.parametrize(
    "wrong", [{"status": "authorised"}, {"status": "failed"}, {"amount_minor": 1499}, {"payment_id": "pay_2"}]
)
async def test_a_capture_is_believed_only_if_the_whole_was_taken(wrong: dict[str, Any]) -> None:
    good = PAYMENT_ANSWER | {"status": "captured", "fee_minor": 60}
    assert (await answering(200, good).capture(SOUGHT)).state is ChargeState.CAPTURED

    with pytest.raises(GatewayUnavailable):
        await answering(200, good | wrong).capture(SOUGHT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_id": "pay_2"},
        {"payment_id": None},
        {"status": "closed"},
        {"amount_minor": -1},
        {"fee_minor": None},
        {"currency": "???"},
        {"reference": ""},
    ],
)
async def test_a_dispute_that_makes_no_sense_is_unknown(wrong: dict[str, Any]) -> None:
    [report] = await answering(200, {"items": [DISPUTE_ANSWER]}).disputes_of(SOUGHT)
    assert (report.state, report.fee) == (DisputeState.OPEN, Money(1500, "EUR"))

    with pytest.raises(GatewayUnavailable):
        await answering(200, {"items": [DISPUTE_ANSWER, DISPUTE_ANSWER | wrong]}).disputes_of(SOUGHT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"captured_at": "2026-11-22T17:59:59.999999Z"},
        {"captured_at": "2026-11-22T19:00:00Z"},
        {"captured_at": "2026-11-22T18:00:00"},
        {"captured_at": None},
        {"payment_id": ""},
        {"refunded_minor": -1},
        {"currency": "???"},
    ],
)
async def test_a_line_that_makes_no_sense_is_unknown(wrong: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        await statement(answering(200, {"items": [LINE_ANSWER | wrong], "next_cursor": None}))


@pytest.mark.parametrize("items", [[], [LINE_ANSWER]], ids=["empty", "repeated"])
async def test_a_statement_that_never_ends_is_unknown(items: list[Any]) -> None:
    asked = answering(200, {"items": items, "next_cursor": "1-1"})

    with pytest.raises(GatewayUnavailable):
        await statement(asked)


async def test_a_statement_is_asked_for_until_it_ends() -> None:
    cursors: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        cursors.append(request.url.params.get("cursor"))
        assert request.url.params["start"] == "2026-11-22T18:00:00+00:00"
        number = len(cursors)
        item = LINE_ANSWER | {"reference": f"sbx_pay_{number}", "payment_id": None}
        return httpx.Response(200, json={"items": [item], "next_cursor": f"1-{number}" if number < 3 else None})

    lines = await statement(gateway(answer))

    assert cursors == [None, "1-1", "1-2"]
    assert [line.gateway_reference for line in lines] == ["sbx_pay_1", "sbx_pay_2", "sbx_pay_3"]
    assert {line.payment_id for line in lines} == {None}


@pytest.mark.parametrize("status", [204, 302, 401, 403, 404, 408, 425, 429, 500, 502, 503, 504, 599])
async def test_what_is_no_verdict_is_unknown(status: int) -> None:
    problem = {"code": "http_error", "message": "no"}

    await every_call_is(answering(status, problem), GatewayUnavailable)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_a_verdict_is_believed_if_the_sandbox_itself_speaks(status: int) -> None:
    await every_call_is(answering(status, {"code": "no", "message": "no money"}), GatewayRefused)
    await every_call_is(answering(status, b"<h1>a proxy says no</h1>"), GatewayUnavailable)


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
        raise error("the-api-key")

    asked = gateway(broken)

    await every_call_is(asked, GatewayUnavailable)
    with pytest.raises(GatewayUnavailable) as refusal:
        await asked.look_up(SOUGHT)
    assert "the-api-key" not in f"{refusal.value!r} {asked!r}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize("name", ["../refunds/1", "a?b", "é", ""])
async def test_a_strange_identifier_reaches_no_other_address(name: str) -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("nobody should be asked")

    with pytest.raises(GatewayRefused):
        await gateway(never).look_up(evolve(SOUGHT, payment_id=PaymentId(name)))


async def test_settings_keep_their_secrets() -> None:
    with pytest.raises(BadSecret):
        SandboxGatewaySettings("http://sandbox", "the-api-key", "http://us/hook", ("short",))
    opened = open_sandbox_gateway(SETTINGS)

    told = f"{SETTINGS!r} {opened!r} {opened.line!r}"

    assert "the-api-key" not in told
    assert SETTINGS.webhook_secrets[0] not in told
    await opened.aclose()
