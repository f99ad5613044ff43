from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.money import AMOUNT_MAX, AmountNotExact, CurrencyMismatch, Money, UnknownCurrency, exponent

CURRENCIES = st.sampled_from(["EUR", "INR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "INR", 1200),
        ("500", "JPY", 500),
        ("500.0", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("0", "EUR", 0),
        ("-3.10", "EUR", -310),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "EUR"),
        ("0.5", "JPY"),
        ("1.2345", "KWD"),
        ("", "EUR"),
        ("1,50", "EUR"),
        ("nan", "EUR"),
        ("inf", "EUR"),
        ("1e999999", "EUR"),
    ],
)
def test_what_the_currency_cannot_pay_is_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountNotExact):
        Money.parse(text, currency)


@pytest.mark.parametrize("text", ["1e99", "99999999999999999999"])
def test_an_absurd_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountNotExact, match="larger"):
        Money.parse(text, "EUR")


@pytest.mark.parametrize("amount", [1.0, True, "5", None, AMOUNT_MAX + 1])
def test_only_whole_numbers_in_bounds_are_money(amount: object) -> None:
    with pytest.raises(InvalidValue):
        Money(amount, "EUR")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("currency", ["eur", "XXX", "", "EURO"])
def test_only_iso_currencies_are_known(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, currency)


@given(st.integers(-(10**9), 10**9), CURRENCIES)
def test_what_is_written_reads_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(money.decimal(), currency) == money
    assert Decimal(money.decimal()) == Decimal(minor).scaleb(-exponent(currency))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 100), min_size=1, max_size=20).filter(any), CURRENCIES)
def test_parts_sum_to_the_whole(minor: int, weights: list[int], currency: str) -> None:
    parts = Money(minor, currency).split(weights)

    assert Money.total(parts, currency) == Money(minor, currency)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.amount_minor - minor * weight / sum(weights)) < 1


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, "EUR") < Money(1, "USD")

    assert Money(1, "EUR") != Money(1, "USD")
