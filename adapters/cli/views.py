"""Our things as JSON documents, with the names that the HTTP API uses. Times are in the event's zone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from application.ports.ticket_codes import KeyInfo
from application.queries.bookings import BookingInFull
from application.queries.events import EventWithPlaces
from application.queries.promo_codes import PromoCodeWithUses
from application.records import OutboxEntry
from domain.account import Account
from domain.admission import Admission
from domain.allotment import Allotment
from domain.booking import Booking, BookingStatus
from domain.dispute import Dispute
from domain.event import Event, EventStatus
from domain.money import Money
from domain.payment import Payment
from domain.pricing import PriceLine
from domain.refund import Refund
from domain.tax import TaxRate
from domain.ticket import Ticket

Document = dict[str, Any]


def moment(at: datetime | None, zone: str = "UTC") -> str | None:
    """ISO 8601 in that zone, with its offset and without fractions."""
    return None if at is None else at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def wall(at: datetime | None, zone: str = "UTC") -> str:
    """As a clock on the wall there shows it; empty for none."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def money(amount: Money) -> Document:
    return {"amount": amount.decimal(), "amount_minor": amount.amount_minor, "currency": amount.currency}


def account(person: Account) -> Document:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "phone": person.phone,
        "role": person.rank,
        "roles": sorted(person.roles),
        "status": person.status,
        "kyc_status": person.kyc,
        "email_confirmed": person.email_confirmed_at is not None,
        "created_at": moment(person.created_at),
    }


def event(found: Event, status: EventStatus) -> Document:
    """What a list shows of an event."""
    schedule, zone = found.schedule, found.schedule.zone
    return {
        "id": found.id,
        "title": found.title,
        "status": status,
        "archived": found.archived,
        "organizer_id": found.organizer_id,
        "category": found.category,
        "venue": {"name": found.venue.name, "address": found.venue.address, "city": found.venue.city},
        "zone": zone,
        "starts_at": moment(schedule.starts_at, zone),
        "ends_at": moment(schedule.ends_at, zone),
        "doors_open_at": moment(schedule.doors_open_at, zone),
        "sales_end_at": moment(schedule.sales_end_at, zone),
        "currency": found.currency,
        "tax": tax(found.tax),
        "created_at": moment(found.created_at, zone),
    }


def event_with_places(shown: EventWithPlaces) -> Document:
    """An event with its description, ticket types and counts."""
    names = {known.id: known.name for known in shown.event.allotments}
    return event(shown.event, shown.status) | {
        "description": shown.event.description,
        "ticket_types": [
            {
                "id": kind.id,
                "name": kind.name,
                "price": money(kind.price),
                "allotment_id": kind.allotment_id,
                "tax": tax(kind.tax or shown.event.tax),
            }
            for kind in shown.event.ticket_types
        ],
        "allotments": [allotment(counted, names.get(counted.id, "")) for counted in shown.allotments],
    }


def allotment(counted: Allotment, name: str = "") -> Document:
    return {
        "id": counted.id,
        "name": name,
        "capacity": counted.capacity,
        "held": counted.held,
        "sold": counted.sold,
        "available": counted.available,
    }


def booking(found: Booking, status: BookingStatus, zone: str = "UTC") -> Document:
    return {
        "id": found.id,
        "event_id": found.event_id,
        "buyer_id": found.buyer_id,
        "buyer_name": found.buyer_name,
        "buyer_email": found.buyer_email,
        "ticket_count": found.ticket_count,
        "total": money(found.price),
        "discount": money(found.discount),
        "tax_included": money(found.tax_included),
        "promo_code": found.promo_code or None,
        "phase": status,
        "created_at": moment(found.created_at, zone),
        "hold_expires_at": moment(found.hold_expires_at, zone),
        "confirmed_at": moment(found.confirmed_at, zone),
        "ended_reason": found.ended_reason,
    }


def booking_in_full(full: BookingInFull) -> Document:
    zone = full.event.schedule.zone
    return {
        "booking": booking(full.booking, full.status, zone)
        | {"lines": [price_line(line) for line in full.booking.lines]},
        "event": {
            "id": full.event.id,
            "title": full.event.title,
            "starts_at": moment(full.event.schedule.starts_at, zone),
        },
        "tickets": tickets(full.tickets, zone),
        "payments": [payment(made, zone) for made in full.payments],
        "refunds": [refund(made, zone) for made in full.refunds],
        "checked_in": bool(full.tickets) and all(found.entry for found in full.tickets),
    }


