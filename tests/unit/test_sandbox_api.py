"""What the sandbox's API lets in, asked without a socket."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from adapters.payments.sandbox.app import BODY_BYTES_MAX, create_app
from adapters.payments.sandbox.settings import IN_MEMORY, SandboxMisconfigured, SandboxSettings, settings_from
from adapters.payments.standard_webhooks import new_secret

pytestmark = pytest.mark.anyio

SECRET = new_secret(b"a secret of twenty-four b")
KEY = "an-api-key-of-the-tests"
GOOD: dict[str, Any] = {
    "payment_id": "pay_1",
    "amount_minor": 1500,
    "currency": "EUR",
    "description": "2 seats",
    "buyer_email": "a@b.c",
    "return_url": "https://shop.example/back",
    "webhook_url": "https://shop.example/hook",
    "expires_at": "2026-11-22T18:15:00Z",
}


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


def app(*, faults: bool = False) -> Litestar:
    return create_app(SandboxSettings(IN_MEMORY, KEY, SECRET, "http://127.0.0.1:8001", faults=faults), StillClock())


def caller(to: Litestar, key: str = KEY) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(cast("Any", to)),  # Litestar's ASGI types are narrower than httpx's
        base_url="http://sandbox",
        headers={b"authorization": f"Bearer {key}".encode()},
    )


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    async with caller(app()) as client:
        yield client


async def test_a_good_order_is_new_once(api: httpx.AsyncClient) -> None:
    first, again = [await api.post("/v1/payments", json=GOOD) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_id", ""),
        ("payment_id", "pay/../1"),
        ("payment_id", "pay_1\n"),
        ("payment_id", "p" * 65),
        ("amount_minor", 0),
        ("amount_minor", -1),
        ("amount_minor", 10**13 + 1),
        ("amount_minor", 1.5),
        ("amount_minor", "1500"),
        ("amount_minor", True),
        ("currency", "eur"),
        ("currency", "XXX"),
        ("description", ""),
        ("description", "d" * 501),
        ("buyer_email", "e" * 255),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "//evil.example"),
        ("return_url", "https://user:pw@shop.example/"),
        ("return_url", "https://shop.example/\r\nset-cookie: a=b"),
        ("return_url", "https://shop.example;script-src *"),
        ("return_url", "https://[::1"),
        ("return_url", "https://shop.example/" + "x" * 2048),
        ("webhook_url", "file:///etc/passwd"),
        ("webhook_url", "http:///nowhere"),
        ("expires_at", "2026-11-22T18:15:00"),
        ("expires_at", "2026-11-22T18:00:00Z"),
        ("expires_at", 1_795_371_000),  # Ten past six, in seconds.
        ("expires_at", "1795371000"),
        ("surprise", "unknown field"),
    ],
)
async def test_every_field_has_its_limit(api: httpx.AsyncClient, field: str, value: object) -> None:
    refused = await api.post("/v1/payments", json=GOOD | {field: value})

    assert refused.status_code in {400, 422}, refused.text
    assert refused.json()["code"]
    assert (await api.get("/v1/payments/pay_1")).status_code == 404


async def test_a_body_has_its_limit(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/payments", content=b" " * (BODY_BYTES_MAX + 1))

    assert refused.status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/payments"),
        ("GET", "/v1/statement"),
        ("GET", "/v1/payments/pay_1"),
        ("POST", "/v1/payments/pay_1/capture"),
        ("GET", "/v1/payments/pay_1/disputes"),
        ("POST", "/v1/payments/pay_1/close"),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/refunds/ref_1"),
        ("POST", "/v1/faults"),
        ("DELETE", "/v1/faults"),
    ],
)
async def test_nothing_is_told_without_the_key(method: str, path: str) -> None:
    sandbox = app(faults=True)
    for key in ("", KEY[:-1], KEY + "x", "é"):
        async with caller(sandbox, key) as client:
            assert (await client.request(method, path, json={})).status_code == 401


async def test_faults_are_there_only_when_asked_for(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/faults", json={})).status_code == 404

    async with caller(app(faults=True)) as client:
        assert (await client.post("/v1/faults", json={"request": "too_many_requests"})).status_code == 204
        assert (await client.get("/v1/payments/pay_1")).status_code == 429
        assert (await client.get("/v1/payments/pay_1")).status_code == 404


SPAN = {"start": "2026-11-22T18:00:00Z", "end": "2026-11-22T18:00:01+00:00"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("cursor", cursor) for cursor in ("", "-1", "x", "\u0661-1", f"{'9' * 18}-1", "1-1-1", "7")],
        *[("limit", limit) for limit in ("", "0", "101", "-1", "1.5", "\u0661", "x")],
        *[("start", start) for start in ("", "2026-11-22", "2026-11-22T18:00:00", "1795371000", "now")],
        ("end", "2026-13-22T18:00:00Z"),
    ],
)
async def test_a_strange_question_for_a_statement_is_refused(api: httpx.AsyncClient, name: str, value: str) -> None:
    refused = await api.get("/v1/statement", params=SPAN | {name: value})

    assert refused.status_code == 422


async def paid(api: httpx.AsyncClient, payment_id: str, choice: str = "pay") -> str:
    """Our side opens a payment, and the buyer chooses; the sandbox's name for it."""
    opened = (await api.post("/v1/payments", json=GOOD | {"payment_id": payment_id})).json()
    page = opened["page_url"].replace("http://127.0.0.1:8001", "")
    assert (await api.post(page, data={"choice": choice})).status_code == 303
    reference: str = opened["reference"]
    return reference


