"""One of everything, with sensible defaults: a test states what it is about, and no more.

`build.booking(event_id="evt_1")` is a valid booking of that event; ids are new each time and read like real ones.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from attrs import evolve

from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.counted import GuessCount, KnownDevice, RateCount
from application.installation import Installation
from application.ports.credentials import QuestionKind
from application.ports.store import Record
from application.records import (
    Answer,
    Asked,
    AuditRecord,
    Challenge,
    ChallengePurpose,
    Claim,
    EventGrant,
    EventInvitation,
    NoticeReceipt,
    OneTimeToken,
    OutboxEntry,
    Session,
    TeamRole,
    TokenPurpose,
)
from domain.account import Account
from domain.admission import Admission, AdmissionOutcome
from domain.allotment import Allotment, Take
from domain.api_key import ApiKey, Scope
from domain.booking import Booking, BookingStatus
from domain.booking_outcome import BookingOutcome
from domain.consent import Consent, ConsentPlace
from domain.dispute import Dispute, DisputePolicy
from domain.erasure import Erasure
from domain.event import AllotmentName, Event, EventImage, EventStatus, Schedule, TicketType, Venue
from domain.event_cancellation import EventCancellation
from domain.facts import BookingConfirmed
from domain.guesses import Guesses
from domain.identity_document import (
    DocumentFile,
    DocumentType,
    IdentityDocument,
    SealedKey,
    SealedNumber,
    Side,
)
from domain.ids import BookingId, make_id
from domain.kyc import KycRequest
from domain.ledger import Journal, LedgerTransaction
from domain.money import Money
from domain.payment import Payment
from domain.pricing import PriceLine
from domain.promo_code import PromoCode, promo_code_id
from domain.reconciliation import Finding, FindingKind, Reconciliation
from domain.refund import Refund
from domain.second_factors import Passkey, SecondFactors, Totp
from domain.ticket import Ticket

NOW: Final = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
"""The instant at which tests take place. Its microseconds must survive every store."""

_ids = count(1)


def start_ids_at(number: int) -> None:
    """Let this process give other ids than those that build for the same store."""
    global _ids  # noqa: PLW0603 - a counter of the whole process
    _ids = count(number)


def new_id(prefix: str) -> Any:
    """An identifier that no other call gave, of whichever sort is asked for."""
    return make_id(prefix, next(_ids).to_bytes(16, "big"))


def later(**by: float) -> datetime:
    """So much after NOW: `later(minutes=5)`."""
    return NOW + timedelta(**by)


def money(amount_minor: int = 2_500, currency: str = "EUR") -> Money:
    return Money(amount_minor, currency)


def allotment(**given: Any) -> Allotment:
    """A hundred places, all free."""
    return Allotment(**{"id": new_id("alt"), "capacity": 100, **given})


def schedule(**given: Any) -> Schedule:
    """An evening a month away."""
    starts_at = given.get("starts_at", later(days=30))
    return Schedule(
        **{"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=3), "zone": "Europe/Berlin", **given}
    )


def ticket_type(**given: Any) -> TicketType:
    return TicketType(
        **{"id": new_id("tty"), "name": "Standing", "price": money(), "allotment_id": new_id("alt"), **given}
    )


def event(**given: Any) -> Event:
    """A concert on sale, with one ticket type, and an allotment for each that a ticket type draws on."""
    kinds = given.get("ticket_types", (ticket_type(),))
    defaults = {
        "id": new_id("evt"),
        "organizer_id": new_id("acc"),
        "title": "Night of Música & Ünïcode 🎷",
        "description": "Doors at eight.\nBring friends.",
        "category": "Music",
        "venue": Venue("Town Hall", "1 Main Street", "Springfield"),
        "schedule": schedule(),
        "currency": "EUR",
        "ticket_types": kinds,
        "allotments": tuple(AllotmentName(kind.allotment_id, kind.name) for kind in kinds),
        "created_at": NOW,
        "status": EventStatus.PUBLISHED,
        "images": (EventImage("public/events/cover.jpg", "A saxophone"),),
    }
    return Event(**{**defaults, **given})


def price_line(**given: Any) -> PriceLine:
    quantity: int = given.get("quantity", 2)
    defaults = {
        "ticket_type_id": new_id("tty"),
        "name": "Standing",
        "unit_price": money(),
        "quantity": quantity,
        "discount": money(0),
        "tax_included": money(0),
        "total": money() * quantity,
    }
    return PriceLine(**{**defaults, **given})


def booking(**given: Any) -> Booking:
    """Two places, held for a quarter of an hour."""
    defaults = {
        "id": new_id("bkg"),
        "event_id": new_id("evt"),
        "organizer_id": new_id("acc"),
        "buyer_id": new_id("acc"),
        "buyer_name": "Ada Buyer",
        "buyer_email": "ada@example.org",
        "lines": (price_line(),),
        "takes": (Take(new_id("alt"), 2), Take(new_id("limit"), 2, 4)),
        "price": money(5_000),
        "created_at": NOW,
        "hold_expires_at": later(minutes=15),
        "status": BookingStatus.HELD,
    }
    return Booking(**{**defaults, **given})


def ticket(**given: Any) -> Ticket:
    defaults = {
        "id": new_id("tkt"),
        "booking_id": new_id("bkg"),
        "event_id": new_id("evt"),
        "organizer_id": new_id("acc"),
        "buyer_id": new_id("acc"),
        "ticket_type_id": new_id("tty"),
        "ticket_type": "Standing",
        "holder_name": "Ada Buyer",
        "number": 1,
        "token": "SEALED",
        "valid_from": later(days=30, hours=-2),
        "valid_until": later(days=30, hours=9),
    }
    return Ticket(**{**defaults, **given})


def admission(**given: Any) -> Admission:
    defaults = {
        "id": new_id("adm"),
        "event_id": new_id("evt"),
        "at": later(days=30),
        "gate": "North",
        "by": new_id("acc"),
        "outcome": AdmissionOutcome.ADMITTED,
        "booking_id": new_id("bkg"),
        "ticket_ids": (new_id("tkt"),),
        "holder_name": "Ada Buyer",
    }
    return Admission(**{**defaults, **given})


def payment(**given: Any) -> Payment:
    """An attempt that was just made."""
    defaults = {
        "id": new_id("pay"),
        "booking_id": new_id("bkg"),
        "event_id": new_id("evt"),
        "buyer_id": new_id("acc"),
        "gateway": "sandbox",
        "amount": money(5_000),
        "created_at": NOW,
        "page_expires_at": later(minutes=15),
        "next_poll_at": later(minutes=2),
    }
    return Payment(**{**defaults, **given})


def refund(**given: Any) -> Refund:
    defaults = {
        "id": new_id("rfd"),
        "payment_id": new_id("pay"),
        "booking_id": new_id("bkg"),
        "gateway": "sandbox",
        "amount": money(5_000),
        "reason": "The event was cancelled",
        "created_at": NOW,
        "next_poll_at": later(minutes=2),
    }
    return Refund(**{**defaults, **given})


def promo_code(**given: Any) -> PromoCode:
    """A fifth off, for everybody and everything."""
    event_id, code = given.setdefault("event_id", new_id("evt")), given.setdefault("code", "EARLY-20")
    share = {} if "amount" in given else {"percent": 20}
    defaults = {"id": promo_code_id(event_id, code), "organizer_id": new_id("acc"), "created_at": NOW}
    return PromoCode(**{**defaults, **share, **given})


def dispute(**given: Any) -> Dispute:
    defaults = {
        "id": new_id("dsp"),
        "payment_id": new_id("pay"),
        "booking_id": new_id("bkg"),
        "event_id": new_id("evt"),
        "organizer_id": new_id("acc"),
        "gateway": "sandbox",
        "gateway_reference": "sbx_dsp_1",
        "amount": money(5_000),
        "reason": "fraudulent",
        "opened_at": NOW,
        "policy": DisputePolicy.BLOCK,
    }
    return Dispute(**{**defaults, **given})


def ledger_transaction(**given: Any) -> LedgerTransaction:
    """Money that came in."""
    paid = payment()
    captured = Journal(paid, booking(id=paid.booking_id, event_id=paid.event_id), NOW).captured()
    return evolve(captured, **given)


def event_cancellation(**given: Any) -> EventCancellation:
    defaults = {"id": new_id("evt"), "reason": "The hall is flooded", "started_by": new_id("acc"), "started_at": NOW}
    return EventCancellation(**{**defaults, **given})


def booking_outcome(**given: Any) -> BookingOutcome:
    """One that nobody has looked at yet."""
    defaults = {"id": new_id("bkg"), "event_id": new_id("evt"), "created_at": NOW, "amount": money(5_000)}
    return BookingOutcome(**{**defaults, "look_at": later(hours=1), "note": "by cheque", **given})


def reconciliation(**given: Any) -> Reconciliation:
    defaults = {"id": f"sandbox/{new_id('day')}", "gateway": "sandbox", "start": later(days=-1), "end": NOW}
    return Reconciliation(**{**defaults, "started_at": NOW, **given})


def finding(**given: Any) -> Finding:
    defaults = {"id": new_id("fnd"), "kind": FindingKind.REFUND_DIFFERS, "gateway": "sandbox", "found_at": NOW}
    return Finding(**{**defaults, "subject": new_id("pay"), "detail": "They know of one more", **given})


def account(**given: Any) -> Account:
    """A person with a confirmed address and a password."""
    defaults = {
        "id": new_id("acc"),
        "email": f"person{next(_ids)}@example.org",
        "name": "Ada Buyer",
        "created_at": NOW,
        "password_hash": "$argon2id$…",
        "email_confirmed_at": NOW,
    }
    return Account(**{**defaults, **given})


def erasure(**given: Any) -> Erasure:
    return Erasure(**{"id": new_id("acc"), "asked_by": new_id("acc"), "started_at": NOW, **given})


def consent(**given: Any) -> Consent:
    """To the terms, and to no more."""
    defaults = {"id": new_id("cns"), "account_id": new_id("acc"), "at": NOW, "terms_version": "1", "marketing": False}
    return Consent(**{**defaults, "place": ConsentPlace.PAGE, **given})


def kyc_request(**given: Any) -> KycRequest:
    defaults = {
        "id": new_id("kyc"),
        "account_id": new_id("acc"),
        "legal_name": "Ada Organizer",
        "document_type": DocumentType.PASSPORT,
        "submitted_at": NOW,
    }
    return KycRequest(**{**defaults, **given})


def kyc_document(**given: Any) -> IdentityDocument:
    """A passport, sealed by nobody in particular."""
    key = SealedKey("file:1", b"\x00wrapped\xff")
    defaults = {
        "id": new_id("kyd"),
        "request_id": new_id("kyc"),
        "account_id": new_id("acc"),
        "type": DocumentType.PASSPORT,
        "masked": "XXXX3210",
        "fingerprint": "f00d",
        "number": SealedNumber(b"\x00sealed\xff", key),
        "files": (DocumentFile(Side.FRONT, f"private/kyc/acc_1/{new_id('kyf')}.bin", "application/pdf", 30, key),),
        "added_at": NOW,
    }
    return IdentityDocument(**{**defaults, **given})


def claim(**given: Any) -> Claim:
    return Claim(**{"id": f"email/{new_id('name')}@example.org", "owner_id": new_id("acc"), **given})


def session(**given: Any) -> Session:
    defaults = {"id": new_id("ses"), "account_id": new_id("acc"), "epoch": 3}
    defaults["asked"] = Asked(QuestionKind.CODE, b"sealed")
    return Session(**{**defaults, "created_at": NOW, "expires_at": later(days=14), **given})


def installation(**given: Any) -> Installation:
    """Everybody was signed out once."""
    return Installation(**{"id": new_id("ins"), "era": 1, **given})


def api_key(**given: Any) -> ApiKey:
    """One that was rotated a moment ago."""
    defaults = {"id": new_id("key"), "account_id": new_id("acc"), "name": "Till", "scopes": (Scope.DOOR,)}
    rotated = {"secret_hash": "f00d", "previous_hash": "beef", "previous_until": later(hours=1)}
    terms = {"epoch": 3, "era": 0, "created_at": NOW, "expires_at": later(days=90)}
    return ApiKey(**{**defaults, **rotated, **terms, **given})


def second_factors(**given: Any) -> SecondFactors:
    """An authenticator app, a passkey and two recovery codes."""
    passkey = Passkey(new_id("pky"), "AY1nF3mQ", b"\xa5\x01\x02", 7, "My phone", NOW)
    defaults = {"id": new_id("acc"), "totp": Totp(b"\x00\xffsealed", NOW, 56_000_000), "passkeys": (passkey,)}
    return SecondFactors(**{**defaults, "recovery_codes": ("f00d", "beef"), **given})


def challenge(**given: Any) -> Challenge:
    defaults = {"id": new_id("cha"), "purpose": ChallengePurpose.PROVE, "session_id": new_id("ses")}
    return Challenge(**{**defaults, "expires_at": later(minutes=5), **given})


def one_time_token(**given: Any) -> OneTimeToken:
    defaults = {"id": new_id("otk"), "purpose": TokenPurpose.CONFIRM_EMAIL, "account_id": new_id("acc")}
    return OneTimeToken(**{**defaults, "expires_at": later(hours=1), **given})


def rate_count(**given: Any) -> RateCount:
    return RateCount(**{"id": new_id("rate"), "expected_at": later(minutes=1), **given})


def guess_count(**given: Any) -> GuessCount:
    """Somebody who must wait."""
    guesses = Guesses(6, later(seconds=2))
    return GuessCount(**{"id": new_id("tries"), "guesses": guesses, "forget_at": later(days=90), **given})


def known_device(**given: Any) -> KnownDevice:
    defaults = {"id": new_id("dev"), "account_id": new_id("acc"), "created_at": NOW, "expires_at": later(days=90)}
    return KnownDevice(**{**defaults, **given})


def event_grant(**given: Any) -> EventGrant:
    defaults = {"id": new_id("grant"), "event_id": new_id("evt"), "account_id": new_id("acc")}
    return EventGrant(**{**defaults, "role": TeamRole.DOOR, "granted_by": new_id("acc"), "created_at": NOW, **given})


def event_invitation(**given: Any) -> EventInvitation:
    defaults = {"id": new_id("inv"), "event_id": new_id("evt"), "email": "gate@example.com", "role": TeamRole.DOOR}
    times = {"created_at": NOW, "expires_at": later(days=7)}
    return EventInvitation(**{**defaults, **times, "invited_by": new_id("acc"), **given})


def outbox_entry(**given: Any) -> OutboxEntry:
    """A confirmed booking that nobody has reacted to yet."""
    fact = BookingConfirmed(NOW, BookingId(new_id("bkg")))
    return OutboxEntry(
        **{"id": new_id("out"), "fact": fact, "due_at": NOW, "created_at": NOW, "done": ("issue_tickets",), **given}
    )


def audit_record(**given: Any) -> AuditRecord:
    defaults = {"id": new_id("aud"), "at": NOW, "actor": new_id("acc"), "via": "api", "action": "cancel_booking"}
    return AuditRecord(**{**defaults, "subject": new_id("bkg"), **given})


def unsealed_record(**given: Any) -> UnsealedRecord:
    return UnsealedRecord(**{"id": new_id("aud"), "at": NOW, **given})


def audit_link(**given: Any) -> AuditLink:
    """The first of a chain; its hash is made up."""
    defaults = {"id": new_id("aud"), "sequence": 1, "previous": "0" * 64, "hash": "a" * 64, "sealed_at": NOW}
    return AuditLink(**{**defaults, **given})


def audit_head(**given: Any) -> AuditHead:
    return AuditHead(**{"sequence": 1, "hash": "a" * 64, "open_since": NOW, **given})


def audit_checkpoint(**given: Any) -> AuditCheckpoint:
    """Of the first link; its signature is made up."""
    defaults = {"id": f"{1:016}", "sequence": 1, "hash": "a" * 64, "at": NOW, "previous": 0, "signature": "c2ln"}
    return AuditCheckpoint(**{**defaults, "key_id": 1, **given})


def answer(**given: Any) -> Answer:
    """A request that was answered; the body need not be text."""
    return Answer(
        **{"id": new_id("key"), "fingerprint": "f00d", "created_at": NOW, "status": 201, "body": b"\x00\xff{}", **given}
    )


def notice_receipt(**given: Any) -> NoticeReceipt:
    defaults = {"id": new_id("ntc"), "gateway": "sandbox", "kind": "payment.captured", "received_at": NOW}
    return NoticeReceipt(**{**defaults, "payment_id": new_id("pay"), "refund_id": None, "body": b"{}", **given})


EXAMPLES: Final[Mapping[str, Callable[..., Record]]] = {
    "event": event,
    "booking": booking,
    "ticket": ticket,
    "admission": admission,
    "payment": payment,
    "refund": refund,
    "promo_code": promo_code,
    "dispute": dispute,
    "ledger": ledger_transaction,
    "event_cancellation": event_cancellation,
    "booking_outcome": booking_outcome,
    "reconciliation": reconciliation,
    "finding": finding,
    "account": account,
    "erasure": erasure,
    "consent": consent,
    "kyc_request": kyc_request,
    "kyc_document": kyc_document,
    "claim": claim,
    "session": session,
    "installation": installation,
    "api_key": api_key,
    "second_factors": second_factors,
    "challenge": challenge,
    "one_time_token": one_time_token,
    "rate_count": rate_count,
    "guess_count": guess_count,
    "known_device": known_device,
    "event_grant": event_grant,
    "event_invitation": event_invitation,
    "outbox": outbox_entry,
    "audit": audit_record,
    "audit_unsealed": unsealed_record,
    "audit_link": audit_link,
    "audit_head": audit_head,
    "audit_checkpoint": audit_checkpoint,
    "answer": answer,
    "notice": notice_receipt,
}
"""The builder of each kind of record that is stored."""
