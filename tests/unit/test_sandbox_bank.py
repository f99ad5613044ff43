"""The sandbox's rules, on a storage in memory and at instants of our choice."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from adapters.payments.sandbox.bank import MOVEMENTS_MAX, Bank
from adapters.payments.sandbox.fees import payment_fee
from adapters.payments.sandbox.records import (
    SET_ASIDE_FOR,
    Choice,
    DisputeStatus,
    PageIsOver,
    Payment,
    PaymentRequest,
    PaymentStatus,
    RefundPlan,
    RefundRequest,
    RefundStatus,
)
from adapters.payments.sandbox.refusals import Conflict, Refused, Unknown
from adapters.payments.sandbox.settings import IN_MEMORY
from adapters.payments.sandbox.statement import Place, Statement
from adapters.payments.sandbox.storage import Storage
from domain.money import AMOUNT_MAX

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


def notices(bank: Bank) -> list[Any]:
    return [json.loads(each.body) for each in bank.storage.due_deliveries(AT + timedelta(days=365), 1000)]


def kinds(bank: Bank) -> list[str]:
    return [notice["type"] for notice in notices(bank)]


def told(bank: Bank) -> int:
    return len(notices(bank))


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


Step = tuple[str, int, RefundPlan]
PLANS = st.builds(
    RefundPlan, st.sampled_from([0.0, 30.0]), st.sampled_from([RefundStatus.SUCCEEDED, RefundStatus.FAILED])
)
STEPS = st.tuples(st.sampled_from(["ours", "by hand", "dispute", "win", "lose"]), st.integers(1, 1600), PLANS)


def gone(statement: Statement) -> int:
    """What went back or may yet, counted from the records alone."""
    refunds = [r.request.amount_minor for r in statement.refunds if r.status is not RefundStatus.FAILED]
    disputes = [d.amount_minor for d in statement.disputes if d.status is not DisputeStatus.WON]
    return sum(refunds) + sum(disputes)


def act(bank: Bank, payment: Payment, step: Step, name: str, at: datetime) -> None:
    deed, amount_minor, plan = step
    if deed == "ours":
        bank.give_back(refund_of(payment, name, amount_minor), plan, at)
    elif deed == "by hand":
        bank.give_back_by_hand(payment.reference, amount_minor, plan, at)
    elif deed == "dispute":
        bank.open_dispute(payment.reference, amount_minor, "fraudulent", at)
    else:
        bank.close_dispute(payment.reference, at, won=deed == "win")


@given(st.lists(STEPS, max_size=12))
def test_no_more_goes_back_than_was_captured_by_refunds_and_disputes_together(steps: list[Step]) -> None:
    storage = Storage(IN_MEMORY)
    try:
        bank = Bank(storage, "sandbox")
        payment = bank.choose(opened(bank).page_token, Choice.PAY, AT)
        for number, step in enumerate(steps):
            at = AT + timedelta(seconds=10 * number)
            before = bank.payment("pay_1", at)
            takes = step[0] in {"ours", "by hand", "dispute"}
            is_open = before.open_dispute is not None
            fits = not is_open and step[1] <= 1500 - gone(before) if takes else is_open
            try:
                act(bank, payment, step, f"ref_{number}", at)
            except Refused:
                assert not fits
            else:
                assert fits
            after = bank.payment("pay_1", at)
            assert gone(after) <= 1500
            assert gone(after) == 1500 - after.left_minor
    finally:
        storage.close()


@pytest.mark.parametrize("deed", ["ours", "by hand", "dispute"])
def test_without_its_guard_more_goes_back(monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    monkeypatch.setattr(Bank, "_check_left", lambda *_: None)

    with pytest.raises(AssertionError):
        test_no_more_goes_back_than_was_captured_by_refunds_and_disputes_together.hypothesis.inner_test(  # type: ignore[attr-defined]  # set by @given
            [(deed, 1600, RefundPlan())]
        )


def test_a_payment_has_so_many_refunds_and_no_more(bank: Bank) -> None:
    payment = bank.choose(opened(bank).page_token, Choice.PAY, AT)
    for _ in range(MOVEMENTS_MAX):
        bank.give_back_by_hand(payment.reference, 1, RefundPlan(), AT)

    with pytest.raises(Refused, match="at most 100"):
        bank.give_back_by_hand(payment.reference, 1, RefundPlan(), AT)


def test_what_is_contested_comes_back_when_the_dispute_is_won_and_not_when_it_is_lost(bank: Bank) -> None:
    reference = bank.choose(opened(bank).page_token, Choice.PAY, AT).reference

    left = []
    for won in (True, False):
        bank.open_dispute(reference, 500, "fraudulent", AT)
        left.append(bank.payment("pay_1", AT).left_minor)
        bank.close_dispute(reference, AT, won=won)
        left.append(bank.payment("pay_1", AT).left_minor)

    assert left == [1000, 1500, 1000, 1000]
    assert kinds(bank)[1:] == ["dispute.opened", "dispute.won", "dispute.opened", "dispute.lost"]


@pytest.mark.parametrize("choice", [None, Choice.DECLINE, Choice.AUTHORISE])
def test_only_captured_money_is_contested_or_given_back_by_hand(bank: Bank, choice: Choice | None) -> None:
    payment = opened(bank)
    if choice is not None:
        bank.choose(payment.page_token, choice, AT)

    with pytest.raises(Conflict):
        bank.open_dispute(payment.reference, 1, "fraudulent", AT)
    with pytest.raises(Conflict):
        bank.give_back_by_hand(payment.reference, 1, RefundPlan(), AT)


def test_what_is_set_aside_is_captured_once(bank: Bank) -> None:
    bank.choose(opened(bank).page_token, Choice.AUTHORISE, AT)
    assert bank.payment("pay_1", AT).fee_minor is None

    first = bank.capture("pay_1", 1500, "EUR", AT)
    again = bank.capture("pay_1", 1500, "EUR", AT + EXPIRY)

    assert first == again
    assert (first.payment.status, first.payment.captured_at, first.fee_minor) == (PaymentStatus.CAPTURED, AT, 60)
    assert kinds(bank) == ["payment.authorised", "payment.captured"]


@pytest.mark.parametrize(("amount_minor", "currency"), [(1499, "EUR"), (1501, "EUR"), (1500, "USD")])
def test_a_capture_names_the_whole(bank: Bank, amount_minor: int, currency: str) -> None:
    bank.choose(opened(bank).page_token, Choice.AUTHORISE, AT)

    with pytest.raises(Refused):
        bank.capture("pay_1", amount_minor, currency, AT)

    assert bank.payment("pay_1", AT).payment.status is PaymentStatus.AUTHORISED


@pytest.mark.parametrize("choice", [None, Choice.DECLINE, Choice.THREE_D_SECURE])
def test_nothing_is_captured_that_nobody_set_aside(bank: Bank, choice: Choice | None) -> None:
    payment = opened(bank)
    if choice is not None:
        bank.choose(payment.page_token, choice, AT)

    with pytest.raises(Conflict):
        bank.capture("pay_1", 1500, "EUR", AT)
    with pytest.raises(Conflict):
        bank.capture_by_hand(payment.reference, AT)


@pytest.mark.parametrize(("late_us", "status"), [(-1, PaymentStatus.AUTHORISED), (0, PaymentStatus.FAILED)])
def test_what_nobody_takes_is_let_go_after_a_while(bank: Bank, late_us: int, status: PaymentStatus) -> None:
    bank.choose(opened(bank).page_token, Choice.AUTHORISE, AT)

    bank.settle_due(AT + SET_ASIDE_FOR + timedelta(microseconds=late_us))

    assert bank.storage.payment("pay_1") == bank.payment("pay_1", AT).payment
    assert bank.payment("pay_1", AT).payment.status is status


def test_what_is_set_aside_is_captured_by_itself_if_the_page_says_so(bank: Bank) -> None:
    token = opened(bank).page_token
    bank.choose(token, Choice.AUTHORISE, AT)
    bank.choose(token, Choice.PAY_LATE, AT, delay_s=60)

    statuses = [bank.payment("pay_1", AT + timedelta(seconds=each)).payment.status for each in (59, 60)]

    assert statuses == [PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED]


def test_a_closed_page_lets_go_of_what_is_set_aside(bank: Bank) -> None:
    bank.choose(opened(bank).page_token, Choice.AUTHORISE, AT)

    assert bank.close_payment("pay_1", AT).payment.status is PaymentStatus.CLOSED

    with pytest.raises(Conflict):
        bank.capture("pay_1", 1500, "EUR", AT)
    assert bank.settle_due(AT + SET_ASIDE_FOR) == 0


@pytest.mark.parametrize(
    ("amount_minor", "currency", "fee_minor"),
    [
        (1500, "EUR", 60),
        (1524, "EUR", 60),  # 30.48 is rounded down,
        (1525, "EUR", 61),  # 30.50 is rounded up.
        (10, "EUR", 10),  # Never more than was paid.
        (10_000, "JPY", 200),  # 0.30 of a yen is less than half of one.
        (10_000, "KWD", 500),
        (AMOUNT_MAX, "EUR", AMOUNT_MAX // 50 + 30),
    ],
)
def test_the_fee_is_two_percent_and_thirty_hundredths(amount_minor: int, currency: str, fee_minor: int) -> None:
    assert payment_fee(amount_minor, currency) == fee_minor


@pytest.mark.parametrize(("currency", "fee_minor"), [("EUR", 1500), ("JPY", 15), ("KWD", 15_000)])
def test_a_dispute_costs_fifteen_whoever_wins(bank: Bank, currency: str, fee_minor: int) -> None:
    reference = bank.take_by_hand(100_000, currency, "At the till", AT).payment.reference

    opened_one = bank.open_dispute(reference, 1, "fraudulent", AT)

    assert opened_one.fee_minor == fee_minor
    assert bank.close_dispute(reference, AT, won=True).fee_minor == fee_minor


def test_a_payment_by_hand_is_told_to_nobody(bank: Bank) -> None:
    taken = bank.take_by_hand(900, "EUR", "At the till", AT)
    bank.give_back_by_hand(taken.payment.reference, 400, RefundPlan(), AT)
    bank.open_dispute(taken.payment.reference, 500, "fraudulent", AT)

    assert taken.payment.status is PaymentStatus.CAPTURED
    assert told(bank) == 0


def test_a_refund_by_hand_is_told_by_the_banks_own_name_alone(bank: Bank) -> None:
    payment = bank.choose(opened(bank).page_token, Choice.PAY, AT)

    refund = bank.give_back_by_hand(payment.reference, 400, RefundPlan(30.0), AT)
    bank.settle_due(AT + timedelta(seconds=30))

    assert kinds(bank) == ["payment.captured", "refund.pending", "refund.succeeded"]
    data = notices(bank)[-1]["data"]
    assert (data["payment_id"], data["refund_reference"]) == ("pay_1", refund.reference)
    assert "refund_id" not in data


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


def test_captured_payments_come_in_pages_in_the_order_of_their_capture(bank: Bank) -> None:
    pages = [opened(bank, f"pay_{number}").page_token for number in range(5)]
    opened(bank, "waiting")
    # The last one opened is the first one paid, and two are paid at the very same instant.
    for number, late_us in zip([4, 3, 2, 1, 0], [0, 1, 1, 2, 3], strict=True):
        bank.choose(pages[number], Choice.PAY, AT + timedelta(microseconds=late_us))

    start, end = AT, AT + timedelta(microseconds=3)
    listed: list[str | None] = []
    place: Place | None = Place(0, 0)
    while place is not None:
        statements, place = bank.captured(start, end, place, 2)
        assert len(statements) <= 2
        listed += [each.payment.request.payment_id for each in statements]

    assert listed == ["pay_4", "pay_2", "pay_3", "pay_1"], "pay_0 was paid at the end, which is not part of it"


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
