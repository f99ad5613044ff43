"""What is stored, and by what it can be found: one table that every store reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.counted import GuessCount, KnownDevice, RateCount
from application.installation import Installation
from application.kind import Index, Kind, always, number, searchable, text, time
from application.ports.store import Key, Record
from application.records import (
    Answer,
    AuditRecord,
    Challenge,
    Claim,
    EventGrant,
    EventInvitation,
    NoticeReceipt,
    OneTimeToken,
    OutboxEntry,
    Session,
)
from domain.account import Account
from domain.admission import Admission
from domain.api_key import ApiKey
from domain.booking import HOLDING, Booking
from domain.booking_outcome import BookingOutcome
from domain.consent import Consent
from domain.dispute import Dispute
from domain.erasure import Erasure
from domain.event import Event, EventStatus
from domain.event_cancellation import EventCancellation
from domain.identity_document import IdentityDocument
from domain.kyc import KycRequest
from domain.ledger import LedgerTransaction
from domain.payment import Payment
from domain.promo_code import PromoCode
from domain.reconciliation import Finding, Reconciliation
from domain.refund import Refund
from domain.second_factors import SecondFactors
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


_KINDS: Final = (
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
        "payment",
        Payment,
        (
            text("booking_id"),
            text("event_id"),
            text("status"),
            text("gateway_reference", lambda payment: payment.gateway_reference or None),
            text("quarantined", lambda payment: "all" if payment.quarantined else None),
            time("created_at"),
            time("next_poll_at"),
            always("everything"),
        ),
        (
            Index("by_booking", "booking_id", "created_at"),
            Index("by_event", "event_id", "created_at"),
            Index("by_reference", "gateway_reference", "created_at"),
            Index("quarantined", "quarantined", "created_at"),
            Index("everything", "everything", "created_at"),
            Index("polling", "everything", "next_poll_at"),
        ),
    ),
    Kind(
        "refund",
        Refund,
        (
            text("booking_id"),
            text("payment_id"),
            text("status"),
            time("created_at"),
            time("next_poll_at"),
            always("everything"),
        ),
        (
            Index("by_booking", "booking_id", "created_at"),
            Index("by_payment", "payment_id", "created_at"),
            Index("by_status", "status", "created_at"),
            Index("everything", "everything", "created_at"),
            Index("polling", "everything", "next_poll_at"),
        ),
    ),
    Kind(
        "promo_code",
        PromoCode,
        (text("event_id"), time("created_at")),
        (Index("by_event", "event_id", "created_at"),),
    ),
    Kind(
        "dispute",
        Dispute,
        (
            text("payment_id"),
            text("booking_id"),
            text("event_id"),
            text("status"),
            time("opened_at"),
            always("everything"),
        ),
        (
            Index("by_payment", "payment_id", "opened_at"),
            Index("by_event", "event_id", "opened_at"),
            Index("by_status", "status", "opened_at"),
            Index("everything", "everything", "opened_at"),
        ),
    ),
    Kind(
        "ledger",
        LedgerTransaction,
        (
            text("event_id"),
            text("organizer_id"),
            text("booking_id"),
            text("kind"),
            text("day", lambda moved: moved.at.date().isoformat(), is_common=True),
            time("at"),
        ),
        (
            Index("by_day", "day", "at"),
            Index("by_organizer", "organizer_id", "at"),
            Index("by_event", "event_id", "at"),
            Index("by_booking", "booking_id", "at"),
        ),
        only_grows=True,
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
        "reconciliation",
        Reconciliation,
        (text("gateway"), time("started_at"), always("everything")),
        (Index("everything", "everything", "started_at"), Index("by_gateway", "gateway", "started_at")),
    ),
    Kind(
        "finding",
        Finding,
        (text("status"), text("kind"), text("gateway"), time("found_at")),
        (Index("by_status", "status", "found_at"),),
    ),
    Kind(
        "account",
        Account,
        (
            text("status"),
            text("rank"),
            text("kyc"),
            text("search", lambda account: searchable((account.email, account.name))),
            time("created_at"),
            always("everything"),
        ),
        (Index("everything", "everything", "created_at"), Index("by_rank", "rank", "created_at")),
    ),
    Kind("erasure", Erasure, (text("state"), time("started_at")), (Index("by_state", "state", "started_at"),)),
    Kind(
        "consent",
        Consent,
        (text("account_id"), time("at")),
        (Index("by_account", "account_id", "at"),),
        only_grows=True,
    ),
    Kind(
        "kyc_request",
        KycRequest,
        (text("account_id"), text("status"), time("submitted_at")),
        (Index("by_account", "account_id", "submitted_at"), Index("by_status", "status", "submitted_at")),
    ),
    Kind(
        "kyc_document",
        IdentityDocument,
        (text("fingerprint"), time("added_at"), always("everything")),
        (Index("by_fingerprint", "fingerprint", "added_at"), Index("everything", "everything", "added_at")),
    ),
    Kind("claim", Claim),
    Kind(
        "session",
        Session,
        (text("account_id"), time("created_at"), time("expires_at"), always("everything")),
        (Index("by_account", "account_id", "created_at"), Index("expiring", "everything", "expires_at")),
        gone_after="expires_at",
    ),
    Kind("installation", Installation),
    Kind(
        "api_key",
        ApiKey,
        (text("account_id"), time("created_at"), time("expires_at"), always("everything")),
        (
            Index("by_account", "account_id", "created_at"),
            Index("everything", "everything", "created_at"),
            Index("expiring", "everything", "expires_at"),
        ),
    ),
    Kind("second_factors", SecondFactors),
    Kind(
        "challenge",
        Challenge,
        (time("expires_at"), always("everything")),
        (Index("expiring", "everything", "expires_at"),),
        gone_after="expires_at",
    ),
    Kind(
        "one_time_token",
        OneTimeToken,
        (text("account_id"), time("expires_at"), always("everything")),
        (Index("expiring", "everything", "expires_at"),),
        gone_after="expires_at",
    ),
    Kind(
        "rate_count",
        RateCount,
        (time("expected_at"), always("everything")),
        (Index("expiring", "everything", "expected_at"),),
        gone_after="expected_at",
    ),
    Kind(
        "guess_count",
        GuessCount,
        (time("forget_at"), always("everything")),
        (Index("expiring", "everything", "forget_at"),),
        gone_after="forget_at",
    ),
    Kind(
        "known_device",
        KnownDevice,
        (text("account_id"), time("created_at"), time("expires_at"), always("everything")),
        (Index("by_account", "account_id", "created_at"), Index("expiring", "everything", "expires_at")),
        gone_after="expires_at",
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
    Kind(
        "outbox",
        OutboxEntry,
        (text("state", is_common=True), time("due_at")),
        (Index("queue", "state", "due_at"),),
    ),
    Kind(
        "audit",
        AuditRecord,
        (text("subject"), text("actor"), text("action"), time("at"), always("everything")),
        (
            Index("by_subject", "subject", "at"),
            Index("by_actor", "actor", "at"),
            Index("everything", "everything", "at"),
        ),
        only_grows=True,
    ),
    Kind(
        "audit_unsealed",
        UnsealedRecord,
        (time("at"), always("everything")),
        (Index("everything", "everything", "at"),),
    ),
    Kind(
        "audit_link",
        AuditLink,
        (number("sequence"), always("everything")),
        (Index("everything", "everything", "sequence"),),
        only_grows=True,
    ),
    Kind("audit_head", AuditHead),
    Kind(
        "audit_checkpoint",
        AuditCheckpoint,
        (number("sequence"), always("everything")),
        (Index("everything", "everything", "sequence"),),
        only_grows=True,
    ),
    Kind(
        "answer",
        Answer,
        (time("created_at"), always("everything")),
        (Index("expiring", "everything", "created_at"),),
    ),
    Kind(
        "notice",
        NoticeReceipt,
        (
            text("gateway", is_common=True),
            text("payment_id"),
            text("state", is_common=True),
            time("received_at"),
            always("everything"),
        ),
        (
            Index("by_gateway", "gateway", "received_at"),
            Index("by_payment", "payment_id", "received_at"),
            Index("by_state", "state", "received_at"),
            Index("everything", "everything", "received_at"),
        ),
    ),
)

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _KINDS}
_BY_TYPE: Final = {kind.type: kind for kind in _KINDS}

ALLOTMENT: Final = "allotment"
"""The kind under which keys name allotments, which are counted and not versioned."""


def kind_of(record: Record) -> Kind:
    return _BY_TYPE[type(record)]


def kind_of_type(record_type: type[Record]) -> Kind:
    return _BY_TYPE[record_type]


def key_of(record: Record) -> Key:
    return Key(_BY_TYPE[type(record)].name, record.id)
