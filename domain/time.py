"""Instants are aware and in UTC; only an event's zone turns them into what a clock on the wall shows."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import InvalidValue


def is_aware(_instance: object, attribute: Any, value: Any) -> None:
    """An attrs validator: an aware instant, kept in UTC."""
    if not isinstance(value, datetime) or value.tzinfo is not UTC:
        raise InvalidValue(f"{attribute.name} must be an instant in UTC, not {value!r}")


def to_utc(value: datetime) -> datetime:
    """An aware instant, moved to UTC; a naive one is refused, since nobody knows what it means."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidValue(f"{value.isoformat()} has no UTC offset: write it as 2026-11-22T18:00:00+05:30")
    return value.astimezone(UTC)


def is_zone(_instance: object, attribute: Any, value: str) -> None:
    """An attrs validator: the name of an IANA zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(f"{attribute.name} must be an IANA zone such as Asia/Kolkata, not {value!r}") from None
