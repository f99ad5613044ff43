"""Instants as people at the event read them: in its zone, with the zone named."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.event import Schedule

# Not by strftime, whose names of days and months follow the machine's language.
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS: Final = "January February March April May June July August September October November December".split()


def local_time(at: datetime, zone: str) -> str:
    """Sunday 22 November 2026, 18:00 (Asia/Kolkata, UTC+05:30)."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{_day(local)}, {local:%H:%M} {_named(local, zone)}"


def time_span(schedule: Schedule) -> str:
    """From the start to the end, with each day named once and the zone once unless its offset changes meanwhile."""
    zone = ZoneInfo(schedule.zone)
    start, end = schedule.starts_at.astimezone(zone), schedule.ends_at.astimezone(zone)
    if start.utcoffset() != end.utcoffset():
        return f"{local_time(start, schedule.zone)} to {local_time(end, schedule.zone)}"
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{_day(end)}, {end:%H:%M}"
    return f"{_day(start)}, {start:%H:%M} to {until} {_named(end, schedule.zone)}"


def _day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"


def _named(local: datetime, zone: str) -> str:
    offset = f"{local:%z}"
    return f"({zone}, UTC{offset[:3]}:{offset[3:5]})"
