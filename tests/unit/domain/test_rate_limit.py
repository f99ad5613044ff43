from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.guesses import CLOSED_AT, Guesses, PasswordClosed, SignInLocked
from domain.rate_limit import LimitReached, Rate
from tests.support.fake_clock import NOON

RATES = st.builds(Rate, st.integers(1, 50), st.integers(1, 10_000).map(lambda s: timedelta(seconds=s)))
PAUSES = st.lists(st.integers(0, 5_000_000).map(lambda us: timedelta(microseconds=us)), max_size=80)


def _passed(rate: Rate, pauses: list[timedelta]) -> list[datetime]:
    at, expected, passed = NOON, None, []
    for pause in pauses:
        at += pause
        try:
            expected = rate.take(expected, at)
        except LimitReached:
            continue
        passed.append(at)
    return passed


@given(RATES, PAUSES)
def test_in_no_stretch_of_time_more_pass_than_at_once_and_one_for_each_interval(
    rate: Rate, pauses: list[timedelta]
) -> None:
    passed = _passed(rate, pauses)

    for first in range(len(passed)):
        for last in range(first, len(passed)):
            length = passed[last] - passed[first]
            assert last - first + 1 <= rate.count + length // rate.interval


@given(RATES, PAUSES, st.integers(1, 1_000_000))
def test_whoever_waits_as_long_as_told_passes_and_a_moment_earlier_does_not(
    rate: Rate, pauses: list[timedelta], early_us: int
) -> None:
    at, expected, reached = NOON, NOON, None
    for pause in [*pauses, *([timedelta(0)] * 51)]:
        at += pause
        try:
            expected = rate.take(expected, at)
        except LimitReached as refused:
            reached = refused
            break

    assert reached is not None, "more came at once than any of these rates allows"
    early = min(timedelta(microseconds=early_us), reached.wait)
    with pytest.raises(LimitReached):
        rate.take(expected, at + reached.wait - early)
    assert rate.take(expected, at + reached.wait) > at
    assert reached.wait <= timedelta(seconds=reached.wait_s) < reached.wait + timedelta(seconds=1)


def test_a_clock_that_is_put_back_keeps_nobody_out_longer_than_the_span() -> None:
    rate = Rate(3, timedelta(minutes=1))
    expected = rate.take(None, NOON + timedelta(days=300))

    with pytest.raises(LimitReached) as reached:
        rate.take(expected, NOON)

    assert reached.value.wait <= rate.span


@pytest.mark.parametrize(("count", "seconds"), [(0, 1), (-1, 1), (1, 0), (1, -5)])
def test_what_is_no_rate_is_refused(count: int, seconds: int) -> None:
    with pytest.raises(InvalidValue):
        Rate(count, timedelta(seconds=seconds))


def test_five_guesses_are_free_and_then_each_doubles_the_wait() -> None:
    guesses, waits = Guesses(), []
    for _ in range(18):
        guesses = guesses.another(NOON)
        waits.append((guesses.locked_until - NOON).total_seconds() if guesses.locked_until else 0)

    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    with pytest.raises(SignInLocked) as locked:
        guesses.check_wait(NOON + timedelta(seconds=600))
    assert locked.value.wait_s == 300
    guesses.check_wait(NOON + timedelta(seconds=900))


def test_after_a_hundred_no_guess_is_looked_at() -> None:
    Guesses(CLOSED_AT - 1).check_open()

    with pytest.raises(PasswordClosed):
        Guesses(CLOSED_AT).check_open()


def test_a_clock_that_is_put_back_locks_nobody_out_for_longer_than_the_longest_wait() -> None:
    with pytest.raises(SignInLocked) as locked:
        Guesses(50, NOON + timedelta(days=300)).check_wait(NOON)

    assert locked.value.wait == timedelta(minutes=15)
