"""Whatever answers in Razorpay's place: our line says yes, no or unknown, in time, and tells no key."""

import base64
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import razorpay
import requests
from attrs import evolve

from adapters.diagnosis import parts
from adapters.payments import razorpay_line
from adapters.payments.razorpay_building import on_line
from adapters.payments.razorpay_line import RazorpayLine, RazorpaySettings, open_line
from adapters.settings import Settings
from application.gateways import Gateway
from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable, RefundOrder, Sought
from domain.ids import PaymentId, RefundId
from domain.money import Money
from tests.contracts.payment_gateway import order, sought
from tests.integration.razorpay_stage import RazorpayStage, line_settings
from tests.support.certificates import loopback_tls
from tests.support.oracle import Oracle, oracle
from tests.support.razorpay_standin.server import KEY_ID, KEY_SECRET, Fault, RazorpayStandin

pytestmark = pytest.mark.anyio

LINK = {
    "id": "plink_1",
    "amount": 1500,
    "currency": "INR",
    "status": "created",
    "short_url": "https://rzp.io/rzp/1",
    "reference_id": "",
}


@pytest.fixture
def answers() -> Iterator[Oracle]:
    with oracle() as spoken:
        yield spoken


@pytest.fixture
def settings(answers: Oracle) -> RazorpaySettings:
    return RazorpaySettings(KEY_ID, KEY_SECRET, ("a-webhook-secret",), api_base=answers.url, timeout_s=1.0)


@pytest.fixture
async def line(settings: RazorpaySettings) -> AsyncIterator[RazorpayLine]:
    line = open_line(settings)
    yield line
    await line.aclose()


@pytest.fixture
def gateway(line: RazorpayLine) -> Gateway:
    return on_line(line)


async def every_call_is(gateway: Gateway, error: type[Exception]) -> None:
    known = sought(order(), "plink_1")
    refund = RefundOrder(RefundId("ref_0123456789"), PaymentId("pay_1"), "pay_NVcLwcbtje3yCH", Money(1500, "INR"))
    assert gateway.closer is not None
    assert gateway.refunds is not None
    assert gateway.disputes is not None
    assert gateway.capturer is not None
    calls: list[Callable[[], Any]] = [
        lambda: gateway.pages.open_page(order()),
        lambda: gateway.charges.look_up(known),
        lambda: gateway.charges.look_up(sought(order())),
        lambda: gateway.closer.close_page(known),  # type: ignore[union-attr]
        lambda: gateway.capturer.capture(known),  # type: ignore[union-attr]
        lambda: gateway.refunds.refund(refund),  # type: ignore[union-attr]
        lambda: gateway.refunds.look_up_refund(refund),  # type: ignore[union-attr]
        lambda: gateway.disputes.disputes_of(known),  # type: ignore[union-attr]
    ]
    for call in calls:
        with pytest.raises(error) as refusal:
            await call()
        assert type(refusal.value) is error
        assert KEY_SECRET not in f"{refusal.value!r}"


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"<html>", b"[" * 60_000, b"{" * 10, b'{"id":1}', b'{"items":[]}'],
)
async def test_nonsense_is_unknown(gateway: Gateway, answers: Oracle, status: int, body: bytes) -> None:
    answers.says(status, body)

    with pytest.raises(GatewayUnavailable):
        await gateway.pages.open_page(order())
    with pytest.raises(GatewayUnavailable):
        await gateway.charges.look_up(sought(order()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 1499},
        {"amount": "1500"},
        {"amount": -1},
        {"currency": "USD"},
        {"currency": "???"},
        {"status": "great"},
        {"id": "../payments"},
        {"short_url": "javascript:alert(1)"},
        {"short_url": None},
    ],
)
async def test_an_answer_about_something_else_is_unknown(
    gateway: Gateway, answers: Oracle, wrong: dict[str, Any]
) -> None:
    answers.says(200, LINK)
    assert (await gateway.pages.open_page(order())).gateway_reference == "plink_1"

    answers.says(200, LINK | wrong)

    with pytest.raises(GatewayUnavailable):
        await gateway.pages.open_page(order())


async def test_a_link_of_another_payment_is_not_taken_for_ours(gateway: Gateway, answers: Oracle) -> None:
    answers.says(200, LINK | {"reference_id": "pay_ofsomebodyelse"})

    with pytest.raises(GatewayUnavailable, match="another payment"):
        await gateway.charges.look_up(sought(order(), "plink_1"))


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])
async def test_what_is_no_verdict_is_unknown(gateway: Gateway, answers: Oracle, status: int) -> None:
    answers.says(status, {"error": {"code": "", "description": "no"}})

    await every_call_is(gateway, GatewayUnavailable)


async def test_a_verdict_is_believed_if_razorpay_itself_speaks(gateway: Gateway, answers: Oracle) -> None:
    answers.says(400, {"error": {"code": "BAD_REQUEST_ERROR", "description": "no money"}})
    await every_call_is(gateway, GatewayRefused)

    for words in (b"<h1>a proxy says no</h1>", {"error": {"code": "GATEWAY_ERROR", "description": "the bank is down"}}):
        answers.says(400, words)
        await every_call_is(gateway, GatewayUnavailable)


async def test_nobody_is_sent_elsewhere_with_our_key(gateway: Gateway, answers: Oracle) -> None:
    with oracle() as elsewhere:
        answers.says(302, b"{}")
        answers.location = f"{elsewhere.url}/v1/payment_links"

        with pytest.raises(GatewayUnavailable):
            await gateway.charges.look_up(sought(order()))

        assert elsewhere.asked == []
        # Negative control: by themselves, requests go where they are sent.
        with requests.Session() as session:
            session.trust_env = False
            session.get(f"{answers.url}/v1/payment_links", auth=(KEY_ID, KEY_SECRET), timeout=1)
        assert elsewhere.asked


