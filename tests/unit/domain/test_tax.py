"""The tax in a price, by one rule: half up, line by line, of what is really paid."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.ids import AccountId
from domain.money import Money
from domain.pricing import PriceLine, Wanted, quote
from domain.tax import TaxRate
from tests import build

currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@given(st.integers(0, 10**12), st.integers(0, 10_000), currencies)
def test_the_part_is_the_exact_one_rounded_half_up(paid: int, basis_points: int, currency: str) -> None:
    included = TaxRate("VAT", basis_points).included_in(Money(paid, currency)).amount_minor

    exact = Fraction(paid * basis_points, 10_000 + basis_points)
    assert -Fraction(1, 2) <= exact - included < Fraction(1, 2)
    assert 0 <= 2 * included <= paid + 1


@pytest.mark.parametrize(
    ("paid", "basis_points", "currency", "tax"),
    [
        (11_900, 1_900, "EUR", 1_900),
        (5_000, 1_900, "EUR", 798),
        (1_000, 1_000, "JPY", 91),
        (12_345, 500, "KWD", 588),
        (1, 10_000, "EUR", 1),
        (99_800, 0, "INR", 0),
    ],
)
def test_it_comes_out_as_a_bill_would_say(paid: int, basis_points: int, currency: str, tax: int) -> None:
    assert TaxRate("VAT", basis_points).included_in(Money(paid, currency)) == Money(tax, currency)


@pytest.mark.parametrize(
    ("basis_points", "words"), [(1_800, "18"), (550, "5.5"), (25, "0.25"), (0, "0"), (10_000, "100")]
)
def test_a_rate_is_written_as_people_write_it(basis_points: int, words: str) -> None:
    assert TaxRate("GST", basis_points).percent == words


@pytest.mark.parametrize(("name", "basis_points"), [("", 100), ("GST\n", 100), ("GST", -1), ("GST", 10_001)])
def test_a_rate_that_is_none_is_refused(name: str, basis_points: int) -> None:
    with pytest.raises(InvalidValue):
        TaxRate(name, basis_points)


def test_a_line_carries_the_rate_of_its_type_or_of_the_event_and_taxes_what_is_paid() -> None:
    gst, reduced, none = TaxRate("GST", 1_800), TaxRate("GST", 500), TaxRate("GST", 0)
    kinds = [build.ticket_type(tax=tax, price=build.money(10_000)) for tax in (None, reduced, none)]
    event = build.event(ticket_types=tuple(kinds), tax=gst)
    promo = build.promo_code(event_id=event.id, percent=50)

    quoted = quote(event, [Wanted(kind.id, 1) for kind in kinds], AccountId("acc_1"), build.NOW, promo)

    assert [line.tax for line in quoted.lines] == [gst, reduced, none]
    assert [line.total.amount_minor for line in quoted.lines] == [5_000] * 3
    assert [line.tax_included.amount_minor for line in quoted.lines] == [763, 238, 0]
    assert quoted.tax_included == build.money(1_001)
    assert (quoted.discount, quoted.total) == (build.money(15_000), build.money(15_000))


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 6)), min_size=1, max_size=3),
    st.integers(1, 100),
    st.integers(0, 10_000),
    currencies,
)
def test_a_quote_adds_up_to_the_last_unit(
    wishes: list[tuple[int, int]], percent: int, basis_points: int, currency: str
) -> None:
    kinds = [build.ticket_type(price=Money(price, currency)) for price, _ in wishes]
    event = build.event(ticket_types=tuple(kinds), currency=currency, tax=TaxRate("VAT", basis_points))
    promo = build.promo_code(event_id=event.id, percent=percent) if any(price for price, _ in wishes) else None
    wanted = [Wanted(kind.id, quantity) for kind, (_, quantity) in zip(kinds, wishes, strict=True)]

    quoted = quote(event, wanted, AccountId("acc_1"), build.NOW, promo)

    full = sum(price * quantity for price, quantity in wishes)
    assert quoted.total.amount_minor == sum(line.total.amount_minor for line in quoted.lines)
    assert quoted.total.amount_minor + quoted.discount.amount_minor == full
    assert quoted.discount.amount_minor == ((full * percent + 50) // 100 if promo else 0)
    assert all(0 <= line.tax_included.amount_minor <= line.total.amount_minor for line in quoted.lines)


@pytest.mark.parametrize("wrong", [{"tax_included": build.money(5_001)}, {"tax_included": build.money(-1)}])
def test_a_line_whose_tax_is_no_part_of_it_cannot_be(wrong: dict[str, Money]) -> None:
    with pytest.raises(InvalidValue):
        build.price_line(**wrong)


def test_a_line_with_a_surcharge_for_a_discount_cannot_be() -> None:
    with pytest.raises(InvalidValue):
        PriceLine(build.new_id("tty"), "Adult", build.money(100), 1, build.money(-50), build.money(0), build.money(150))
