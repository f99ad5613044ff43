"""Days and months of a zone: each instant belongs to exactly one, whatever the clocks there do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain import span as spans
from domain.errors import InvalidValue
from domain.span import Span

ZONES = sorted(available_timezones())
zones = some.sampled_from(ZONES)
days = some.dates(date(1971, 1, 2), date(2104, 12, 30))


@given(days, zones)
def test_each_day_ends_where_the_next_one_begins(day: date, zone: str) -> None:
    today, tomorrow = Span.day(day, zone), Span.day(day + timedelta(days=1), zone)

    assert today.end == tomorrow.start
    assert today.start <= today.end


@given(days, zones, some.integers(0, 40))
def test_every_instant_of_a_span_is_of_the_day_that_holds_it(day: date, zone: str, more: int) -> None:
    span = Span(day, min(day + timedelta(days=more), date(2104, 12, 31)), zone)
    find = span.day_finder()

    for one in span.days():
        alone = Span.day(one, zone)
        # Samoa slept through a whole day in 2011, in which there is no instant.
        if alone.start < alone.end:
            assert find(alone.start) == one
            assert find(alone.end - timedelta(microseconds=1)) == one


@given(days, zones)
def test_the_days_of_utc_cover_a_span_and_no_more(day: date, zone: str) -> None:
    span = Span.day(day, zone)
    touched = list(span.utc_days())

    assert touched[0] == span.start.date()
    assert touched[-1] >= (span.end - timedelta(microseconds=1)).date()
    assert all(datetime.combine(one, time(), UTC) < span.end for one in touched)


@pytest.mark.parametrize(
    ("day", "zone", "start", "hours"),
    [
        (date(2026, 11, 6), "UTC", "2026-11-06T00:00", 24),
        (date(2026, 11, 6), "Asia/Kolkata", "2026-11-05T18:30", 24),
        (date(2026, 3, 29), "Europe/Berlin", "2026-03-28T23:00", 23),
        (date(2026, 10, 25), "Europe/Berlin", "2026-10-24T22:00", 25),
        (date(2026, 11, 1), "America/New_York", "2026-11-01T04:00", 25),
        # Clocks leap from midnight to one: there is no midnight.
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00", 23),
        # They go back from midnight to eleven, and that hour is of the day before.
        (date(2018, 2, 17), "America/Sao_Paulo", "2018-02-17T02:00", 25),
        # They go back at one minute past midnight, so that midnight comes twice: the day begins at the first.
        (date(2010, 11, 7), "America/St_Johns", "2010-11-07T02:30", 25),
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00", 0),
    ],
)
def test_a_day_lasts_as_long_as_the_clocks_there_say(day: date, zone: str, start: str, hours: int) -> None:
    span = Span.day(day, zone)

    assert span.start == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert span.end - span.start == timedelta(hours=hours)


def test_counting_24_hours_from_midnight_would_lose_an_hour_of_sales(monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 10, 25)
    last_hour = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    assert Span.day(day, "Europe/Berlin").end > last_hour

    def naively(of: date, zone: str) -> datetime:
        midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        return midnight + (of - day)

    monkeypatch.setattr(spans, "_begins", naively)

    assert Span.day(day, "Europe/Berlin").end < last_hour


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2104-12", date(2104, 12, 1), date(2104, 12, 31)),
    ],
)
def test_a_month_has_its_days(month: str, first: date, last: date) -> None:
    span = Span.month(month, "UTC")

    assert (span.first, span.last) == (first, last)


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "november", "", "9999-12", "0000-01", "2026-11\n"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(InvalidValue):
        Span.month(month, "UTC")


@pytest.mark.parametrize(
    ("first", "last", "zone"),
    [
        (date(2026, 1, 2), date(2026, 1, 1), "UTC"),
        (date(2025, 1, 1), date(2026, 1, 2), "UTC"),
        (date(1, 1, 1), date(1, 1, 2), "UTC"),
        (date.max, date.max, "UTC"),
        (date(2026, 1, 1), date(2026, 1, 1), "Mars/Olympus"),
        (date(2026, 1, 1), date(2026, 1, 1), "../../etc/passwd"),
        (date(2026, 1, 1), date(2026, 1, 1), ""),
    ],
)
def test_a_span_is_forward_bounded_and_of_a_zone(first: date, last: date, zone: str) -> None:
    with pytest.raises(InvalidValue):
        Span(first, last, zone)


def test_a_span_may_have_a_leap_year() -> None:
    assert len(Span(date(2024, 1, 1), date(2024, 12, 31), "UTC").days()) == 366
