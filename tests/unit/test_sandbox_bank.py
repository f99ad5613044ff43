"""The sandbox's rules, on a storage in memory and at instants of our choice."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from adapters.payments.sandbox.bank import PAGE_SIZE_MAX, Bank, Conflict, Refused, Statement, Unknown
from adapters.payments.sandbox.records import (
    Choice,
    PageIsOver,
    Payment,
    PaymentRequest,
    PaymentStatus,
    RefundPlan,
    RefundRequest,
    RefundStatus,
)
from adapters.payments.sandbox.settings import IN_MEMORY
from adapters.payments.sandbox.storage import Storage

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
EXPIRY = timedelta(minutes=15)


def request(payment_id: str = "pay_1", amount_minor: int = 1500) -> PaymentRequest:
    hook = "http://127.0.0.1:9/hook"
    return PaymentRequest(payment_id, amount_minor, "EUR", "2 seats", "a@b.c", hook, hook, AT + EXPIRY)


def refund_of(payment: Payment, refund_id: str, amount_minor: int) -> RefundRequest:
    return RefundRequest(refund_id, payment.request.payment_id, payment.reference, amount_minor, "EUR")


@pytest.fixture
def bank() -> Iterator[Bank]:
    storage = Storage(IN_MEMORY)
    yield Bank(storage, "sandbox")
    storage.close()


def opened(bank: Bank, payment_id: str = "pay_1") -> Payment:
    return bank.open_payment(request(payment_id), AT)[0].payment


def told(bank: Bank) -> int:
    return len(bank.storage.due_deliveries(AT + timedelta(days=365), 1000))


@pytest.mark.parametrize(("late", "status"), [(-1, PaymentStatus.OPEN), (0, PaymentStatus.EXPIRED)])
def test_a_page_is_over_exactly_at_its_time(bank: Bank, late: int, status: PaymentStatus) -> None:
    opened(bank)

    seen = bank.payment("pay_1", AT + EXPIRY + timedelta(microseconds=late))

    assert seen.payment.status is status


def test_nobody_needs_to_look_for_a_page_to_expire_once(bank: Bank) -> None:
    opened(bank)

    assert [bank.settle_due(AT + EXPIRY) for _ in range(2)] == [1, 0]

    assert told(bank) == 1


def test_a_late_capture_comes_at_its_time_and_is_told(bank: Bank) -> None:
    token = opened(bank).page_token
    bank.choose(token, Choice.DECLINE, AT)
    bank.choose(token, Choice.PAY_LATE, AT, delay_s=60)

    before, after = (bank.payment("pay_1", AT + timedelta(seconds=seconds)).payment for seconds in (59, 60))

    assert (before.status, after.status) == (PaymentStatus.FAILED, PaymentStatus.CAPTURED)
    assert after.captured_at == AT + timedelta(seconds=60)
    assert told(bank) == 2


@pytest.mark.parametrize("choice", [Choice.PAY, Choice.APPROVE, Choice.DECLINE, Choice.THREE_D_SECURE])
def test_nothing_is_chosen_on_an_expired_page(bank: Bank, choice: Choice) -> None:
    token = opened(bank).page_token

    with pytest.raises(PageIsOver):
        bank.choose(token, choice, AT + EXPIRY)


@pytest.mark.parametrize("choice", Choice)
def test_a_captured_payment_stays_captured(bank: Bank, choice: Choice) -> None:
    token = opened(bank).page_token
    paid = bank.choose(token, Choice.PAY, AT)

    assert bank.choose(token, choice, AT + EXPIRY) == paid
    assert bank.close_payment("pay_1", AT + EXPIRY).payment == paid
    assert told(bank) == 1


@pytest.mark.parametrize("expires_in", [timedelta(0), timedelta(days=30, microseconds=1)])
def test_a_page_lives_for_a_while_and_not_for_ever(bank: Bank, expires_in: timedelta) -> None:
    with pytest.raises(Refused):
        bank.open_payment(evolve(request(), expires_at=AT + expires_in), AT)


def test_an_order_asked_again_after_its_time_is_still_the_same(bank: Bank) -> None:
    first = opened(bank)

    again, is_new = bank.open_payment(request(), AT + EXPIRY)

    assert not is_new
    assert again.payment.page_token == first.page_token


@pytest.mark.parametrize(
    "other",
    [
        evolve(request(), amount_minor=1501),
        evolve(request(), currency="USD"),
        evolve(request(), return_url="http://x.example"),
    ],
)
def test_one_id_with_other_contents_is_a_conflict(bank: Bank, other: PaymentRequest) -> None:
    opened(bank)

    with pytest.raises(Conflict):
        bank.open_payment(other, AT)


def test_a_refund_names_its_payment_rightly(bank: Bank) -> None:
    payment = bank.choose(opened(bank).page_token, Choice.PAY, AT)
    good = refund_of(payment, "ref_1", 100)

    for wrong in (evolve(good, payment_reference="sbx_pay_other"), evolve(good, currency="USD")):
        with pytest.raises(Refused):
            bank.give_back(wrong, RefundPlan(), AT)
    with pytest.raises(Unknown):
        bank.give_back(evolve(good, payment_id="pay_2"), RefundPlan(), AT)


Asked = tuple[int, RefundPlan]
PLANS = st.builds(
    RefundPlan, st.sampled_from([0.0, 30.0]), st.sampled_from([RefundStatus.SUCCEEDED, RefundStatus.FAILED])
)


def taken(statement: Statement) -> int:
    return statement.given_back(RefundStatus.SUCCEEDED) + statement.given_back(RefundStatus.PENDING)


@given(st.lists(st.tuples(st.integers(1, 1600), PLANS), max_size=12))
def test_no_more_comes_back_than_was_captured(asked: list[Asked]) -> None:
    storage = Storage(IN_MEMORY)
    try:
        bank = Bank(storage, "sandbox")
        payment = bank.choose(opened(bank).page_token, Choice.PAY, AT)
        for number, (amount_minor, plan) in enumerate(asked):
            at = AT + timedelta(seconds=10 * number)
            before = bank.payment("pay_1", at)
            left = 1500 - taken(before)
            try:
                bank.give_back(refund_of(payment, f"ref_{number}", amount_minor), plan, at)
            except Refused:
                assert amount_minor > left
            else:
                assert amount_minor <= left
            after = bank.payment("pay_1", at)
            assert taken(after) <= 1500
    finally:
        storage.close()


def test_without_its_guard_more_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bank, "_check_refund", lambda *_: None)

    with pytest.raises(AssertionError):
        test_no_more_comes_back_than_was_captured.hypothesis.inner_test([(1600, RefundPlan())])  # type: ignore[attr-defined]  # set by @given


def test_an_id_is_taken_even_if_nobody_looks(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = bank.choose(opened(bank).page_token, Choice.PAY, AT)
    once = refund_of(payment, "ref_1", 100)
    bank.give_back(once, RefundPlan(), AT)

    monkeypatch.setattr(Storage, "refund", lambda *_: None)
    with pytest.raises(sqlite3.IntegrityError):
        bank.give_back(once, RefundPlan(), AT)
    monkeypatch.setattr(Storage, "payment", lambda *_: None)
    with pytest.raises(sqlite3.IntegrityError):
        opened(bank)


def test_a_days_payments_come_in_pages(bank: Bank) -> None:
    for number in range(PAGE_SIZE_MAX + 1):
        opened(bank, f"pay_{number}")
    bank.open_payment(evolve(request("tomorrow"), expires_at=AT + timedelta(days=2)), AT + timedelta(days=1))

    first, cursor = bank.payments_of(AT.date(), 0)
    assert cursor is not None
    rest, end = bank.payments_of(AT.date(), cursor)

    assert [len(first), len(rest), end] == [PAGE_SIZE_MAX, 1, None]
    assert [s.payment.request.payment_id for s in [*first, *rest]] == [f"pay_{n}" for n in range(PAGE_SIZE_MAX + 1)]


def test_a_failed_deed_leaves_nothing(bank: Bank) -> None:
    names = count()

    def broken_name() -> str:
        if next(names) >= 2:  # The reference and the page get names, the notice none.
            raise RuntimeError("no name")
        return "x"

    bank = evolve(bank, random_name=broken_name)
    token = opened(bank).page_token

    with pytest.raises(RuntimeError):
        bank.choose(token, Choice.PAY, AT)

    assert bank.payment("pay_1", AT).payment.status is PaymentStatus.OPEN
    assert told(bank) == 0
