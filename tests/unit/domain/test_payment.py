"""The end depends on the set of what a gateway said, and not on its order or number."""

from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import RefundSettled
from domain.money import Money
from domain.payment import NothingToRefund, Payment, PaymentStatus, RefundTooLarge, WrongAmount
from domain.refund import Refund, RefundStatus
from tests import build

NEWS: dict[str, Callable[[Payment], Payment]] = {
    "submitted": lambda p: p.submitted("ref", "https://pay.example", build.NOW),
    "unknown": lambda p: p.unknown(build.NOW),
    "requires_action": lambda p: p.requires_action(build.NOW),
    "failed": lambda p: p.failed(build.NOW),
    "captured": lambda p: p.captured(p.amount, build.NOW),
}


def told(payment: Payment, news: tuple[str, ...]) -> PaymentStatus:
    for item in news:
        payment = NEWS[item](payment)
    return payment.status


@pytest.mark.parametrize("names", [("failed", "captured"), ("submitted", "failed"), tuple(NEWS)])
def test_every_order_of_the_same_news_ends_alike(names: tuple[str, ...]) -> None:
    payment = build.payment(status=PaymentStatus.CREATED)

    ends = {told(payment, order) for order in permutations(names)}

    assert len(ends) == 1


@given(st.lists(st.sampled_from(sorted(NEWS)), max_size=12))
def test_news_repeated_changes_nothing(news: list[str]) -> None:
    payment = build.payment(status=PaymentStatus.CREATED)

    assert told(payment, tuple(news)) == told(payment, tuple(dict.fromkeys(news)))
    assert told(payment, (*news, "captured")) is PaymentStatus.CAPTURED


def test_another_amount_moves_nothing() -> None:
    payment = build.payment(status=PaymentStatus.SUBMITTED, amount=Money(1000, "EUR"))

    for wrong in (Money(999, "EUR"), Money(1001, "EUR"), Money(1000, "USD")):
        with pytest.raises(WrongAmount):
            payment.captured(wrong, build.NOW)


def captured(amount: int = 1000) -> Payment:
    return build.payment(amount=Money(amount, "EUR"), status=PaymentStatus.CREATED).captured(
        Money(amount, "EUR"), build.NOW
    )


@given(st.lists(st.integers(1, 700), max_size=10))
def test_reserved_refunds_never_exceed_what_was_captured(amounts: list[int]) -> None:
    payment = captured()
    for amount in amounts:
        try:
            payment = payment.reserve_refund(Money(amount, "EUR"))
        except (RefundTooLarge, NothingToRefund):
            assert payment.refunding.amount_minor + amount > 1000

    assert payment.refunding.amount_minor <= 1000
    assert payment.refundable == Money(1000, "EUR") - payment.refunding


def test_nothing_is_refunded_of_what_was_not_captured() -> None:
    with pytest.raises(NothingToRefund):
        build.payment(status=PaymentStatus.FAILED).reserve_refund(Money(1, "EUR"))


@pytest.mark.parametrize("amount", [0, -5])
def test_a_refund_is_more_than_nothing(amount: int) -> None:
    with pytest.raises(RefundTooLarge):
        captured().reserve_refund(Money(amount, "EUR"))


def test_a_refund_that_succeeded_may_bounce_and_that_is_the_end() -> None:
    done = build.refund(status=RefundStatus.SUBMITTED).move(RefundStatus.SUCCEEDED, build.NOW)

    bounced = done.move(RefundStatus.FAILED, build.NOW)

    assert bounced.status is RefundStatus.FAILED
    assert bounced.move(RefundStatus.SUCCEEDED, build.NOW) is bounced


def test_a_settled_refund_is_told_once() -> None:
    refund = build.refund(status=RefundStatus.SUBMITTED)
    done = refund.move(RefundStatus.SUCCEEDED, build.NOW)

    assert done.facts == (RefundSettled(build.NOW, refund.id),)
    assert done.move(RefundStatus.PENDING, build.NOW) is done


@given(st.permutations([status for status in RefundStatus if status is not RefundStatus.REJECTED]))
def test_a_refund_only_moves_forward(order: list[RefundStatus]) -> None:
    refund: Refund = build.refund(status=RefundStatus.RESERVED)
    ranks = list(RefundStatus)
    for status in order:
        moved = refund.move(status, build.NOW)
        assert ranks.index(moved.status) >= ranks.index(refund.status)
        refund = moved
