"""What is stored, and by what it can be found: one table that every store reads."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen

from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.counted import GuessCount, KnownDevice, RateCount
from application.ports.store import Key, Record
from application.records import (
    Answer,
    AuditRecord,
    Challenge,
    Claim,
    EventGrant,
    NoticeReceipt,
    OneTimeToken,
    OutboxEntry,
    Session,
)
from domain.account import Account
from domain.admission import Admission
from domain.booking import HOLDING, Booking
from domain.booking_outcome import BookingOutcome
from domain.dispute import Dispute
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

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS: Final = 1_000_000


def microseconds(at: datetime) -> int:
    """An instant as whole microseconds since 1970, the form in which stores sort it."""
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * _MICROSECONDS + passed.microseconds


@frozen
class Attribute:
    """Something that a listing asks for: a text or a whole number, or None where the record has no such thing."""

    name: str
    type: type[str] | type[int]
    of: Callable[[Any], str | int | None]


@frozen
class Index:
    """Records of one partition value, in the order of a numeric sort attribute and then of the id.

    A record whose partition or sort attribute is None is not in the index.
    """

    name: str
    partition: str
    sort: str


@frozen
class Kind:
    """One sort of record."""

    name: str
    type: type[Any]
    attributes: tuple[Attribute, ...] = ()
    indexes: tuple[Index, ...] = ()
    only_grows: bool = False
    """Whether what was stored stays as it is, for good: no store changes or deletes one."""

    def index(self, name: str) -> Index:
        return next(index for index in self.indexes if index.name == name)

    def attributes_of(self, record: Record) -> dict[str, str | int | None]:
        """What this record is found by."""
        return {attribute.name: attribute.of(record) for attribute in self.attributes}


def _text(name: str, of: Callable[[Any], str | None] | None = None) -> Attribute:
    return Attribute(name, str, of or (lambda record: getattr(record, name)))


def _time(name: str, of: Callable[[Any], datetime | None] | None = None) -> Attribute:
    get = of or (lambda record: getattr(record, name))

    def value(record: Any) -> int | None:
        at = get(record)
        return None if at is None else microseconds(at)

    return Attribute(name, int, value)


def _number(name: str) -> Attribute:
    return Attribute(name, int, lambda record: getattr(record, name))


def _always(name: str) -> Attribute:
    """For lists of everything, in one partition."""
    return Attribute(name, str, lambda _: "all")


def searchable(words: Iterable[str]) -> str:
    """Text in the one form in which it is searched."""
    return " ".join(words).casefold()


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
            _text("organizer_id"),
            _text("status"),
            _text("visibility", _visibility),
            _text("upcoming", _upcoming),
            _text("category", lambda event: event.category.casefold()),
            _text("place", lambda event: searchable(_place(event))),
            _text("search", _search_text),
            _time("starts_at", lambda event: event.schedule.starts_at),
            _time("next_change_at", _next_change),
            _time("created_at"),
            _always("everything"),
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
            _text("event_id"),
            _text("buyer_id"),
            _text("status"),
            _text("holding", lambda booking: "all" if booking.status in HOLDING else None),
            _time("created_at"),
            _time("hold_expires_at"),
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
        (_text("booking_id"), _text("event_id"), _text("status"), _number("number")),
        (Index("by_booking", "booking_id", "number"), Index("by_event", "event_id", "number")),
    ),
    Kind(
        "admission",
        Admission,
        (_text("event_id"), _text("booking_id"), _text("outcome"), _time("at")),
        (Index("by_event", "event_id", "at"), Index("by_booking", "booking_id", "at")),
    ),
    Kind(
        "payment",
        Payment,
        (
            _text("booking_id"),
            _text("event_id"),
            _text("status"),
            _text("gateway_reference", lambda payment: payment.gateway_reference or None),
            _text("quarantined", lambda payment: "all" if payment.quarantined else None),
            _time("created_at"),
            _time("next_poll_at"),
            _always("everything"),
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
            _text("booking_id"),
            _text("payment_id"),
            _text("status"),
            _time("created_at"),
            _time("next_poll_at"),
            _always("everything"),
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
        (_text("event_id"), _time("created_at")),
        (Index("by_event", "event_id", "created_at"),),
    ),
    Kind(
        "dispute",
        Dispute,
        (
            _text("payment_id"),
            _text("booking_id"),
            _text("event_id"),
            _text("status"),
            _time("opened_at"),
            _always("everything"),
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
            _text("event_id"),
            _text("organizer_id"),
            _text("booking_id"),
            _text("kind"),
            _text("day", lambda moved: moved.at.date().isoformat()),
            _time("at"),
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
        (_text("state"), _time("started_at")),
        (Index("by_state", "state", "started_at"),),
    ),
    Kind(
        "booking_outcome",
        BookingOutcome,
        (
            _text("event_id"),
            _text("state"),
            _time("created_at"),
            _time("look_at", lambda outcome: None if outcome.is_alive else outcome.look_at),
            _always("everything"),
        ),
        (Index("by_event", "event_id", "created_at"), Index("looking", "everything", "look_at")),
    ),
    Kind(
        "reconciliation",
        Reconciliation,
        (_text("gateway"), _time("started_at"), _always("everything")),
        (Index("everything", "everything", "started_at"), Index("by_gateway", "gateway", "started_at")),
    ),
    Kind(
        "finding",
        Finding,
        (_text("status"), _text("kind"), _text("gateway"), _time("found_at")),
        (Index("by_status", "status", "found_at"),),
    ),
    Kind(
        "account",
        Account,
        (
            _text("status"),
            _text("rank"),
            _text("kyc"),
            _text("search", lambda account: searchable((account.email, account.name))),
            _time("created_at"),
            _always("everything"),
        ),
        (Index("everything", "everything", "created_at"), Index("by_rank", "rank", "created_at")),
    ),
    Kind(
        "kyc_request",
        KycRequest,
        (_text("account_id"), _text("status"), _time("submitted_at")),
        (Index("by_account", "account_id", "submitted_at"), Index("by_status", "status", "submitted_at")),
    ),
    Kind(
        "kyc_document",
        IdentityDocument,
        (_text("fingerprint"), _time("added_at"), _always("everything")),
        (Index("by_fingerprint", "fingerprint", "added_at"), Index("everything", "everything", "added_at")),
    ),
    Kind("claim", Claim),
    Kind(
        "session",
        Session,
        (_text("account_id"), _time("created_at"), _time("expires_at"), _always("everything")),
        (Index("by_account", "account_id", "created_at"), Index("expiring", "everything", "expires_at")),
    ),
    Kind("second_factors", SecondFactors),
    Kind(
        "challenge",
        Challenge,
        (_time("expires_at"), _always("everything")),
        (Index("expiring", "everything", "expires_at"),),
    ),
    Kind(
        "one_time_token",
        OneTimeToken,
        (_text("account_id"), _time("expires_at"), _always("everything")),
        (Index("expiring", "everything", "expires_at"),),
    ),
    Kind(
        "rate_count",
        RateCount,
        (_time("expected_at"), _always("everything")),
        (Index("expiring", "everything", "expected_at"),),
    ),
    Kind(
        "guess_count",
        GuessCount,
        (_time("forget_at"), _always("everything")),
        (Index("expiring", "everything", "forget_at"),),
    ),
    Kind(
        "known_device",
        KnownDevice,
        (_text("account_id"), _time("created_at"), _time("expires_at"), _always("everything")),
        (Index("by_account", "account_id", "created_at"), Index("expiring", "everything", "expires_at")),
    ),
    Kind(
        "event_grant",
        EventGrant,
        (_text("event_id"), _text("account_id"), _time("created_at")),
        (Index("by_event", "event_id", "created_at"), Index("by_account", "account_id", "created_at")),
    ),
    Kind(
        "outbox",
        OutboxEntry,
        (_text("state"), _time("due_at")),
        (Index("queue", "state", "due_at"),),
    ),
    Kind(
        "audit",
        AuditRecord,
        (_text("subject"), _text("actor"), _text("action"), _time("at"), _always("everything")),
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
        (_time("at"), _always("everything")),
        (Index("everything", "everything", "at"),),
    ),
    Kind(
        "audit_link",
        AuditLink,
        (_number("sequence"), _always("everything")),
        (Index("everything", "everything", "sequence"),),
        only_grows=True,
    ),
    Kind("audit_head", AuditHead),
    Kind(
        "audit_checkpoint",
        AuditCheckpoint,
        (_number("sequence"), _always("everything")),
        (Index("everything", "everything", "sequence"),),
        only_grows=True,
    ),
    Kind(
        "answer",
        Answer,
        (_time("created_at"), _always("everything")),
        (Index("expiring", "everything", "created_at"),),
    ),
    Kind(
        "notice",
        NoticeReceipt,
        (
            _text("gateway"),
            _text("payment_id"),
            _text("state"),
            _time("received_at"),
            _always("everything"),
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
