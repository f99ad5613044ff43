"""What a code takes off, to the last minor unit, and how it is spelt."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.event import UnknownTicketType
from domain.ids import AccountId, TicketTypeId
from domain.money import Money, exponent
from domain.promo_code import (
    PromoCode,
    PromoCodeNotForTickets,
    PromoCodeNotYet,
    PromoCodeOver,
    PromoCodeStatus,
    canonical,
    promo_code_id,
)
from tests import build

KINDS = [TicketTypeId(f"tty_{number}") for number in range(6)]
currencies = st.sampled_from(["EUR", "JPY", "KWD", "INR"])
costs = st.lists(st.integers(0, 10**9), min_size=1, max_size=6)
chosen = st.sets(st.sampled_from(KINDS)).map(lambda kinds: tuple(sorted(kinds)))


def priced(amounts: list[int], currency: str) -> list[tuple[TicketTypeId, Money]]:
    return list(zip(KINDS, (Money(amount, currency) for amount in amounts), strict=False))


def eligible(promo: PromoCode, lines: list[tuple[TicketTypeId, Money]]) -> int:
    return sum(cost.amount_minor for kind, cost in lines if not promo.ticket_type_ids or kind in promo.ticket_type_ids)


@given(costs, currencies, st.integers(1, 100), chosen)
@example([1, 1, 1], "JPY", 50, ())
@example([999, 1, 999], "KWD", 33, ())
def test_a_percentage_is_rounded_once_and_split_without_losing_a_unit(
    amounts: list[int], currency: str, percent: int, kinds: tuple[TicketTypeId, ...]
) -> None:
    promo, lines = build.promo_code(percent=percent, ticket_type_ids=kinds), priced(amounts, currency)
    whole = eligible(promo, lines)
    if not whole:
        with pytest.raises(PromoCodeNotForTickets):
            promo.discounts(lines)
        return

    parts = promo.discounts(lines)

    # Half up: the whole discount is never more than half a unit from the exact share.
    off = sum(part.amount_minor for part in parts)
    assert -50 <= whole * percent - 100 * off < 50
    assert all(0 <= part.amount_minor <= cost.amount_minor for part, (_, cost) in zip(parts, lines, strict=True))
    assert all(not part for part, (kind, _) in zip(parts, lines, strict=True) if kinds and kind not in kinds)
    assert {part.currency for part in parts} == {currency}


@given(costs, currencies, st.integers(1, 10**10), chosen)
@example([0, 5, 5], "JPY", 3, ())
def test_an_amount_comes_off_whole_or_as_far_as_the_tickets_cost(
    amounts: list[int], currency: str, off: int, kinds: tuple[TicketTypeId, ...]
) -> None:
    promo = build.promo_code(amount=Money(off, currency), ticket_type_ids=kinds)
    lines = priced(amounts, currency)
    whole = eligible(promo, lines)
    if not whole:
        return

    parts = promo.discounts(lines)

    assert Money.total(parts, currency) == Money(min(off, whole), currency)
    assert all(0 <= part.amount_minor <= cost.amount_minor for part, (_, cost) in zip(parts, lines, strict=True))


def test_rounding_each_line_by_itself_would_lose_cents() -> None:
    """The control: three lines of 0.01 at half price are 0.02 together, and 0.03 or 0.00 one by one."""
    lines = priced([1, 1, 1], "EUR")

    together = Money.total(build.promo_code(percent=50).discounts(lines), "EUR")

    one_by_one = [build.promo_code(percent=50).discounts([line])[0] for line in lines]
    assert together == Money(2, "EUR") != Money.total(one_by_one, "EUR")


@pytest.mark.parametrize(("currency", "cost", "off"), [("JPY", 999, 100), ("KWD", 12_345, 1_235), ("EUR", 1_005, 101)])
def test_ten_per_cent_in_the_smallest_unit_of_each_currency(currency: str, cost: int, off: int) -> None:
    assert exponent(currency) in {0, 2, 3}
    assert build.promo_code(percent=10).discounts(priced([cost], currency)) == (Money(off, currency),)


@pytest.mark.parametrize(
    "typed",
    ["early-20", " EARLY-20 ", "Early-20", "\uff25\uff21\uff32\uff2c\uff39\uff0d\uff12\uff10", "\u2003early-20\t"],
)
def test_case_width_and_spaces_around_it_do_not_matter(typed: str) -> None:
    assert canonical(typed) == "EARLY-20"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "AB",
        "A" * 33,
        "A" * 1_000_000,
        "-ABC",
        "A B C",
        "EARLY\u200b20",
        "\u0415ARLY-20",
        "stra\u00dfe",
        "A\u0131B",
        "EARLY\u201420",
        "EARLY/20",
        "EARLY%20",
        "\u202eEARLY",
        "EAR\x00LY",
        "\ud800ABC",
        "\u0661\u0662\u0663",
        "x'; DROP",
    ],
)
def test_what_looks_alike_or_hides_something_spells_no_code(typed: str) -> None:
    with pytest.raises(InvalidValue):
        canonical(typed)


@given(st.text(max_size=60))
def test_a_spelling_is_its_own_spelling(typed: str) -> None:
    try:
        code = canonical(typed)
    except InvalidValue:
        return

    assert canonical(code) == code
    assert code.isascii()
    assert code == code.upper()


@pytest.mark.parametrize(
    "terms",
    [
        {"percent": None},
        {"percent": 10, "amount": build.money()},
        {"percent": 0},
        {"percent": 101},
        {"percent": True},
        {"amount": build.money(0)},
        {"uses_max": 0},
        {"per_buyer_max": 0},
        {"valid_from": build.later(days=1), "valid_until": build.later(days=1)},
        {"code": "early"},
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        build.promo_code(**terms)


def test_a_code_speaks_of_its_event() -> None:
    event = build.event()

    with pytest.raises(InvalidValue, match="EUR"):
        PromoCode.of(event, "EARLY", build.NOW, amount=build.money(100, "USD"))
    with pytest.raises(UnknownTicketType):
        PromoCode.of(event, "EARLY", build.NOW, percent=10, ticket_type_ids=("tty_other",))
    assert PromoCode.of(event, "EARLY", build.NOW, percent=10).id == promo_code_id(event.id, "EARLY")


def test_it_is_valid_in_its_window_until_it_is_ended() -> None:
    promo = build.promo_code(valid_from=build.later(hours=1), valid_until=build.later(hours=2))

    with pytest.raises(PromoCodeNotYet):
        promo.check_valid(build.later(minutes=59))
    promo.check_valid(build.later(hours=1))
    with pytest.raises(PromoCodeOver):
        promo.check_valid(build.later(hours=2))
    ended = promo.end(build.later(minutes=61))
    with pytest.raises(PromoCodeOver):
        ended.check_valid(build.later(minutes=62))
    assert ended.status is PromoCodeStatus.ENDED
    assert ended.end(build.later(days=9)) is ended


def test_one_booking_is_one_use() -> None:
    promo = build.promo_code(uses_max=5, per_buyer_max=1)

    assert [(take.units, take.ceiling) for take in promo.takes(AccountId("acc_1"))] == [(1, 5), (1, 1)]
    assert [take.units for take in build.promo_code().takes(AccountId("acc_1"))] == [1]
