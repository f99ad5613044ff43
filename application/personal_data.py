"""What each kind of record holds of people: what an export tells, and what an erasure does to it.

A kind or a field that is not here fails a test, so that nobody adds one without deciding. docs/privacy.md says the same
to those whose data it is.
"""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

_OURS: Final = "how we count and go about it, and nothing of the person"
_SENSITIVE: Final = "a secret, or what a secret could be guessed from"
_OTHERS: Final = "somebody else"
_SAME: Final = "said already by the record that it belongs to"


@frozen
class PersonalData:
    """One kind of record."""

    when_erased: str
    told: tuple[str, ...] = ()
    """The fields that an export tells; none if the kind is not in it."""
    left_out: Mapping[str, str] = field(factory=dict)
    """Its other fields, and why each is not told."""
    untold: str = ""
    """Why nothing of the kind is told."""


def _not(reason: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, reason)


_TOLD: Final = {
    "account": PersonalData(
        "name, address, telephone number, picture and password go, at an identity provider too; the number stays, for "
        "bookings and the audit refer to it",
        (
            *("id", "email", "name", "phone", "picture", "roles", "status", "created_at", "email_confirmed_at"),
            *("kyc", "kyc_expires_at", "has_second_factor"),
        ),
        _not(_SENSITIVE, "password_hash", "password_until", "password_is_short", "login_id")
        | _not(_OURS, "epoch", "factor_elsewhere", "erasing_until")
        | _not(_SAME, "kyc_request_id"),
    ),
    "booking": PersonalData(
        "the buyer's name, address and words go; what was booked and paid stays for the organizer's books",
        (
            *("id", "event_id", "buyer_name", "buyer_email", "lines", "price", "created_at", "hold_expires_at"),
            *("status", "payment_id", "confirmed_at", "ended_reason", "ticket_ids", "refund_policy", "refunds_until"),
            "promo_code",
        ),
        _not(_SENSITIVE, "group_token")
        | _not(_OURS, "takes", "group_generation")
        | _not(_OTHERS, "organizer_id")
        | _not(_SAME, "buyer_id"),
    ),
    "ticket": PersonalData(
        "the holder's name goes; that a place was sold and used stays",
        (
            *("id", "booking_id", "event_id", "ticket_type", "holder_name", "number", "status", "entry"),
            *("valid_from", "valid_until"),
        ),
        _not(_SENSITIVE, "token")
        | _not(_OURS, "generation", "ticket_type_id")
        | _not(_OTHERS, "organizer_id")
        | _not(_SAME, "buyer_id"),
    ),
    "admission": PersonalData(
        "the holder's name, and the words of whoever undid an entry, go; the line of the door log stays",
        (
            *("id", "event_id", "booking_id", "ticket_ids", "at", "gate", "outcome", "reason", "message"),
            *("holder_name", "first_entry"),
        ),
        _not(_SENSITIVE, "code_hash") | _not(_OURS, "remaining") | _not(_OTHERS, "by"),
    ),
    "payment": PersonalData(
        "what the buyer was shown to pay on goes; the money stays, as tax law asks",
        (
            *("id", "booking_id", "event_id", "gateway", "gateway_reference", "amount", "status", "created_at"),
            *("captured_at", "refunding", "outside", "dispute_ids", "disputed", "charged_back"),
        ),
        _not(_OURS, "page_expires_at", "next_poll_at", "polls", "quarantined", "fee", "announced")
        | _not(_SENSITIVE, "page_url", "checkout")
        | _not(_SAME, "buyer_id"),
    ),
    "refund": PersonalData(
        "the words of its reason go; the money stays, as tax law asks",
        (
            *("id", "payment_id", "booking_id", "gateway", "gateway_reference", "amount", "reason", "created_at"),
            *("status", "failure", "ticket_ids", "outside"),
        ),
        _not(_OURS, "next_poll_at", "polls") | _not(_OTHERS, "proposed_by", "approved_by"),
    ),
    "dispute": PersonalData(
        "stays: it names numbers and sums alone",
        (
            *("id", "payment_id", "booking_id", "event_id", "gateway", "gateway_reference", "amount", "reason"),
            *("opened_at", "status", "withdrawn", "closed_at"),
        ),
        _not(_OURS, "policy", "fee") | _not(_OTHERS, "organizer_id"),
    ),
    "booking_outcome": PersonalData(
        "the note on how the money was given back goes; the sum stays",
        ("id", "event_id", "created_at", "amount", "state", "note"),
        _not(_OURS, "look_at", "tries", "trouble") | _not(_OTHERS, "settled_by"),
    ),
    "event": PersonalData(
        "a draft goes; what was published stays, for people have booked it",
        ("id", "title", "description", "category", "venue", "schedule", "status", "created_at"),
        _not(_SAME, "organizer_id")
        | _not(
            _OURS,
            *("currency", "allotments", "ticket_types", "archived", "door_sales", "hold_minutes", "images"),
            *("refund_policy", "dispute_policy", "tax"),
        ),
    ),
    "kyc_request": PersonalData(
        "goes at once if it was never approved; else it is kept for RELEX_KYC_KEEP_ENDED_DAYS, and then destroyed",
        (
            *("id", "legal_name", "document_type", "submitted_at", "status", "notes", "decided_at", "document_ids"),
            *("steps", "expires_at", "warned_at"),
        ),
        _not(_OTHERS, "reviewer_id") | _not(_SAME, "account_id") | _not(_OURS, "account_ended_at"),
    ),
    "kyc_document": PersonalData(
        "goes with its request: its keys are destroyed first, so that no copy can be read",
        ("id", "request_id", "type", "masked", "files", "added_at"),
        _not(_SENSITIVE, "fingerprint", "number") | _not(_SAME, "account_id"),
    ),
    "session": PersonalData(
        "goes",
        ("created_at", "expires_at", "awaits_factor", "is_guest", "booking_id", "used_at", "device", "source"),
        _not(_SENSITIVE, "id", "asked") | _not(_OURS, "epoch", "era", "fresh_until") | _not(_SAME, "account_id"),
    ),
    "api_key": PersonalData(
        "goes",
        ("id", "name", "scopes", "event_id", "created_at", "expires_at", "used_at", "revoked_at"),
        _not(_SENSITIVE, "secret_hash", "previous_hash")
        | _not(_OURS, "epoch", "era", "previous_until", "revoked")
        | _not(_SAME, "account_id"),
    ),
    "known_device": PersonalData(
        "goes",
        ("created_at", "expires_at"),
        _not(_SENSITIVE, "id") | _not(_OURS, "guesses") | _not(_SAME, "account_id"),
    ),
    "second_factors": PersonalData(
        "goes",
        ("totp", "passkeys", "recovery_codes"),
        _not(_SAME, "id") | _not(_SENSITIVE, "pending") | _not(_OURS, "guesses", "counted_at_epoch"),
    ),
    "event_grant": PersonalData(
        "goes",
        ("event_id", "role", "created_at"),
        _not(_OTHERS, "granted_by") | _not(_SAME, "id", "account_id"),
    ),
    "event_invitation": PersonalData(
        "goes",
        ("event_id", "email", "role", "created_at", "expires_at"),
        _not(_OTHERS, "invited_by") | _not(_SAME, "id"),
    ),
    "consent": PersonalData(
        "stays as proof of what was agreed to: it names a number alone",
        ("at", "terms_version", "marketing", "place"),
        _not(_SAME, "id", "account_id"),
    ),
    "audit": PersonalData(
        "stays: it names numbers alone, and nobody can change it",
        ("id", "at", "actor", "via", "action", "subject", "detail", "on_behalf_of", "request_id"),
        _not(_SENSITIVE, "reason", "before", "after"),
    ),
}
_UNTOLD: Final = {
    "erasure": PersonalData("stays: it says that a number was erased, and when", untold="there is none before the end"),
    "installation": PersonalData("stays: it names no person", untold=_OURS),
    "claim": PersonalData("goes: the address is free again", untold=_SAME),
    "one_time_token": PersonalData("goes", untold=_SENSITIVE),
    "challenge": PersonalData("goes by itself after minutes: it names a session alone", untold=_SENSITIVE),
    "rate_count": PersonalData("goes by itself after an hour: its name is a hash", untold=_OURS),
    "guess_count": PersonalData(
        "that of the address goes; those of networks go by themselves after an hour", untold=_SENSITIVE
    ),
    "outbox": PersonalData(
        "letters that wait for the person go, and addresses in what a mail server said", untold=_OURS
    ),
    "answer": PersonalData("goes if it is about the person's bookings, and after a week in any case", untold=_SAME),
    "notice": PersonalData(
        "what a payment provider wrote is sealed, and goes by itself after 90 days", untold="for payments, told there"
    ),
    "promo_code": PersonalData("stays: it belongs to an event", untold=_OTHERS),
    "ledger": PersonalData("stays, as tax law asks: it names numbers and sums alone", untold=_SAME),
    "event_cancellation": PersonalData("stays: it belongs to an event", untold=_SAME),
    "reconciliation": PersonalData("stays: it names no person", untold=_OURS),
    "finding": PersonalData("stays: it names payments alone", untold=_OURS),
    "audit_unsealed": PersonalData("stays: it names audit records alone", untold=_OURS),
    "audit_link": PersonalData("stays: it names audit records alone", untold=_OURS),
    "audit_head": PersonalData("stays: it names no person", untold=_OURS),
    "audit_checkpoint": PersonalData("stays: it names no person", untold=_OURS),
}

PERSONAL_DATA: Final[Mapping[str, PersonalData]] = _TOLD | _UNTOLD
"""By the name of the kind."""
