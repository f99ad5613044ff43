"""Razorpay, made from the settings."""

from typing import Final

from adapters.payments.razorpay_amounts import is_countable
from adapters.payments.razorpay_books import RazorpayBooks
from adapters.payments.razorpay_charges import RazorpayCharges
from adapters.payments.razorpay_embedded import RazorpayEmbedded
from adapters.payments.razorpay_gateway import RazorpayGateway
from adapters.payments.razorpay_line import RazorpayLine, RazorpaySettings, open_line
from adapters.payments.razorpay_notices import RazorpayNotices
from adapters.payments.razorpay_refunds import RazorpayRefunds
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, is_loopback
from application.gateways import Gateway
from domain.money import UnknownCurrency

PAGE_ORIGINS: Final = frozenset({"https://rzp.io", "https://razorpay.com", "https://api.razorpay.com"})
"""A link is short, and leads from the first to the second; the third is where its page posts to."""

SECRET_LETTERS_MIN: Final = 12
"""People type the webhook's secret themselves; who guesses it can send us notices."""


def razorpay(settings: Settings) -> Gateway:
    """WrongSetting, with its name and the mend, unless it can be told which account takes which money."""
    missing = [
        name
        for name in ("razorpay_key_id", "razorpay_key_secret", "razorpay_webhook_secrets")
        if not getattr(settings, name)
    ]
    if missing:
        names = ", ".join(f"RELEX_{name.upper()}" for name in missing)
        raise WrongSetting(f"RELEX_PAYMENTS includes razorpay, which needs {names}: copy them from its dashboard")
    if min(map(len, settings.razorpay_webhook_secrets)) < SECRET_LETTERS_MIN:
        raise WrongSetting(
            f"RELEX_RAZORPAY_WEBHOOK_SECRETS has one of less than {SECRET_LETTERS_MIN} letters, which could be "
            "guessed: choose a longer one, here and at Razorpay, and write several with one comma between"
        )
    _check_key(settings)
    line = open_line(
        RazorpaySettings(
            key_id=settings.razorpay_key_id,
            key_secret=settings.razorpay_key_secret,
            webhook_secrets=settings.razorpay_webhook_secrets,
            account=settings.razorpay_account,
            api_base=settings.razorpay_api_base,
        )
    )
    return on_line(line, _currencies(settings), is_sandbox=settings.is_razorpay_a_trial)


def on_line(line: RazorpayLine, currencies: frozenset[str] | None = None, *, is_sandbox: bool = False) -> Gateway:
    """All that Razorpay can do, on one line."""
    charges = RazorpayCharges(line)
    refunds = RazorpayRefunds(line, charges)
    books = RazorpayBooks(line, charges)
    pages = RazorpayGateway(line, charges)
    return Gateway(
        pages.name,
        pages=pages,
        charges=charges,
        notices=RazorpayNotices(line.settings),
        refunds=refunds,
        partial_refunds=refunds,
        closer=pages,
        capturer=pages,
        disputes=books,
        statements=books,
        embedded=RazorpayEmbedded(line, charges),
        currencies=currencies,
        page_origins=PAGE_ORIGINS,
        is_sandbox=is_sandbox,
    )


def _check_key(settings: Settings) -> None:
    if not settings.razorpay_key_id.startswith(("rzp_test_", "rzp_live_")):
        raise WrongSetting("RELEX_RAZORPAY_KEY_ID does not begin with rzp_test_ or rzp_live_: copy the key's id")
    if settings.razorpay_key_secret.startswith("rzp_"):
        raise WrongSetting("RELEX_RAZORPAY_KEY_SECRET holds a key's id: copy the secret that belongs to it")
    if settings.razorpay_account and not settings.razorpay_account.startswith("acc_"):
        raise WrongSetting("RELEX_RAZORPAY_ACCOUNT does not begin with acc_: copy it, or leave it out")
    base = settings.razorpay_api_base
    if not base.startswith("https://") and not is_loopback(base):
        raise WrongSetting(f"RELEX_RAZORPAY_API_BASE={base} would send the key in the clear: write https://")


def _currencies(settings: Settings) -> frozenset[str]:
    if not settings.razorpay_currencies:
        raise WrongSetting("RELEX_RAZORPAY_CURRENCIES is empty: name at least one, as INR")
    for currency in settings.razorpay_currencies:
        try:
            countable = is_countable(currency)
        except UnknownCurrency as error:
            raise WrongSetting(f"RELEX_RAZORPAY_CURRENCIES: {error}; write them as INR,USD") from None
        if not countable:
            raise WrongSetting(f"RELEX_RAZORPAY_CURRENCIES: how Razorpay counts {currency} is not known: leave it out")
    return frozenset(settings.razorpay_currencies)
