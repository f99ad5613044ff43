"""Our things as JSON documents, with the names that the HTTP API uses. Times are in the event's zone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from application.ports.ticket_codes import KeyInfo
from application.queries.bookings import BookingInFull
from application.queries.events import EventWithPlaces
from application.records import OutboxEntry
from domain.account import Account
from domain.admission import Admission
from domain.allotment import Allotment
from domain.booking import Booking, BookingStatus
from domain.dispute import Dispute
from domain.event import Event, EventStatus
from domain.money import Money
from domain.payment import Payment
from domain.refund import Refund
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
        "created_at": moment(found.created_at, zone),
    }


def event_with_places(shown: EventWithPlaces) -> Document:
    """An event with its description, ticket types and counts."""
    names = {known.id: known.name for known in shown.event.allotments}
    return event(shown.event, shown.status) | {
        "description": shown.event.description,
        "ticket_types": [
            {"id": kind.id, "name": kind.name, "price": money(kind.price), "allotment_id": kind.allotment_id}
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
        | {"lines": [{"name": x.name, "quantity": x.quantity, "total": money(x.total)} for x in full.booking.lines]},
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
