"""An event as it is written on the command line or in a file.

A file holds the same words as the HTTP API: title, venue, starts_at, ends_at, zone, currency, and ticket_types, or
price and capacity for just one. A time without an offset is on the clock of the event's zone.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from attrs import fields

from application.use_cases.create_event import EventPlan, RefundTerms, TicketTypePlan
from domain.dispute import DisputePolicy
from domain.errors import InvalidValue
from domain.event import Venue
from domain.tax import TaxRate
from domain.time import to_utc

_NEEDED: Final = ("title", "venue", "starts", "ends", "zone", "currency", "price", "capacity")
_OF_AN_OPTION: Final = ("address", "city", "category", "description")
_TIMES: Final = ("starts_at", "ends_at", "doors_open_at", "sales_end_at")
_SALE_TIMES: Final = ("sales_start_at", "sales_end_at")
_ONE_TYPE: Final = ("price", "capacity")


def plan_of_options(given: Mapping[str, Any]) -> EventPlan:
    """The plan that the options say; click.UsageError names those that are missing."""
    missing = [f"--{name}" for name in _NEEDED if given.get(name) is None]
    if missing:
        raise click.UsageError(f"without --file an event also needs {', '.join(missing)}")
    zone = given["zone"]
    return EventPlan(
        title=given["title"],
        venue=Venue(given["venue"], given["address"], given["city"]),
        starts_at=instant(given["starts"], zone),
        ends_at=instant(given["ends"], zone),
        zone=zone,
        currency=given["currency"].upper(),
        ticket_types=(TicketTypePlan(given["ticket_type"], given["price"], given["capacity"]),),
        category=given["category"],
        description=given["description"],
    )


def plan_of_file(path: Path, given: Mapping[str, Any]) -> EventPlan:
    """The plan that a file says. Options beside it are refused, since nobody could tell which counts."""
    beside = [f"--{name}" for name in (*_NEEDED, *_OF_AN_OPTION) if given.get(name)]
    if beside:
        raise click.UsageError(f"--file says it all: leave out {', '.join(beside)}")
    try:
        if path.suffix == ".json":
            written = json.loads(path.read_text(encoding="utf-8"))
        else:
            written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise InvalidValue(f"{path} cannot be read: {error}") from None
    if not isinstance(written, dict):
        raise InvalidValue(f"{path} is no table of names and values")
    return _plan(written)


def instant(written: Any, zone: str) -> datetime:
    """A time in UTC. One without an offset is on the clock of the zone."""
    if isinstance(written, str):
        try:
            written = datetime.fromisoformat(written)
        except ValueError:
            raise InvalidValue(f"{written!r} is no time: write it as '2027-03-05 20:00'") from None
    if not isinstance(written, datetime):
        raise InvalidValue(f"{written!r} is no time: write it as '2027-03-05 20:00'")
    if written.tzinfo is not None:
        return to_utc(written)
    try:
        return to_utc(written.replace(tzinfo=ZoneInfo(zone)))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(f"{zone!r} is no IANA zone such as Asia/Kolkata") from None


def _plan(written: dict[str, Any]) -> EventPlan:
    kinds = _ticket_types(written)
    terms = {name: value for name, value in written.items() if name not in _ONE_TYPE}
    _check_names(terms, EventPlan, "the event")
    needed = ("title", "venue", "starts_at", "ends_at", "zone", "currency")
    missing = [name for name in needed if name not in terms]
    if missing:
        raise InvalidValue(f"the event lacks {', '.join(missing)}")
    zone = str(terms["zone"])
    terms |= {name: instant(terms[name], zone) for name in _TIMES if name in terms}
    terms["venue"] = _venue(terms["venue"])
    terms |= _tax(terms)
    if "refund_policy" in terms:
        terms["refund_policy"] = _refund_terms(terms["refund_policy"])
    if "dispute_policy" in terms:
        terms["dispute_policy"] = _dispute_policy(terms["dispute_policy"])
    terms["ticket_types"] = tuple(_ticket_type(kind, zone) for kind in kinds)
    return EventPlan(**terms)


def _refund_terms(written: Any) -> RefundTerms:
    if not isinstance(written, dict) or "until_hours" not in written:
        raise InvalidValue("refund_policy is a table with until_hours and, if you like, percent, fee and by_buyer")
    _check_names(written, RefundTerms, "the refund policy")
    if not isinstance(written.get("fee", ""), str):
        raise InvalidValue(f'write the fee in quotes: "{written["fee"]}"')
    return RefundTerms(**written)


def _dispute_policy(written: Any) -> DisputePolicy:
    try:
        return DisputePolicy(written)
    except ValueError:
        raise InvalidValue(f"dispute_policy is {' or '.join(DisputePolicy)}, not {written!r}") from None


def _ticket_types(written: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = written.get("ticket_types")
    if kinds is None:
        if not all(name in written for name in _ONE_TYPE):
            raise InvalidValue("the event needs ticket_types, or price and capacity")
        return [{"name": "Standard"} | {name: written[name] for name in _ONE_TYPE}]
    if any(name in written for name in _ONE_TYPE):
        raise InvalidValue("price and capacity belong into ticket_types where there are any")
    if not isinstance(kinds, list) or not all(isinstance(kind, dict) for kind in kinds):
        raise InvalidValue("ticket_types is a list of tables")
    return kinds


def _venue(written: Any) -> Venue:
    if isinstance(written, str):
        return Venue(written)
    if not isinstance(written, dict) or "name" not in written:
        raise InvalidValue("the venue is a name, or a table with name, address and city")
    _check_names(written, Venue, "the venue")
    return Venue(**written)


def _ticket_type(written: dict[str, Any], zone: str) -> TicketTypePlan:
    _check_names(written, TicketTypePlan, "a ticket type")
    if "name" not in written or "price" not in written:
        raise InvalidValue("a ticket type needs a name and a price")
    terms = written | {name: instant(written[name], zone) for name in _SALE_TIMES if name in written}
    # A price written as a number would pass through a float: 499.10 must stay exact.
    if not isinstance(terms["price"], str):
        raise InvalidValue(f'write the price in quotes: "{terms["price"]}"')
    return TicketTypePlan(**terms | _tax(terms))


def _tax(written: Mapping[str, Any]) -> dict[str, TaxRate]:
    if "tax" not in written:
        return {}
    tax = written["tax"]
    if not isinstance(tax, dict) or set(tax) != {"name", "basis_points"}:
        raise InvalidValue('a tax is a table: {name = "GST", basis_points = 1800}')
    return {"tax": TaxRate(**tax)}


def _check_names(written: Mapping[str, Any], plan: Any, what: str) -> None:
    unknown = sorted(set(written) - {attribute.name for attribute in fields(plan)})
    if unknown:
        raise InvalidValue(f"{what} knows no {', '.join(unknown)}")
