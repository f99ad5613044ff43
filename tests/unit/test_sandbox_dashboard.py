"""The sandbox's dashboard: who may use it, and what it lets through."""

import hmac
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from attrs import define

from adapters.payments.sandbox import dashboard
from adapters.payments.sandbox.app import create_app
from adapters.payments.sandbox.dashboard_pass import LASTS, DashboardPass
from adapters.payments.sandbox.settings import IN_MEMORY, SandboxSettings
from adapters.payments.standard_webhooks import new_secret
from tests.support.form_browser import FormBrowser
from tests.support.page_audit import faults_of

pytestmark = pytest.mark.anyio

KEY = "an-api-key-of-the-tests"
HOME = "http://sandbox/dashboard"
AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@define
class HandClock:
    at: datetime = AT

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def client(clock: HandClock) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(SandboxSettings(IN_MEMORY, KEY, new_secret(b"x" * 24), "http://127.0.0.1:8001"), clock)
    transport = httpx.ASGITransport(cast("Any", app))  # Litestar's ASGI types are narrower than httpx's
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


@pytest.fixture
async def browser(client: httpx.AsyncClient) -> FormBrowser:
    """Signed in, in front of a captured payment of 15.00 EUR."""
    browser = FormBrowser(client)
    await browser.open("/dashboard/sign-in")
    assert await browser.press("Sign in", api_key=KEY) == HOME
    await browser.open("/dashboard")
    page = await browser.press("Take it", amount="15.00")
    await browser.open(page)
    return browser


def page_of(browser: FormBrowser) -> str:
    return str(browser.response.url)


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "x", "é", " " + KEY])
async def test_a_wrong_key_opens_nothing(client: httpx.AsyncClient, key: str) -> None:
    refused = await client.post("/dashboard/sign-in", data={"api_key": key})

    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert not key.strip() or key not in refused.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/dashboard"),
        ("POST", "/dashboard/payments"),
        ("GET", "/dashboard/payments/sbx_pay_1"),
        ("POST", "/dashboard/payments/sbx_pay_1"),
    ],
)
async def test_strangers_are_sent_to_show_the_key(client: httpx.AsyncClient, method: str, path: str) -> None:
    for cookie in ("", "x", "1.x", f"99999999999.{'0' * 64}", f"{DashboardPass('another-key-as-long').issue(AT)}"):
        answer = await client.request(method, path, headers={"cookie": f"sandbox_dashboard={cookie}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/sign-in")


async def test_without_the_comparison_a_forged_cookie_opens_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: True)

    opened = await client.get("/dashboard", headers={"cookie": f"sandbox_dashboard=99999999999.{'0' * 64}"})

    assert opened.status_code == 200


async def test_a_pass_lasts_for_a_while(client: httpx.AsyncClient, browser: FormBrowser, clock: HandClock) -> None:
    statuses = []
    for clock.at in (AT + LASTS - timedelta(seconds=1), AT + LASTS):
        statuses.append((await client.get("/dashboard")).status_code)

    assert statuses == [200, 303]


async def test_the_cookie_holds_no_key_and_goes_nowhere_else(client: httpx.AsyncClient) -> None:
    answer = await client.post("/dashboard/sign-in", data={"api_key": KEY})

    cookie = answer.headers["set-cookie"]
    assert KEY not in cookie
    assert {"HttpOnly", "SameSite=strict", "Path=/dashboard"} <= set(cookie.split("; "))


async def test_a_form_from_elsewhere_does_nothing(client: httpx.AsyncClient, browser: FormBrowser) -> None:
    page = page_of(browser)
    for proof in ("", "0" * 64, "é"):
        forged = await client.post(page, data={"deed": "refund", "amount": "1.00", "proof": proof})
        assert forged.status_code == 422
    by_hand = {"amount": "1.00", "currency": "EUR", "description": "x", "proof": "0" * 64}
    assert (await client.post("/dashboard/payments", data=by_hand)).status_code == 422

    assert "Refund of" not in (await client.get(page)).text


async def test_without_the_proof_a_form_from_elsewhere_moves_money(
    client: httpx.AsyncClient, browser: FormBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "_check_proof", lambda *_: None)

    await client.post(page_of(browser), data={"deed": "refund", "amount": "1.00", "proof": ""})

    assert "Refund of 1.00 EUR by hand: succeeded" in (await client.get(page_of(browser))).text


