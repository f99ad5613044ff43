"""The gateway to Stripe, made from the settings. Apart, so that nobody loads Stripe's client who does not use it."""

from typing import Final

from adapters.payments.stripe_gateway import BadKey, StripeSettings, open_stripe_gateway
from adapters.payments.stripe_money import CURRENCIES
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.gateways import Gateway

PAGES: Final = "https://checkout.stripe.com"
_ACCOUNT_PREFIX: Final = "acct_"
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # a mark in front of secrets, and none itself


def stripe(settings: Settings) -> Gateway:
    """Money by Stripe. WrongSetting names what is missing or cannot be right, and never repeats a secret."""
    gateway = open_stripe_gateway(_settings(settings))
    return Gateway(
        "stripe",
        pages=gateway,
        charges=gateway,
        notices=gateway,
        refunds=gateway,
        partial_refunds=gateway,
        closer=gateway,
        disputes=gateway,
        statements=gateway,
        currencies=_currencies(settings),
        page_origins=frozenset({PAGES}),
        is_sandbox=not gateway.settings.is_live,
    )


def _settings(settings: Settings) -> StripeSettings:
    if not settings.stripe_api_key:
        raise WrongSetting(
            "RELEX_STRIPE_API_KEY is not set, and RELEX_PAYMENTS includes stripe: take a secret key from Stripe's "
            "dashboard, under Developers, API keys"
        )
    if not settings.stripe_webhook_secrets:
        raise WrongSetting(
            "RELEX_STRIPE_WEBHOOK_SECRETS is not set: make an endpoint in Stripe's dashboard for "
            f"{settings.base_url.rstrip('/')}/api/v1/webhooks/stripe, and take its signing secret"
        )
    if any(not secret.startswith(_SECRET_PREFIX) or not secret.isascii() for secret in settings.stripe_webhook_secrets):
        raise WrongSetting("RELEX_STRIPE_WEBHOOK_SECRETS: each signing secret of an endpoint starts with whsec_")
    if settings.stripe_account and not settings.stripe_account.startswith(_ACCOUNT_PREFIX):
        raise WrongSetting(
            f"RELEX_STRIPE_ACCOUNT={settings.stripe_account!r}: write it as acct_…, or leave it empty if the payments "
            "are for the account to which the key belongs"
        )
    try:
        return StripeSettings(
            api_key=settings.stripe_api_key,
            webhook_secrets=settings.stripe_webhook_secrets,
            account=settings.stripe_account,
            api_base=settings.stripe_api_base,
        )
    except BadKey as error:
        raise WrongSetting(f"RELEX_STRIPE_API_KEY: {error}") from None


def _currencies(settings: Settings) -> frozenset[str]:
    wanted = frozenset(settings.stripe_currencies)
    if strangers := sorted(wanted - CURRENCIES):
        raise WrongSetting(f"RELEX_STRIPE_CURRENCIES: Stripe takes no {', '.join(strangers)}; write EUR,USD,INR")
    return wanted or CURRENCIES
