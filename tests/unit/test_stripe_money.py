"""Amounts go to Stripe and come back without losing or gaining anything, or do not go at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.payments.stripe_money import CURRENCIES, our_money, stripe_amount
from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable
from domain.money import AMOUNT_MAX, Money, exponent


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("12.50", "EUR", 1250),
        ("0.01", "USD", 1),
        ("700", "JPY", 700),
        ("1000", "XOF", 1000),
        ("1.230", "KWD", 1230),  # three places, the last of which is 0
        ("5", "ISK", 500),  # no places by ISO, two at Stripe
        ("5", "UGX", 500),
        ("3.00", "MGA", 3),  # two places by ISO, none at Stripe
        ("9.95", "HUF", 995),  # whole numbers only when it is paid out
        ("9.95", "TWD", 995),
    ],
)
def test_each_currency_is_written_as_stripe_wants_it(amount: str, currency: str, units: int) -> None:
    money = Money.parse(amount, currency)

    assert stripe_amount(money) == units
    assert our_money(units, currency.lower()) == money


@pytest.mark.parametrize(
    "money",
    [Money(1234, "KWD"), Money(5, "BHD"), Money(150, "MGA"), Money(-1, "EUR"), Money(1000, "IQD"), Money(1, "UYI")],
    ids=str,
)
def test_an_amount_that_stripe_cannot_take_is_refused_and_not_rounded(money: Money) -> None:
    with pytest.raises(GatewayRefused, match="Stripe takes no"):
        stripe_amount(money)


@pytest.mark.parametrize(("units", "currency"), [(150, "isk"), (1, "ugx"), (1, "???"), (AMOUNT_MAX * 100, "eur")])
def test_an_amount_that_we_cannot_write_is_unknown(units: int, currency: str) -> None:
    with pytest.raises(GatewayUnavailable):
        our_money(units, currency)


def test_every_currency_of_stripes_is_one_that_we_know() -> None:
    assert all(exponent(currency) in {0, 2, 3} for currency in CURRENCIES)


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, AMOUNT_MAX // 1000))
def test_what_goes_there_comes_back_as_it_was(currency: str, amount_minor: int) -> None:
    money = Money(amount_minor, currency)
    try:
        units = stripe_amount(money)
    except GatewayRefused:
        return

    assert our_money(units, currency.lower()) == money
