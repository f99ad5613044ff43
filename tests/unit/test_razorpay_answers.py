"""What many attempts to pay come to, whatever their order, and how Razorpay's amounts and names are read."""

from itertools import permutations, product
from typing import Any

import msgspec
import pytest

from adapters.payments.razorpay_amounts import answered, asked
from adapters.payments.razorpay_answers import PaymentAnswer, RefundAnswer, payment_of, refund_of, standing
from application.ports.payment_gateway import ChargeState, GatewayRefused, GatewayUnavailable
from domain.money import Money

STATUSES = ("created", "failed", "authorized", "captured", "refunded")


def attempt(status: Any, began_at: int, **more: Any) -> PaymentAnswer:
    return PaymentAnswer(f"pay_{began_at}", 1500, "INR", status, began_at, **more)


def expected(statuses: tuple[str, ...], *, is_over: bool) -> ChargeState:
    """In words: money first, then a page that is over, then the buyer's bank, and a no only if nothing is left."""
    if {"captured", "refunded"} & set(statuses):
        return ChargeState.CAPTURED
    if "authorized" in statuses:
        return ChargeState.AUTHORISED
    if is_over:
        return ChargeState.FAILED
    if "created" in statuses:
        return ChargeState.REQUIRES_ACTION
    return ChargeState.FAILED if statuses else ChargeState.PENDING


@pytest.mark.parametrize("is_over", [False, True])
def test_neither_order_nor_number_of_attempts_changes_where_a_payment_stands(*, is_over: bool) -> None:
    for count in range(4):
        for statuses in product(STATUSES, repeat=count):
            attempts = [attempt(status, began_at) for began_at, status in enumerate(statuses)]
            told = {standing(order, is_over=is_over) for order in permutations(attempts)}

            ((state, _),) = told
            assert state is expected(statuses, is_over=is_over), statuses


def test_of_two_that_took_money_the_first_counts_and_one_that_kept_it_before_one_that_gave_it_back() -> None:
    first, second = attempt("captured", 1), attempt("captured", 2)
    returned = attempt("refunded", 0)

    assert standing([second, first], is_over=False)[1] == first
    assert standing([second, returned], is_over=True)[1] == second


def test_a_fee_for_foreign_money_is_in_razorpays_own() -> None:
    assert attempt("captured", 1, fee=30).kept == Money(30, "INR")
    foreign = PaymentAnswer("pay_1", 1500, "USD", "captured", 1, fee=2500, base_currency="INR")
    assert foreign.kept == Money(2500, "INR")
    assert attempt("authorized", 1).kept is None


@pytest.mark.parametrize(
    "amount", [Money(1500, "INR"), Money(700, "JPY"), Money(1230, "KWD"), Money(1, "EUR")], ids=str
)
def test_amounts_are_in_minor_units(amount: Money) -> None:
    assert asked(amount) == {"amount": amount.amount_minor, "currency": amount.currency}
    assert answered(amount.amount_minor, amount.currency) == amount


@pytest.mark.parametrize("amount", [Money(1234, "OMR"), Money(5, "KRW"), Money(1000, "JOD")], ids=str)
def test_what_cannot_be_said_exactly_is_not_asked(amount: Money) -> None:
    with pytest.raises(GatewayRefused, match=amount.currency):
        asked(amount)


def test_a_currency_that_nobody_knows_is_no_answer() -> None:
    with pytest.raises(GatewayUnavailable):
        answered(1, "RUPEE")


@pytest.mark.parametrize("notes", [None, [], {}, {"payment_id": 7}, {"payment_id": "7"}, {"payment_id": "order_7"}])
def test_what_others_note_is_not_ours(notes: Any) -> None:
    assert payment_of(notes, None, "INV-7", "") is None


def test_our_name_is_found_in_the_notes_or_as_what_a_thing_was_named_by() -> None:
    assert payment_of({"payment_id": "pay_0a"}, "pay_1b") == "pay_0a"
    assert payment_of([], None, "pay_1b") == "pay_1b"
    assert refund_of({"refund_id": "rfd_0a"}) == "rfd_0a"


def test_a_refund_whose_notes_somebody_changed_is_still_known_by_its_receipt() -> None:
    said = {"id": "rfnd_1", "payment_id": "pay_1", "amount": 1, "currency": "INR", "status": "processed"}

    refund = msgspec.convert({**said, "notes": {"why": "by hand"}, "receipt": "rfd_0a"}, RefundAnswer)

    assert refund.received().refund_id == "rfd_0a"