def price_line(line: PriceLine) -> Document:
    return {
        "name": line.name,
        "unit_price": money(line.unit_price),
        "quantity": line.quantity,
        "discount": money(line.discount),
        "total": money(line.total),
        "tax_included": money(line.tax_included),
        "tax": tax(line.tax),
    }


def tax(rate: TaxRate | None) -> Document | None:
    return None if rate is None else {"name": rate.name, "basis_points": rate.basis_points}


def promo_code(counted: PromoCodeWithUses, zone: str = "UTC") -> Document:
    promo = counted.promo
    return {
        "code": promo.code,
        "event_id": promo.event_id,
        "percent": promo.percent,
        "amount": None if promo.amount is None else money(promo.amount),
        "valid_from": moment(promo.valid_from, zone),
        "valid_until": moment(promo.valid_until, zone),
        "ticket_type_ids": list(promo.ticket_type_ids),
        "uses_max": promo.uses_max,
        "per_buyer_max": promo.per_buyer_max,
        "status": promo.status,
        "uses_held": counted.held,
        "uses_confirmed": counted.confirmed,
        "created_at": moment(promo.created_at, zone),
        "ended_at": moment(promo.ended_at, zone),
    }


def payment(made: Payment, zone: str = "UTC") -> Document:
    return {
        "id": made.id,
        "gateway": made.gateway,
        "amount": money(made.amount),
        "phase": made.status,
        "pay_url": made.page_url or None,
        "created_at": moment(made.created_at, zone),
        "captured_at": moment(made.captured_at, zone),
    }


def refund(made: Refund, zone: str = "UTC") -> Document:
    return {
        "id": made.id,
        "booking_id": made.booking_id,
        "payment_id": made.payment_id,
        "amount": money(made.amount),
        "status": made.status,
        "reason": made.reason,
        "failure": made.failure,
        "ticket_ids": list(made.ticket_ids),
        "by_hand": made.outside,
        "created_at": moment(made.created_at, zone),
    }


def dispute(made: Dispute, zone: str = "UTC") -> Document:
    return {
        "id": made.id,
        "payment_id": made.payment_id,
        "booking_id": made.booking_id,
        "event_id": made.event_id,
        "gateway": made.gateway,
        "gateway_reference": made.gateway_reference,
        "amount": money(made.amount),
        "fee": money(made.fee) if made.fee else None,
        "reason": made.reason,
        "status": made.status,
        "policy": made.policy,
        "opened_at": moment(made.opened_at, zone),
        "closed_at": moment(made.closed_at, zone),
    }


def ticket(found: Ticket, zone: str = "UTC") -> Document:
    """Without its token, which opens a door: that is asked for by name."""
    return {
        "id": found.id,
        "booking_id": found.booking_id,
        "event_id": found.event_id,
        "number": found.number,
        "ticket_type": found.ticket_type,
        "holder_name": found.holder_name,
        "status": found.status,
        "generation": found.generation,
        "valid_from": moment(found.valid_from, zone),
        "valid_until": moment(found.valid_until, zone),
        "entered_at": moment(found.entry.at, zone) if found.entry else None,
        "entered_gate": found.entry.gate if found.entry else None,
    }


def tickets(found: Sequence[Ticket], zone: str = "UTC") -> list[Document]:
    return [ticket(each, zone) for each in found]


def admission(entry: Admission, zone: str = "UTC") -> Document:
    return {
        "id": entry.id,
        "event_id": entry.event_id,
        "at": moment(entry.at, zone),
        "gate": entry.gate,
        "by": entry.by,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "message": entry.message,
        "booking_id": entry.booking_id,
        "ticket_ids": list(entry.ticket_ids),
        "holder_name": entry.holder_name,
        "remaining": entry.remaining,
    }


def outbox_entry(entry: OutboxEntry) -> Document:
    return {
        "id": entry.id,
        "fact": type(entry.fact).__name__,
        "state": entry.state,
        "created_at": moment(entry.created_at),
        "due_at": moment(entry.due_at),
        "attempts": entry.attempts,
        "done": list(entry.done),
        "last_error": entry.last_error,
    }


def key(info: KeyInfo) -> Document:
    return {
        "purpose": info.purpose,
        "id": info.id,
        "state": info.state,
        "created_at": moment(info.created_at),
        "in_state_since": moment(info.in_state_since),
        "public": info.public,
    }
