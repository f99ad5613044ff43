"""How what is sold is stored and found: events, those who work at them, bookings, tickets, admissions."""

from datetime import datetime
from typing import Final

from application.kind import Index, Kind, always, number, searchable, text, time
from application.records import EventGrant, EventInvitation
from domain.admission import Admission
from domain.booking import HOLDING, Booking
from domain.booking_outcome import BookingOutcome
from domain.event import Event, EventStatus
from domain.event_cancellation import EventCancellation
from domain.promo_code import PromoCode
from domain.ticket import Ticket


def _search_text(event: Event) -> str:
    return searchable((event.title, event.description, event.category, *_place(event)))


def _place(event: Event) -> tuple[str, str, str]:
    return event.venue.name, event.venue.address, event.venue.city


def _visibility(event: Event) -> str | None:
    return None if event.status is EventStatus.DRAFT or event.archived else "public"


def _upcoming(event: Event) -> str | None:
    return "upcoming" if event.status in {EventStatus.PUBLISHED, EventStatus.ACTIVE} else None


def _next_change(event: Event) -> datetime | None:
    match event.status:
        case EventStatus.PUBLISHED:
            return event.schedule.doors_open_at
        case EventStatus.ACTIVE:
            return event.schedule.closes_at
        case _:
            return None


SALES: Final = (
    Kind(
        "event",
        Event,
        (
            text("organizer_id"),
            text("status"),
            text("visibility", _visibility),
            text("upcoming", _upcoming),
            text("category", lambda event: event.category.casefold()),
            text("place", lambda event: searchable(_place(event))),
            text("search", _search_text),
            time("starts_at", lambda event: event.schedule.starts_at),
            time("next_change_at", _next_change),
            time("created_at"),
            always("everything"),
        ),
        (
            Index("by_organizer", "organizer_id", "created_at"),
            Index("public", "visibility", "starts_at"),
            Index("upcoming", "upcoming", "starts_at"),
            Index("changing", "everything", "next_change_at"),
            Index("everything", "everything", "created_at"),
        ),
        is_watched=True,
    ),
    Kind(
        "booking",
        Booking,
        (
            text("event_id"),
            text("buyer_id"),
            text("status", is_common=True),
            text("holding", lambda booking: "all" if booking.status in HOLDING else None, is_common=True),
            time("created_at"),
            time("hold_expires_at"),
        ),
        (
            Index("by_event", "event_id", "created_at"),
            Index("by_buyer", "buyer_id", "created_at"),
            Index("by_status", "status", "created_at"),
            Index("expiring", "holding", "hold_expires_at"),
        ),
    ),
    Kind(
        "ticket",
        Ticket,
        (text("booking_id"), text("event_id"), text("status"), number("number")),
        (Index("by_booking", "booking_id", "number"), Index("by_event", "event_id", "number")),
    ),
    Kind(
        "admission",
        Admission,
        (text("event_id"), text("booking_id"), text("outcome"), time("at")),
        (Index("by_event", "event_id", "at"), Index("by_booking", "booking_id", "at")),
    ),
    Kind(
        "promo_code",
        PromoCode,
        (text("event_id"), time("created_at")),
        (Index("by_event", "event_id", "created_at"),),
    ),
    Kind(
        "event_cancellation",
        EventCancellation,
        (text("state"), time("started_at")),
        (Index("by_state", "state", "started_at"),),
    ),
    Kind(
        "booking_outcome",
        BookingOutcome,
        (
            text("event_id"),
            text("state"),
            time("created_at"),
            time("look_at", lambda outcome: None if outcome.is_alive else outcome.look_at),
            always("everything"),
        ),
        (Index("by_event", "event_id", "created_at"), Index("looking", "everything", "look_at")),
    ),
    Kind(
        "event_grant",
        EventGrant,
        (text("event_id"), text("account_id"), time("created_at")),
        (Index("by_event", "event_id", "created_at"), Index("by_account", "account_id", "created_at")),
    ),
    Kind(
        "event_invitation",
        EventInvitation,
        (text("event_id"), text("email"), time("created_at"), time("expires_at"), always("everything")),
        (
            Index("by_event", "event_id", "created_at"),
            Index("by_email", "email", "created_at"),
            Index("expiring", "everything", "expires_at"),
        ),
    ),
)