async def test_a_statement_lists_what_was_captured_a_page_at_a_time(api: httpx.AsyncClient) -> None:
    references = [await paid(api, payment_id) for payment_id in ("pay_1", "pay_2", "pay_3")]
    await paid(api, "pay_4", "decline")
    await paid(api, "pay_5", "authorise")

    first = (await api.get("/v1/statement", params=SPAN | {"limit": "2"})).json()
    second = (await api.get("/v1/statement", params=SPAN | {"cursor": first["next_cursor"]})).json()
    empty = (await api.get("/v1/statement", params=SPAN | {"end": SPAN["start"]})).json()

    assert [item["reference"] for item in first["items"] + second["items"]] == references
    assert first["items"][0] == {
        "reference": references[0],
        "payment_id": "pay_1",
        "amount_minor": 1500,
        "refunded_minor": 0,
        "fee_minor": 60,
        "currency": "EUR",
        "captured_at": "2026-11-22T18:00:00Z",
    }
    assert second["next_cursor"] is None
    assert empty == {"items": [], "next_cursor": None}


async def test_the_fee_is_stated_once_there_is_money(api: httpx.AsyncClient) -> None:
    await paid(api, "pay_1", "authorise")

    before = (await api.get("/v1/payments/pay_1")).json()
    whole = {"amount_minor": 1500, "currency": "EUR"}
    after = (await api.post("/v1/payments/pay_1/capture", json=whole)).json()

    assert (before["status"], before["fee_minor"]) == ("authorised", None)
    assert (after["status"], after["fee_minor"], after["disputed"]) == ("captured", 60, False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"amount_minor": 1499, "currency": "EUR"},
        {"amount_minor": "1500", "currency": "EUR"},
        {"amount_minor": 1500, "currency": "eur"},
        {"amount_minor": 1500, "currency": "EUR", "surprise": 1},
    ],
)
async def test_a_capture_names_the_whole_amount(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    await paid(api, "pay_1", "authorise")

    assert (await api.post("/v1/payments/pay_1/capture", json=body)).status_code == 422

    assert (await api.get("/v1/payments/pay_1")).json()["status"] == "authorised"


async def test_disputes_are_told_of_known_payments_only(api: httpx.AsyncClient) -> None:
    await paid(api, "pay_1")

    assert (await api.get("/v1/payments/pay_1/disputes")).json() == {"items": []}
    assert (await api.get("/v1/payments/pay_2/disputes")).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", ""),
        ("API_KEY", "too short"),
        ("WEBHOOK_SECRET", ""),
        ("WEBHOOK_SECRET", "whsec_c2hvcnQ="),
        ("BASE_URL", "127.0.0.1:8001"),
        ("BASE_URL", "http://127.0.0.1:8001/"),
        ("FAULTS", "yes"),
        ("WEBHOOK_BACKOFF_S", "1,soon"),
        ("WEBHOOK_BACKOFF_S", "1,-1"),
        ("WEBHOOK_BACKOFF_S", "nan"),
        ("WEBHOOK_BACKOFF_S", ",".join(["1"] * 20)),
    ],
)
async def test_a_wrong_setting_is_named_and_not_repeated(name: str, value: str) -> None:
    good = {"RELEX_SANDBOX_API_KEY": KEY, "RELEX_SANDBOX_WEBHOOK_SECRET": SECRET}
    settings = settings_from(good)
    assert settings.tries_max == 10
    assert KEY not in repr(settings)
    assert SECRET not in repr(settings)

    with pytest.raises(SandboxMisconfigured) as refusal:
        settings_from(good | {f"RELEX_SANDBOX_{name}": value})

    assert f"RELEX_SANDBOX_{name}:" in str(refusal.value)
    assert name not in {"API_KEY", "WEBHOOK_SECRET"} or not value or value not in str(refusal.value)
