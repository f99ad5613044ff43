"""Instants are aware and in UTC; only an event's zone turns them into what a clock on the wall shows."""

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import InvalidValue

YEAR_MIN: Final = 1971
YEAR_MAX: Final = 2104
"""A ticket's code can spell the times between 1970 and 2106. A year on each side leaves room for offsets and graces."""


def is_aware(_instance: object, attribute: Any, value: Any) -> None:
    """An attrs validator: an aware instant, kept in UTC."""
    if not isinstance(value, datetime) or value.tzinfo is not UTC:
        raise InvalidValue(f"{attribute.name} must be an instant in UTC, not {value!r}")


def to_utc(value: datetime) -> datetime:
    """An aware instant, moved to UTC. Refused: a naive one, since nobody knows what it means, and a far year."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidValue(f"{value.isoformat()} has no UTC offset: write it as 2026-11-22T18:00:00+05:30")
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        raise InvalidValue(f"{value.isoformat()} is out of our time: we handle the years {YEAR_MIN} to {YEAR_MAX}")
    return value.astimezone(UTC)


def is_zone(_instance: object, attribute: Any, value: str) -> None:
    """An attrs validator: the name of an IANA zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(f"{attribute.name} must be an IANA zone such as Asia/Kolkata, not {value!r}") from None
