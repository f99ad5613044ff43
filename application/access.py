"""Who acts, and what they may see and do. Every use case and every list is given one; there is no unscoped way in."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from application.errors import (
    FreshSignInRequired,
    NotFound,
    PasswordChangeRequired,
    SecondFactorRequired,
    SignInRequired,
)
from application.records import EventGrant, Session, TeamRole
from domain.account import Account, NotAllowed, Role
from domain.api_key import ApiKey
from domain.booking import Booking
from domain.event import Event
from domain.ids import AccountId, EventId


class Via(StrEnum):
    HTTP = "http"
    CLI = "cli"
    SYSTEM = "system"


class EventDeed(StrEnum):
    """What may be done at an event, from the least to the most."""

    SCAN = "scan"
    MANAGE = "manage"
    """Edit it, its ticket types, codes and pictures; see its bookings and figures; refund within its policy."""
    OWN = "own"
    """Publish it, call it off, delete it, decide about money beyond its policy, name co-organizers."""


_LET: Final = {
    TeamRole.DOOR: frozenset({EventDeed.SCAN}),
    TeamRole.CO_ORGANIZER: frozenset({EventDeed.SCAN, EventDeed.MANAGE}),
}
"""What each role of a team may do. An organizer and administrators may do it all."""


@frozen
class Actor:
    """A person at the other end, an operator at the command line, or the system itself."""

    name: str
    """For the audit: an account's id, `cli:` and the operator's login, or `system`."""
    via: Via
    account: Account | None = None
    session: Session | None = field(default=None, repr=False)
    halfway: Account | None = None
    """Who gave the password alone: nobody, for all but the second step of the sign-in."""
    must_change: bool = False
    """Whether the one `halfway` gave all that is asked for, but the password is a temporary one."""
    on_behalf_of: str = ""
    """For the audit: the account for which this actor acts, where that is another one."""
    grant: EventGrant | None = None
    """What they were let do at one event of somebody else's, where that was read: see `application.event_access`."""
    guest: Account | None = None
    """Whose bookings this is about, or one of them, for somebody who is not signed in."""
    key: ApiKey | None = field(default=None, repr=False)
    """By which a program acts for the account; it has no session, and is never fresh."""

    @classmethod
    def person(cls, account: Account, session: Session | None = None) -> Self:
        return cls(account.id, Via.HTTP, account, session)

    @classmethod
    def program(cls, account: Account, key: ApiKey) -> Self:
        """May do what the person may now, at the routes that the key's scopes open."""
        return cls(account.id, Via.HTTP, account, key=key)

    @classmethod
    def half(cls, account: Account, session: Session) -> Self:
        """Somebody between the two steps of a sign-in."""
        return cls("anonymous", Via.HTTP, None, session, account)

    @classmethod
    def of_guest(cls, account: Account, session: Session) -> Self:
        """Somebody without a password, by a link in a mail or by the booking itself.

        The account is not theirs to act as: whatever asks for one refuses them. Where the session opens one booking,
        the name says which, so that two strangers who typed the same address share no answers and no limits.
        """
        name = f"guest/{session.booking_id}" if session.booking_id else account.id
        return cls(name, Via.HTTP, None, session, guest=account)

    @classmethod
    def changing(cls, account: Account, session: Session) -> Self:
        """Somebody who must choose a password, and can do nothing else."""
        return cls("anonymous", Via.HTTP, None, session, account, must_change=True)

    @classmethod
    def anonymous(cls) -> Self:
        return cls("anonymous", Via.HTTP)

    @classmethod
    def operator(cls, login: str) -> Self:
        """Who has a shell on the server may do everything, and is written down."""
        return cls(f"cli:{login}", Via.CLI)

    @classmethod
    def system(cls) -> Self:
        return cls("system", Via.SYSTEM)

    @property
    def way(self) -> str:
        """For the audit: by what means it acts. A key is named, and never its secret."""
        return self.via if self.key is None else f"key/{self.key.id}"

    @property
    def is_trusted(self) -> bool:
        """Whether it acts from inside, without an account."""
        return self.via is not Via.HTTP

    def has(self, role: Role) -> bool:
        return self.is_trusted or (self.account is not None and self.account.has(role))

    def check(self, role: Role) -> None:
        """SignInRequired of a stranger, NotAllowed of somebody below the role."""
        if self.has(role):
            return
        self.signed_in()
        raise NotAllowed(f"this needs the role {role}")

    def signed_in(self) -> Account:
        """The person; SignInRequired if there is none, SecondFactorRequired between the steps of a sign-in."""
        self._check_password_is_own()
        if self.halfway is not None:
            raise SecondFactorRequired("give your second factor first: POST /api/v1/sessions/current/factor")
        if self.account is None:
            raise SignInRequired("sign in first")
        return self.account

    def _check_password_is_own(self) -> None:
        if self.must_change:
            raise PasswordChangeRequired("choose a password of your own first: POST /api/v1/me/password")

    def recognised(self) -> tuple[Account, Session]:
        """Who gave at least the password, and the session it opened; SignInRequired of all others.

        PasswordChangeRequired of who was given that password by somebody else.
        """
        self._check_password_is_own()
        return self.gave_password()

    def gave_password(self) -> tuple[Account, Session]:
        """The same, whoever made the password."""
        account = self.account or self.halfway
        if account is None or self.session is None:
            raise SignInRequired("sign in first")
        return account, self.session

    def check_fresh(self, at: datetime) -> None:
        """FreshSignInRequired unless a password or a factor was given in the last minutes. Operators are at a shell."""
        if self.is_trusted:
            return
        fresh_until = self.session.fresh_until if self.session else None
        if fresh_until is None or at >= fresh_until:
            raise FreshSignInRequired(
                "give your password or a second factor again: POST /api/v1/sessions/current/confirmation, then repeat"
            )

    def buyer(self) -> Account:
        """Whose bookings they may ask for; SignInRequired of a stranger."""
        return self.signed_in() if self.guest is None else self.guest

    def check_buyer(self) -> None:
        """A guest or somebody signed in; SignInRequired of a stranger."""
        if self.guest is None or not self.guest.has(Role.USER):
            self.check(Role.USER)

    def is_buyer_of(self, booking: Booking) -> bool:
        """Whether the booking is theirs; for a session that opens one booking, whether it is that one."""
        if self.guest is None:
            return self.is_person(booking.buyer_id)
        only = self.session.booking_id if self.session else None
        is_own = booking.buyer_id == self.guest.id and self.guest.has(Role.USER)
        return is_own and only in {None, booking.id}

    def is_person(self, account_id: AccountId) -> bool:
        return self.account is not None and self.account.id == account_id and self.account.has(Role.USER)

    def granted(self, grant: EventGrant | None) -> Self:
        """The same, with what was read of their rights at one event."""
        return evolve(self, grant=grant)

    def may(self, deed: EventDeed, event: Event) -> bool:
        """Its organizer, an administrator, or whom the organizer let."""
        return self._organizes(event.organizer_id) or self._is_let(deed, event.id)

    def check_may(self, deed: EventDeed, event: Event) -> None:
        """NotFound for strangers to the event: one of others and none at all look the same.

        NotAllowed for those who manage it, and know that it is there.
        """
        if self.may(deed, event):
            return
        self.check(Role.USER)
        if self.may(EventDeed.MANAGE, event):
            raise NotAllowed("this is for the event's organizer")
        raise NotFound("no such event")

    def owns(self, booking: Booking) -> bool:
        """Whether the event is theirs, or they are an administrator."""
        return self._organizes(booking.organizer_id)

    def manages(self, booking: Booking) -> bool:
        return self.owns(booking) or self._is_let(EventDeed.MANAGE, booking.event_id)

    def check_may_see(self, booking: Booking) -> None:
        """NotFound unless it is the buyer's, or of an event that the actor manages."""
        if self.manages(booking) or self.is_buyer_of(booking):
            return
        self.check_buyer()
        raise NotFound("no such booking")

    def _organizes(self, organizer_id: AccountId) -> bool:
        return self.has(Role.ADMIN) or (self.is_person(organizer_id) and self.has(Role.ORGANIZER))

    def _is_let(self, deed: EventDeed, event_id: EventId) -> bool:
        grant = self.grant
        if grant is None or grant.event_id != event_id or not self.is_person(grant.account_id):
            return False
        return deed in _LET[grant.role]
