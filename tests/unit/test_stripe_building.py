"""A wrong or missing setting of Stripe's stops the start with its name and the mend, and tells no secret."""

import subprocess
import sys

import pytest
from attrs import evolve

from adapters.cli.operations import Verdict
from adapters.diagnosis import parts
from adapters.payments.stripe_building import stripe
from adapters.payments.stripe_gateway import StripeGateway
from adapters.payments.stripe_money import CURRENCIES
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, check_sandbox_is_meant, load_settings

RIGHT = Settings(payments=("stripe",), stripe_api_key="sk_test_secret1", stripe_webhook_secrets=("whsec_secret2",))
LIVE = evolve(RIGHT, stripe_api_key="rk_live_secret1")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_gateway_can_all_that_its_ports_promise() -> None:
    gateway = stripe(RIGHT)

    assert isinstance(gateway.pages, StripeGateway)
    assert gateway.name == gateway.pages.name == "stripe"
    assert None not in {
        *(gateway.refunds, gateway.partial_refunds, gateway.closer, gateway.disputes, gateway.statements)
    }
    assert gateway.page_origins == {"https://checkout.stripe.com"}
    assert gateway.currencies == CURRENCIES


def test_money_is_pretended_in_the_test_mode_only() -> None:
    assert stripe(RIGHT).is_sandbox
    assert not stripe(LIVE).is_sandbox


def test_a_test_key_is_refused_where_others_reach_us() -> None:
    open_to_all = evolve(RIGHT, base_url="https://tickets.example.com")

    with pytest.raises(WrongSetting, match=r"RELEX_STRIPE_API_KEY.*RELEX_ALLOW_SANDBOX=true") as refusal:
        check_sandbox_is_meant(open_to_all)
    assert "secret1" not in str(refusal.value)
    check_sandbox_is_meant(evolve(open_to_all, allow_sandbox=True))
    check_sandbox_is_meant(evolve(open_to_all, stripe_api_key=LIVE.stripe_api_key))
    check_sandbox_is_meant(RIGHT)


def test_it_may_be_used_for_some_currencies_only() -> None:
    assert stripe(evolve(RIGHT, stripe_currencies=("EUR", "INR"))).currencies == frozenset({"EUR", "INR"})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("RELEX_STRIPE_API_KEY", evolve(RIGHT, stripe_api_key="")),
        ("RELEX_STRIPE_API_KEY", evolve(RIGHT, stripe_api_key="pk_live_secret1")),
        ("RELEX_STRIPE_API_KEY", evolve(RIGHT, stripe_api_key="sk_test_secret1 ")),
        ("RELEX_STRIPE_WEBHOOK_SECRETS", evolve(RIGHT, stripe_webhook_secrets=())),
        ("RELEX_STRIPE_WEBHOOK_SECRETS", evolve(RIGHT, stripe_webhook_secrets=("whsec_secret2", "secret3"))),
        ("RELEX_STRIPE_ACCOUNT", evolve(RIGHT, stripe_account="12345")),
        ("RELEX_STRIPE_CURRENCIES", evolve(RIGHT, stripe_currencies=("EUR", "euro"))),
        ("RELEX_STRIPE_CURRENCIES", evolve(RIGHT, stripe_currencies=("IQD",))),
    ],
)
def test_a_wrong_setting_is_named_and_its_secret_is_not(name: str, wrong: Settings) -> None:
    with pytest.raises(WrongSetting, match=name) as refusal:
        stripe(wrong)

    assert not any(secret in str(refusal.value) for secret in ("secret1", "secret2", "secret3"))
    assert not any(secret in repr(wrong) for secret in ("secret1", "secret2", "secret3"))


def test_settings_come_from_the_environment_as_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEX_PAYMENTS", "stripe")
    monkeypatch.setenv("RELEX_STRIPE_API_KEY", "sk_test_secret1")
    monkeypatch.setenv("RELEX_STRIPE_WEBHOOK_SECRETS", "whsec_new,whsec_old")
    monkeypatch.setenv("RELEX_STRIPE_CURRENCIES", "EUR,INR")
    monkeypatch.setenv("RELEX_SANDBOX_WEBHOOK_SECRETS", "whsec_a,whsec_b")

    settings = load_settings()

    assert settings.sandbox_webhook_secrets == ("whsec_a", "whsec_b")
    assert settings.stripe_webhook_secrets == ("whsec_new", "whsec_old")
    assert stripe(settings).currencies == frozenset({"EUR", "INR"})


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(WrongSetting, match="RELEX_STRIPE_API_BASE"):
        evolve(RIGHT, stripe_api_base="api.stripe.com")


@pytest.mark.anyio
async def test_doctor_tells_a_missing_key_in_the_same_words() -> None:
    finding = await parts.gateway(evolve(RIGHT, stripe_api_key=""), "stripe")

    assert (finding.subject, finding.verdict) == ("payments: stripe", Verdict.WRONG)
    assert "RELEX_STRIPE_API_KEY" in finding.said


def test_who_does_not_choose_stripe_does_not_load_its_client() -> None:
    ask = (
        "import sys; from adapters.registry import PAYMENT_GATEWAYS as g; from adapters.settings import Settings; "
        "g.build('sandbox', Settings()); print('stripe' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == "False"
