"""Days and months as the calendar of a zone has them. Not every one has 24 hours, and not every one a midnight."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from attrs import field, frozen

from domain.errors import InvalidValue
from domain.time import YEAR_MAX, YEAR_MIN, is_zone

SPAN_DAYS_MAX: Final = 366
_ONE_DAY: Final = timedelta(days=1)
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")


@frozen
class Span:
    """Whole days of a zone, the first and the last included."""

    first: date
    last: date
    zone: str = field(validator=is_zone)

    def __attrs_post_init__(self) -> None:
        if self.first > self.last:
            raise InvalidValue(f"a span does not end on {self.last}, before its first day {self.first}")
        if self.first.year < YEAR_MIN or self.last.year > YEAR_MAX:
            raise InvalidValue(f"{self.first} to {self.last} is out of our time: we handle {YEAR_MIN} to {YEAR_MAX}")
        if self.last - self.first >= timedelta(days=SPAN_DAYS_MAX):
            raise InvalidValue(f"{self.first} to {self.last} is too long: a span has {SPAN_DAYS_MAX} days at most")

    @classmethod
    def day(cls, day: date, zone: str) -> Self:
        return cls(day, day, zone)

    @classmethod
    def month(cls, month: str, zone: str) -> Self:
        """A month by its name, such as 2026-11."""
        match = _MONTH.fullmatch(month)
        try:
            year, number = int(match[1]), int(match[2])  # type: ignore[index]  # it matched
            first, following = date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
        except (TypeError, ValueError):
            raise InvalidValue(f"{month!r} is no month: write it as 2026-11") from None
        return cls(first, following - _ONE_DAY, zone)

    @property
    def start(self) -> datetime:
        """The first instant of it."""
        return _begins(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return _begins(self.last + _ONE_DAY, self.zone)

    def days(self) -> list[date]:
        """Each of its days."""
        return [self.first + _ONE_DAY * number for number in range((self.last - self.first).days + 1)]

    def day_finder(self) -> "DayFinder":
        days = self.days()
        return DayFinder(tuple(days), tuple(_begins(day, self.zone) for day in days))

    def utc_days(self) -> Iterator[date]:
        """The days of UTC that it touches."""
        day, end = self.start.date(), self.end
        while datetime.combine(day, time(), UTC) < end:
            yield day
            day += _ONE_DAY


@frozen
class DayFinder:
    """Tells which day of a span an instant belongs to. Every instant of a span belongs to exactly one."""

    _days: tuple[date, ...]
    _begins: tuple[datetime, ...]

    def __call__(self, at: datetime) -> date:
        # Where clocks go back over midnight, the wall shows yesterday again: the day that has begun goes on.
        return self._days[max(bisect_right(self._begins, at) - 1, 0)]


def _begins(day: date, zone: str) -> datetime:
    """The instant at which a day begins: its first midnight or, where clocks leap over that, the leap itself."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
