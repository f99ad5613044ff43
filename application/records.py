"""What the application keeps beside the domain's aggregates: sessions, mail links, the outbox, the audit."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from attrs import evolve, field, frozen

from application.ports.credentials import QuestionKind
from domain.facts import Fact
from domain.ids import ID_BYTES, AccountId, BookingId, EventId, PaymentId, RefundId, make_id
from domain.time import is_aware


@frozen(kw_only=True)
class Stored:
    """A record without a life of its own in the domain."""

    version: int = 0


@frozen
class Claim(Stored):
    """A name that only one may have: `email/…` of an account."""

    id: str
    owner_id: str


def email_claim_id(email: str) -> str:
    return f"email/{email}"


@frozen
class Asked:
    """What an identity provider asked between password and session."""

    kind: QuestionKind
    token: bytes = field(repr=False)
    """By which it knows the question again: sealed."""


@frozen
class Session(Stored):
    """Somebody is signed in. `id` is the hash of a secret that only they have."""

    id: str = field(repr=False)
    account_id: AccountId
    epoch: int
    created_at: datetime = field(validator=is_aware)
    expires_at: datetime = field(validator=is_aware)
    awaits_factor: bool = False
    """Whether only the password was given so far: then it opens nothing but the second step."""
    fresh_until: datetime | None = None
    """Until when a password or factor counts as just given."""
    is_guest: bool = False
    """Whether no password was given: then it opens the account's bookings and nothing else of it."""
    booking_id: BookingId | None = None
    """The one booking that it opens; None: all that the rest of it says."""
    era: int = 0
    """The installation's when it was opened."""
    used_at: datetime | None = None
    """When it was used last, as far as that was written down."""
    device: str = ""
    """What it was opened with, in a few words."""
    source: str = ""
    """The neighbourhood from which it was opened: a /24 or a /64."""
    asked: Asked | None = None
    """What an identity provider has yet to be answered, before there is a session or a password of one's own."""

    @property
    def used_last_at(self) -> datetime:
        return self.used_at or self.created_at

    @property
    def name(self) -> str:
        """What its owner calls it by. The id stays with us."""
        return make_id("ses", sha256(self.id.encode()).digest()[:ID_BYTES])

    def used(self, at: datetime) -> Self:
        return evolve(self, used_at=max(at, self.used_last_at))


class ChallengePurpose(StrEnum):
    REGISTER = "register"
    PROVE = "prove"
    """A second step, or a sign-in that is confirmed."""
    SIGN_IN = "sign_in"
    """A sign-in by passkey alone."""


@frozen
class Challenge(Stored):
    """What a passkey is asked to sign. `id` is the hash of the challenge; using it deletes it."""

    id: str = field(repr=False)
    purpose: ChallengePurpose
    session_id: str = field(repr=False)
    """The one session that may answer; empty for somebody who has none yet."""
    expires_at: datetime = field(validator=is_aware)


class TokenPurpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    JOIN_TEAM = "join_team"
    OPEN_BOOKINGS = "open_bookings"


@frozen
class OneTimeToken(Stored):
    """A link in a mail. `id` is the hash of its secret; using it deletes it."""

    id: str = field(repr=False)
    purpose: TokenPurpose
    account_id: AccountId
    expires_at: datetime = field(validator=is_aware)
    epoch: int = 0
    """The account's when it was made: any change of security ends it, as it ends sessions."""
    subject: str = ""
    """What the link is about, if not about the account: an invitation, which may be to somebody without one."""


class TeamRole(StrEnum):
    """What a person is at an event that is not theirs; what each may do, `application.access` says."""

    DOOR = "door"
    CO_ORGANIZER = "co_organizer"


@frozen
class EventGrant(Stored):
    """An organizer lets somebody work at one event. A person has one role there."""

    id: str
    event_id: EventId
    account_id: AccountId
    role: TeamRole
    granted_by: AccountId
    created_at: datetime = field(validator=is_aware)


def grant_id(event_id: EventId, account_id: AccountId) -> str:
    return f"{event_id}/{account_id}"


