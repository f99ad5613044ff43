"""How long sessions last: for how long unused, and for how long at all."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from application.records import Session
from domain.account import Account, AccountStatus, Role
from domain.api_key import ApiKey
from domain.errors import InvalidValue

_TOUCHES: Final = 12
"""Into how many parts the idle limit is divided: as seldom a session's last use is written down."""
_TOUCHED_AT_LEAST_EVERY: Final = timedelta(hours=1)


@frozen
class SessionSpan:
    """The limits of one sort of people."""

    idle: timedelta
    absolute: timedelta

    def __attrs_post_init__(self) -> None:
        if not timedelta() < self.idle <= self.absolute:
            raise InvalidValue("a session may be unused no longer than it may last")

    @property
    def touched_every(self) -> timedelta:
        """How exactly its last use is known: a session ends that much sooner at most."""
        return min(self.idle / _TOUCHES, _TOUCHED_AT_LEAST_EVERY)


@frozen
class SessionRules:
    """Which sessions hold. Limits that became stricter hold for sessions that are open already."""

    staff: SessionSpan = SessionSpan(timedelta(hours=1), timedelta(hours=24))
    others: SessionSpan = SessionSpan(timedelta(days=14), timedelta(days=30))

    def span_of(self, account: Account) -> SessionSpan:
        return self.staff if account.has(Role.ADMIN) else self.others

    def ends_at(self, session: Session, account: Account) -> datetime:
        """When it ends if it is not used again."""
        span = self.span_of(account)
        return min(session.expires_at, session.created_at + span.absolute, session.used_last_at + span.idle)

    def holds(self, session: Session, account: Account, era: int, now: datetime) -> bool:
        """Whether it opens anything for this account."""
        is_live = account.status is AccountStatus.ACTIVE and is_of_now(session, account, era)
        return is_live and now < self.ends_at(session, account)


def is_of_now(opened: Session | ApiKey, account: Account, era: int) -> bool:
    """Whether nothing has happened to the account, or to everybody at once, that ends what was opened before."""
    return opened.account_id == account.id and opened.epoch == account.epoch and opened.era == era
