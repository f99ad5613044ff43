"""Razorpay is made from the settings, or says which of them is wrong and what mends it."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.diagnosis import parts
from adapters.registry import PAYMENT_GATEWAYS
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, check_sandbox_is_meant, load_settings
from application.ports.payment_gateway import GatewayRefused
from domain.money import Money
from tests.contracts.payment_gateway import order
from tests.unit.test_registry import suites

GOOD: dict[str, Any] = {
    "payments": ("razorpay",),
    "razorpay_key_id": "rzp_live_AbCdEf01234567",
    "razorpay_key_secret": "the-key-secret",
    "razorpay_webhook_secrets": ("the-webhook-secret",),
}


def test_good_settings_make_a_gateway_that_can_do_everything() -> None:
    gateway = PAYMENT_GATEWAYS.build("razorpay", Settings(**GOOD))

    assert gateway.name == "razorpay"
    assert gateway.currencies == frozenset({"INR"})
    assert not gateway.is_sandbox
    assert "https://rzp.io" in gateway.page_origins
    ports = (gateway.refunds, gateway.partial_refunds, gateway.closer, gateway.capturer)
    assert None not in (*ports, gateway.disputes, gateway.statements, gateway.embedded)
    assert "the-key-secret" not in repr(gateway)
    assert "the-webhook-secret" not in repr(gateway)


@pytest.mark.parametrize(
    "contract",
    [
        "PageCloserContract",
        "CapturerContract",
        "DisputeReaderContract",
        "DashboardRefundContract",
        "StatementReaderContract",
        "EmbeddedCheckoutContract",
    ],
)
def test_all_that_it_can_is_held_to_its_suite(contract: str) -> None:
    assert "razorpay" in suites()[contract]


def test_money_is_pretended_in_the_test_mode_only() -> None:
    trial = {**GOOD, "razorpay_key_id": "rzp_test_AbCdEf01234567"}

    assert PAYMENT_GATEWAYS.build("razorpay", Settings(**trial)).is_sandbox
    assert not PAYMENT_GATEWAYS.build("razorpay", Settings(**GOOD)).is_sandbox


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"razorpay_key_id": ""}, "RELEX_RAZORPAY_KEY_ID"),
        ({"razorpay_key_secret": ""}, "RELEX_RAZORPAY_KEY_SECRET"),
        ({"razorpay_webhook_secrets": ()}, "RELEX_RAZORPAY_WEBHOOK_SECRETS"),
        ({"razorpay_webhook_secrets": ("123456",)}, "could be guessed"),
        ({"razorpay_key_id": "AbCdEf"}, "rzp_test_ or rzp_live_"),
        ({"razorpay_key_secret": "rzp_live_AbCdEf01234567"}, "RELEX_RAZORPAY_KEY_SECRET"),
        ({"razorpay_account": "ours"}, "acc_"),
        ({"razorpay_currencies": ()}, "RELEX_RAZORPAY_CURRENCIES"),
        ({"razorpay_currencies": ("INR", "RUPEE")}, "RELEX_RAZORPAY_CURRENCIES"),
        ({"razorpay_currencies": ("INR", "VND")}, "VND"),
        ({"razorpay_api_base": "http://razorpay.example"}, "https://"),
    ],
)
def test_a_wrong_setting_stops_the_boot_with_its_name_and_the_mend(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(WrongSetting, match=named) as refusal:
        PAYMENT_GATEWAYS.build("razorpay", Settings(**{**GOOD, **wrong}))

    assert "the-key-secret" not in str(refusal.value)


def test_the_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEX_PAYMENTS", "razorpay")
    monkeypatch.setenv("RELEX_RAZORPAY_WEBHOOK_SECRETS", "new, old")
    monkeypatch.setenv("RELEX_SANDBOX_WEBHOOK_SECRETS", "whsec_1,whsec_2")
    monkeypatch.setenv("RELEX_RAZORPAY_CURRENCIES", "INR,USD")
    monkeypatch.setenv("RELEX_RAZORPAY_KEY_SECRET", "the-key-secret")

    settings = load_settings()

    assert settings.razorpay_webhook_secrets == ("new", "old")
    assert settings.sandbox_webhook_secrets == ("whsec_1", "whsec_2")
    assert settings.razorpay_currencies == ("INR", "USD")
    assert "the-key-secret" not in repr(settings)


def test_a_test_key_takes_no_money_so_others_must_not_reach_it() -> None:
    public = {**GOOD, "base_url": "https://tickets.example.com"}
    trial = {**public, "razorpay_key_id": "rzp_test_AbCdEf01234567"}

    check_sandbox_is_meant(Settings(**public))
    check_sandbox_is_meant(Settings(**trial, allow_sandbox=True))
    with pytest.raises(WrongSetting, match="RELEX_RAZORPAY_KEY_ID"):
        check_sandbox_is_meant(Settings(**trial))


def test_doctor_names_what_is_wrong() -> None:
    finding = asyncio.run(parts.gateway(Settings(payments=("razorpay",)), "razorpay"))

    assert "RELEX_RAZORPAY_KEY_ID" in finding.said


@pytest.mark.parametrize("amount", [Money(1234, "KWD"), Money(100, "VND")], ids=str)
def test_what_razorpay_cannot_take_exactly_is_refused_before_anybody_is_asked(amount: Money) -> None:
    gateway = PAYMENT_GATEWAYS.build("razorpay", Settings(**GOOD))

    with pytest.raises(GatewayRefused, match=amount.currency):
        asyncio.run(gateway.pages.open_page(order(amount)))


def test_whoever_chose_another_gateway_loads_nothing_of_razorpay() -> None:
    script = (
        "import sys; from adapters.registry import PAYMENT_GATEWAYS; from adapters.settings import Settings; "
        "PAYMENT_GATEWAYS.build('sandbox', Settings()); "
        "sys.exit('razorpay' in sys.modules or 'requests' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=True, timeout=60)