@frozen
class EventInvitation(Stored):
    """Somebody is asked to work at one event, whether or not the address has an account. Accepting deletes it."""

    id: str
    event_id: EventId
    email: str
    """In its canonical form."""
    role: TeamRole
    invited_by: AccountId
    created_at: datetime = field(validator=is_aware)
    expires_at: datetime = field(validator=is_aware)


def invitation_id(event_id: EventId, email: str) -> str:
    """One for each address and event: whoever is asked twice is asked once, as the second time says."""
    return make_id("inv", sha256(f"{event_id}\n{email}".encode()).digest()[:ID_BYTES])


class DeliveryState(StrEnum):
    PENDING = "pending"
    DEAD = "dead"


@frozen
class OutboxEntry(Stored):
    """A fact on its way to those who react to it. It is deleted when the last of them is done."""

    id: str
    fact: Fact
    due_at: datetime = field(validator=is_aware)
    created_at: datetime = field(validator=is_aware)
    state: DeliveryState = DeliveryState.PENDING
    done: tuple[str, ...] = ()
    """The reactions that have settled it."""
    attempts: int = 0
    last_error: str = ""

    def leased(self, until: datetime) -> Self:
        """Taken by one relay: nobody else looks at it until then."""
        return evolve(self, due_at=until, attempts=self.attempts + 1)


@frozen
class AuditRecord(Stored):
    """Who did what to what, stored in the same commit as the deed. No personal data beyond ids."""

    id: str
    at: datetime = field(validator=is_aware)
    actor: str
    via: str
    action: str
    subject: str
    detail: str = ""
    request_id: str = ""
    """Of the request or the command: the answer, the log and all records of it have the same."""
    on_behalf_of: str = ""
    """The account for which somebody else acted, if any."""
    reason: str = ""
    """The SHA-256 of the words that were given as reason. They stay with the object, for they may speak of people."""
    before: str = ""
    """The SHA-256 of the object as it was stored when the deed began, where the deed read it."""
    after: str = ""
    """The SHA-256 of the object as the deed stored it."""


ANSWER_KEPT: Final = timedelta(days=7)


@frozen
class Answer(Stored):
    """What was answered to a request with an idempotency key; `body` is empty while it is under way."""

    id: str
    fingerprint: str
    created_at: datetime = field(validator=is_aware)
    lease_until: datetime | None = None
    status: int = 0
    body: bytes = b""


NOTICE_KEPT: Final = timedelta(days=90)
"""Longer than any gateway delivers one message again, so that each is known by its name while it may still come."""


class NoticeState(StrEnum):
    PENDING = "pending"
    APPLIED = "applied"
    QUARANTINED = "quarantined"


@frozen
class NoticeReceipt(Stored):
    """A gateway's genuine message, kept once however often it is delivered."""

    id: str
    """Made from gateway, account and the gateway's own name for it: see `notice_id`."""
    gateway: str
    kind: str
    received_at: datetime = field(validator=is_aware)
    payment_id: PaymentId | None
    refund_id: RefundId | None
    body: bytes = field(repr=False)
    """The raw message, sealed: it speaks of people. Empty once it is older than NOTICE_KEPT."""
    applied_at: datetime | None = None
    outcome: str = ""
    payment_reference: str = ""
    account: str = ""
    """Which of the gateway's accounts it speaks for."""
    event_id: str = ""
    """The gateway's own name for the message."""
    quarantined: bool = False
    """Whether it speaks of money that is not what we asked for, so that a person must look."""

    @property
    def is_about_money(self) -> bool:
        """Whether it names a payment or refund at all; gateways also tell of other things."""
        return bool(self.payment_id or self.refund_id or self.payment_reference)

    @property
    def state(self) -> NoticeState:
        if self.quarantined:
            return NoticeState.QUARANTINED
        return NoticeState.PENDING if self.applied_at is None else NoticeState.APPLIED

    def told_again(self) -> Self:
        """As if it had just come: what was made of it before no longer counts."""
        return evolve(self, applied_at=None, outcome="", quarantined=False)


def notice_id(gateway: str, account: str, event_id: str) -> str:
    """One name for one message, however often and to whichever process it is delivered."""
    return make_id("ntc", sha256(f"{gateway}\n{account}\n{event_id}".encode()).digest()[:ID_BYTES])