async def test_a_refund_by_hand_and_a_dispute_from_its_beginning_to_its_end(browser: FormBrowser) -> None:
    page = page_of(browser)
    assert browser.labels == {"Refund", "Open a dispute"}

    await browser.press("Refund", amount="4.00")
    await browser.open(page)
    assert browser.form("Open a dispute").fields["amount"] == "11.00", "what is left"
    await browser.press("Open a dispute")
    await browser.open(page)

    assert browser.labels == {"The seller wins", "The seller loses"}
    await browser.press("The seller loses")
    await browser.open(page)
    assert browser.labels == set(), "nothing is left that could go back"
    assert "Dispute about 11.00 EUR (fraudulent), fee 15.00 EUR: lost" in browser.response.text
    assert "Dispute about 11.00 EUR" in (await browser.open("/dashboard")).text


@pytest.mark.parametrize("amount", ["15.01", "0", "-1", "0.001", "much", "1e9", "NaN", "", "1e999999"])
async def test_an_amount_that_makes_no_sense_is_refused(
    browser: FormBrowser, client: httpx.AsyncClient, amount: str
) -> None:
    page = page_of(browser)

    await browser.press("Refund", amount=amount)

    assert browser.response.status_code == 422
    assert 'role="alert"' in browser.response.text
    assert "Refund of" not in (await client.get(page)).text


@pytest.mark.parametrize(
    "form",
    [
        {"deed": "steal"},
        {"deed": "refund", "amount": "1.00", "surprise": "x"},
        {"deed": "refund", "amount": "1" * 101},
        {"deed": "win"},
        {"deed": "capture", "reason": "r" * 101},
    ],
)
async def test_a_form_of_ones_own_is_refused(
    browser: FormBrowser, client: httpx.AsyncClient, form: dict[str, str]
) -> None:
    proof = browser.form("Refund").fields["proof"]

    refused = await client.post(page_of(browser), data=form | {"proof": proof})

    assert refused.status_code in {400, 409}


async def test_what_is_set_aside_can_be_captured(browser: FormBrowser, client: httpx.AsyncClient) -> None:
    order = {
        "payment_id": "pay_1", "amount_minor": 1500, "currency": "EUR", "description": "<b>2 seats</b>",
        "buyer_email": "a@b.c", "return_url": "https://shop.example/", "webhook_url": "https://shop.example/hook",
        "expires_at": "2026-11-22T18:15:00Z",
    }  # fmt: skip
    opened = (await client.post("/v1/payments", json=order, headers={"authorization": f"Bearer {KEY}"})).json()
    await client.post(opened["page_url"].replace("http://127.0.0.1:8001", ""), data={"choice": "authorise"})
    page = f"/dashboard/payments/{opened['reference']}"
    await browser.open(page)
    assert browser.labels == {"Capture it"}

    await browser.press("Capture it")

    assert "captured" in (await browser.open(page)).text
    assert "&lt;b&gt;2 seats&lt;/b&gt;" in browser.response.text
    assert "<b>" not in browser.response.text


async def test_every_page_is_strict(browser: FormBrowser, client: httpx.AsyncClient) -> None:
    for path in ("/dashboard", "/dashboard/sign-in", "/dashboard/payments/nobody", page_of(browser)):
        response = await client.get(path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["cache-control"] == "no-store"
        assert "<script" not in response.text
        assert "style=" not in response.text


async def test_every_page_can_be_read_by_everybody(browser: FormBrowser, client: httpx.AsyncClient) -> None:
    await browser.press("Open a dispute", amount="1.00")
    for path in ("/dashboard", "/dashboard/sign-in", page_of(browser)):
        html = (await client.get(path)).text
        # The sandbox's pages have no navigation around what they are about.
        beside = {"no <header>", "no <nav>", "no <footer>", "no way to skip the navigation"}
        assert set(faults_of(html)) <= beside, path


@pytest.fixture(autouse=True)
def _no_words_of_ours(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever happens, the key is not written to a log."""
    yield
    said = capfd.readouterr()
    assert KEY not in said.out + said.err