async def test_an_answer_that_does_not_end_is_given_up(
    gateway: Gateway, answers: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.drips = True
    with pytest.raises(GatewayUnavailable):
        await gateway.charges.look_up(sought(order()))

    answers.drips = False
    answers.says(200, {"payment_links": [], "more": "x" * 5_000})
    monkeypatch.setattr(razorpay_line, "ANSWER_BYTES_MAX", 1_000)
    with pytest.raises(GatewayUnavailable, match="does not end"):
        await gateway.charges.look_up(sought(order()))


async def test_a_list_that_does_not_end_is_given_up(
    gateway: Gateway, answers: Oracle, settings: RazorpaySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = {"id": "rfnd_1", "payment_id": "pay_a", "amount": 1, "currency": "INR", "status": "processed"}
    answers.says(200, {"items": [refund] * settings.page_size})
    monkeypatch.setattr(razorpay_line, "PAGES_MAX", 3)
    assert gateway.refunds is not None

    with pytest.raises(GatewayUnavailable, match="does not end"):
        await gateway.refunds.look_up_refund(
            RefundOrder(RefundId("ref_0123456789"), PaymentId("pay_1"), "pay_a", Money(1, "INR"))
        )

    assert len(answers.asked) == 3


async def test_a_certificate_is_judged_by_the_authorities_of_today(
    settings: RazorpaySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_tls, _ = loopback_tls(tmp_path)
    with oracle(server_tls) as secured:
        secured.says(200, {"payment_links": [], "items": []})
        line = open_line(evolve(settings, api_base=secured.url))
        charges = on_line(line).charges

        with pytest.raises(GatewayUnavailable, match="SSLError"):
            await charges.look_up(sought(order()))

        # The list that came with the vendor's client is not asked: what counts is the one that we keep up to date.
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "certificate.pem"))
        assert await charges.look_up(sought(order())) is None
        await line.aclose()


async def test_a_proxy_of_the_environment_does_not_see_our_key(
    line: RazorpayLine, answers: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.says(200, {"payment_links": [], "items": []})
    with oracle() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        charges = on_line(line).charges

        assert await charges.look_up(sought(order())) is None
        assert proxy.asked == []

        line.session.trust_env = True  # Negative control: this is what keeps the proxy out.
        with pytest.raises(GatewayUnavailable):
            await charges.look_up(sought(order()))
        assert proxy.asked


async def test_a_dead_line_is_unknown_says_nothing_aloud_and_tells_no_secret(
    settings: RazorpaySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = evolve(settings, api_base="http://127.0.0.1:9")
    line = open_line(dead)

    with pytest.raises(GatewayUnavailable) as refusal:
        await on_line(line).charges.look_up(sought(order()))

    assert KEY_SECRET not in f"{refusal.value!r} {line!r} {dead!r}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert capsys.readouterr().out == ""
    await line.aclose()

    # Negative control: left to itself, the vendor's client prints in the middle of what we print for machines.
    client = razorpay.Client(auth=(KEY_ID, KEY_SECRET), base_url=dead.api_base)
    with pytest.raises(Exception, match="refused"), client.session:
        client.payment.all({}, timeout=1)
    assert capsys.readouterr().out


async def test_doctor_says_what_to_look_at_when_nobody_answers() -> None:
    settings = Settings(
        razorpay_key_id=KEY_ID,
        razorpay_key_secret=KEY_SECRET,
        razorpay_webhook_secrets=("a-webhook-secret",),
        razorpay_api_base="http://127.0.0.1:9",
    )

    finding = await parts.gateway(settings, "razorpay")

    assert "did not answer" in finding.said
    assert "RELEX_RAZORPAY_KEY_SECRET" in finding.mend


@pytest.mark.parametrize("name", ["../payments", "plink_a?b", "plink_é", "plink", "plink_a/b"])
async def test_a_strange_name_reaches_no_other_address(gateway: Gateway, answers: Oracle, name: str) -> None:
    asked = sought(order())

    with pytest.raises(GatewayRefused):
        await gateway.charges.look_up(Sought(asked.payment_id, name, asked.amount, asked.created_at))

    assert answers.asked == []


class TestOnTheStandin(RazorpayStage):
    async def test_a_wrong_key_says_nothing_about_the_payment(self, standin: RazorpayStandin, gateway: Any) -> None:
        asked = order()
        await gateway.open_page(asked)
        stranger = open_line(evolve(line_settings(standin), key_secret="a wrong secret"))

        for call in (on_line(stranger).charges.look_up(sought(asked)), on_line(stranger).pages.open_page(order())):
            with pytest.raises(GatewayUnavailable, match="does not know our key"):
                await call

        await stranger.aclose()

    async def test_no_log_tells_a_secret(
        self, standin: RazorpayStandin, gateway: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        standin.next_call(Fault.SERVER_ERROR_BEFORE)

        with pytest.raises(GatewayUnavailable):
            await gateway.open_page(order())
        await gateway.open_page(order())

        written = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
        assert "payment_links" in caplog.text, "each call is logged by the library under it"
        assert KEY_SECRET not in caplog.text
        assert written not in caplog.text

    async def test_doctor_finds_it_well(self, standin: RazorpayStandin) -> None:
        settings = Settings(
            razorpay_key_id=KEY_ID,
            razorpay_key_secret=KEY_SECRET,
            razorpay_webhook_secrets=("a-webhook-secret",),
            razorpay_api_base=standin.base_url,
        )

        assert (await parts.gateway(settings, "razorpay")).said == "answers"
