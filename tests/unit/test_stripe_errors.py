"""Whatever the other side answers, our adapter says yes, no or unknown, and never something else."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from attrs import evolve

from adapters.payments import stripe_line
from adapters.payments.stripe_gateway import BadKey, StripeGateway, StripeSettings
from adapters.payments.stripe_line import ANSWER_BYTES_MAX, NeverHeardOf
from application.ports.payment_gateway import (
    GatewayRefused,
    GatewayUnavailable,
)
from tests.support.stripe_samples import (
    BY_INTENT,
    KEY,
    ORDER,
    REFUND,
    SESSION,
    SETTINGS,
    SOUGHT,
    WINDOW,
    answering,
    gateway,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks as often as ever, without waiting in between."""
    monkeypatch.setattr(stripe_line, "_PAUSES_S", (0.0,) * len(stripe_line._PAUSES_S))


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
