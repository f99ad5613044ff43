from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from domain.booking_outcome import (
    LOOK_AGAIN,
    TRY_AGAIN,
    BookingOutcome,
    MoneyOfBooking,
    NothingOwed,
    OutcomeState,
    Standing,
)
from domain.money import Money
from domain.payment import Payment, PaymentStatus
from domain.refund import Refund, RefundStatus
from tests import build

PAID = build.money(2_500)


def a_payment(**given: Any) -> Payment:
    return build.payment(amount=PAID, status=PaymentStatus.CAPTURED, captured_at=build.NOW, **given)


def a_refund(status: RefundStatus, amount: Money = PAID, **given: Any) -> Refund:
    return build.refund(amount=amount, status=status, **given)


@pytest.mark.parametrize(
    ("payments", "refunds", "state", "amount_minor"),
    [
        ([], [], OutcomeState.NOTHING_PAID, 0),
        ([{}], [], OutcomeState.FAILED, 2_500),
        ([{"refunding": PAID}], [RefundStatus.RESERVED], OutcomeState.RESERVED, 2_500),
        ([{"refunding": PAID}], [RefundStatus.SUBMITTED], OutcomeState.RESERVED, 2_500),
        ([{"refunding": PAID}], [RefundStatus.PENDING], OutcomeState.PENDING, 2_500),
        ([{"refunding": PAID}], [RefundStatus.AWAITING_APPROVAL], OutcomeState.AWAITING_APPROVAL, 2_500),
        ([{"refunding": PAID}], [RefundStatus.SUCCEEDED], OutcomeState.SUCCEEDED, 2_500),
        ([{}], [RefundStatus.FAILED], OutcomeState.FAILED, 2_500),
        ([{"refunding": PAID}], [RefundStatus.FAILED, RefundStatus.SUCCEEDED], OutcomeState.SUCCEEDED, 2_500),
        ([{"disputed": True}], [], OutcomeState.DISPUTED, 2_500),
        ([{"disputed": True, "refunding": PAID}], [RefundStatus.RESERVED], OutcomeState.DISPUTED, 2_500),
        ([{"charged_back": PAID}], [], OutcomeState.CHARGED_BACK, 2_500),
        ([{"charged_back": PAID}], [RefundStatus.FAILED], OutcomeState.CHARGED_BACK, 2_500),
        ([{"refunding": PAID}, {}], [RefundStatus.SUCCEEDED], OutcomeState.FAILED, 2_500),
    ],
)
def test_what_needs_somebody_comes_before_what_goes_on_by_itself(
    payments: list[dict[str, Any]], refunds: list[RefundStatus], state: OutcomeState, amount_minor: int
) -> None:
    money = MoneyOfBooking([a_payment(**given) for given in payments], [a_refund(status) for status in refunds])

    assert money.standing("EUR") == Standing(state, build.money(amount_minor))


def test_the_last_failure_is_told() -> None:
    first = a_refund(RefundStatus.FAILED, failure="the card is closed", created_at=build.NOW)
    last = a_refund(RefundStatus.FAILED, failure="no balance", created_at=build.later(hours=1))

    assert MoneyOfBooking([a_payment()], [last, first]).standing("EUR").trouble == "no balance"


def test_each_failed_try_waits_longer_up_to_an_hour() -> None:
    outcome, pauses = BookingOutcome.of(build.booking(), build.NOW), []
    for _ in range(len(TRY_AGAIN) + 1):
        outcome = outcome.not_cancelled("no", build.NOW)
        assert outcome.look_at is not None
        pauses.append(outcome.look_at - build.NOW)

    assert pauses == [*TRY_AGAIN, TRY_AGAIN[-1]]
    assert outcome.is_resting(build.NOW)
    assert not outcome.is_resting(build.NOW + timedelta(hours=1))


def test_a_booking_that_ended_after_all_forgets_its_trouble() -> None:
    booking = build.booking(payment_id=None)
    outcome = evolve(BookingOutcome.of(booking, build.NOW).not_cancelled("no", build.NOW), version=1)

    ended = outcome.ended(booking, None, build.NOW)

    assert (ended.state, ended.trouble, ended.look_at) == (OutcomeState.NOTHING_PAID, "", None)


def test_what_was_noted_when_a_booking_ended_is_not_noted_again() -> None:
    booking = build.booking()
    outcome = evolve(BookingOutcome.of(booking, build.NOW).ended(booking, a_refund(RefundStatus.RESERVED), build.NOW))
    stored = evolve(outcome, version=1)

    assert stored.ended(booking, None, build.NOW) == stored


def test_only_what_is_under_way_is_looked_at_again() -> None:
    outcome = build.booking_outcome()

    looked = {
        state: outcome.stands(Standing(state, PAID), build.NOW).look_at
        for state in (OutcomeState.PENDING, OutcomeState.FAILED, OutcomeState.SUCCEEDED)
    }

    assert looked == {
        OutcomeState.PENDING: build.NOW + LOOK_AGAIN,
        OutcomeState.FAILED: None,
        OutcomeState.SUCCEEDED: None,
    }


def test_only_what_failed_is_paid_by_hand_and_stays_so() -> None:
    failed = build.booking_outcome(state=OutcomeState.FAILED, note="")
    pending = build.booking_outcome(state=OutcomeState.PENDING)

    paid = failed.paid_by_hand("acc_1", "by cheque")

    assert (paid.state, paid.settled_by, paid.note) == (OutcomeState.PAID_BY_HAND, "acc_1", "by cheque")
    assert paid.paid_by_hand("acc_2", "again") == paid
    assert paid.stands(Standing(OutcomeState.FAILED, PAID), build.NOW) == paid
    with pytest.raises(NothingOwed):
        pending.paid_by_hand("acc_1", "by cheque")
