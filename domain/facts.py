"""What happened, in the past tense. A fact is stored in the commit that made it true, and reactions follow it."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.ids import AccountId, BookingId, DisputeId, EventId, KycRequestId, PaymentId, RefundId, TicketId
from domain.time import is_aware


@frozen
class Fact:
    """Something true since `at`. It names what it is about and carries no secret and no personal data."""

    at: datetime = field(validator=is_aware)


@frozen(kw_only=True)
class Aggregate:
    """What is stored, versioned and changed as one. A change returns a new one and appends its facts."""

    version: int = 0
    """How often it was stored; 0 means never."""
    facts: tuple[Fact, ...] = field(default=(), eq=False, repr=False)

    def telling(self, *facts: Fact) -> Self:
        """The same, with more to tell."""
        return evolve(self, facts=(*self.facts, *facts))


@frozen
class AccountRegistered(Fact):
    account_id: AccountId


@frozen
class AddressTaken(Fact):
    """Somebody tried to sign up with the address of this account: its owner is told, and nobody else."""

    account_id: AccountId


@frozen
class PasswordResetRequested(Fact):
    account_id: AccountId


@frozen
class StandingChanged(Fact):
    """Roles, status or security of somebody changed whose password an identity provider keeps: it must follow."""

    account_id: AccountId


class FactorChange(StrEnum):
    TOTP_ADDED = "totp_added"
    TOTP_REMOVED = "totp_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"
    REMOVED_BY_STAFF = "removed_by_staff"


@frozen
class SecondFactorsChanged(Fact):
    """A second factor came or went, or a recovery code was used: the person is told, in case it was somebody else."""

    account_id: AccountId
    change: FactorChange


class AccessChange(StrEnum):
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - what happened to one
    PASSWORD_BY_STAFF = "password_by_staff"  # noqa: S105 - what happened, not a password
    KEY_LEAKED = "key_leaked"


@frozen
class AccessChanged(Fact):
    """What opens an account is another, or opens nothing any more: the person is told, in case they do not know."""

    account_id: AccountId
    change: AccessChange


@frozen
class OrganizerDecided(Fact):
    """An identity check ended; the account's own status says how."""

    account_id: AccountId


@frozen
class IdentityCheckAsked(Fact):
    """A request for an identity check is new, or was answered: somebody must look at it."""

    request_id: KycRequestId


@frozen
class IdentityCheckMoved(Fact):
    """A request was decided, needs more, or its approval ends: the applicant must know."""

    request_id: KycRequestId


@frozen
class GuestBooked(Fact):
    """Places were held for an address without signing in: whoever reads its mail must get to the booking."""

    booking_id: BookingId


@frozen
class GuestLinkAsked(Fact):
    """Somebody with bookings but no session asks for a link to them."""

    account_id: AccountId


@frozen
class TeamInvited(Fact):
    """Somebody is asked to work at an event: they must get the link that says yes."""

    invitation_id: str


@frozen
class EventRescheduled(Fact):
    """Date or venue of an event with bookings changed: its holders must be told."""

    event_id: EventId


@frozen
class EventCancelled(Fact):
    event_id: EventId


@frozen
class EventArchived(Fact):
    """It is over and put away: hardly anybody looks at its pictures now."""

    event_id: EventId


@frozen
class BookingConfirmed(Fact):
    booking_id: BookingId


@frozen
class BookingCancelled(Fact):
    booking_id: BookingId


@frozen
class TicketsIssued(Fact):
    booking_id: BookingId


@frozen
class TicketReissued(Fact):
    ticket_id: TicketId


@frozen
class PaymentPageAbandoned(Fact):
    """A booking ended while its payment page was open: the page must take no more money."""

    payment_id: PaymentId


@frozen
class NoticeReceived(Fact):
    """A gateway told us, genuinely, that something about a payment or refund changed."""

    receipt_id: str


@frozen
class RefundReserved(Fact):
    refund_id: RefundId


@frozen
class RefundSettled(Fact):
    """A refund succeeded or failed."""

    refund_id: RefundId


@frozen
class DisputeOpened(Fact):
    """A buyer's bank asks for the money of a booking: its organizer must answer in time."""

    dispute_id: DisputeId


@frozen
class DisputeClosed(Fact):
    """A dispute was won or lost."""

    dispute_id: DisputeId
