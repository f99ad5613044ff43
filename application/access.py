"""Who acts, and what they may see and do. Every use case and every list is given one; there is no unscoped way in."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import field, frozen

from application.errors import FreshSignInRequired, NotFound, SecondFactorRequired, SignInRequired
from application.records import Session
from domain.account import Account, NotAllowed, Role
from domain.api_key import ApiKey
from domain.booking import Booking
from domain.event import Event
from domain.ids import AccountId


class Via(StrEnum):
    HTTP = "http"
    CLI = "cli"
    SYSTEM = "system"


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
    on_behalf_of: str = ""
    """For the audit: the account for which this actor acts, where that is another one."""
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
        if self.halfway is not None:
            raise SecondFactorRequired("give your second factor first: POST /api/v1/sessions/current/factor")
        if self.account is None:
            raise SignInRequired("sign in first")
        return self.account

    def recognised(self) -> tuple[Account, Session]:
        """Who gave at least the password, and the session it opened; SignInRequired of all others."""
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

    def is_person(self, account_id: AccountId) -> bool:
        return self.account is not None and self.account.id == account_id and self.account.has(Role.USER)

    def may_manage(self, event: Event) -> bool:
        """Its organizer, or an administrator."""
        return self.has(Role.ADMIN) or (self.is_person(event.organizer_id) and self.has(Role.ORGANIZER))

    def check_may_manage(self, event: Event) -> None:
        """NotFound for everybody else: an event of others and none at all look the same."""
        if self.may_manage(event):
            return
        self.check(Role.USER)
        raise NotFound("no such event")

    def manages(self, booking: Booking) -> bool:
        return self.has(Role.ADMIN) or (self.is_person(booking.organizer_id) and self.has(Role.ORGANIZER))

    def check_may_see(self, booking: Booking) -> None:
        """NotFound unless it is the buyer's, the organizer's or an administrator's to see."""
        if self.manages(booking) or self.is_person(booking.buyer_id):
            return
        self.check(Role.USER)
        raise NotFound("no such booking")
