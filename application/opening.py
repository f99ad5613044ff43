"""Opening sessions: the one place where a session's secret is made."""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from application.access import Actor
from application.errors import SignInRequired
from application.guess_guard import DeviceKept
from application.ports.randomness import Randomness
from application.records import Session
from application.secrets import new_secret, secret_id
from application.work import Work
from domain.account import Account, Role

SESSION_LENGTH: Final = timedelta(days=30)
STAFF_SESSION_LENGTH: Final = timedelta(hours=24)
HALF_LENGTH: Final = timedelta(minutes=15)
"""For the second step, or to set up a first factor."""
FRESH_FOR: Final = timedelta(minutes=15)


@frozen
class SignedIn:
    """A session and its secret, which is told this once; and what the device keeps to be known the next time."""

    account: Account
    secret: str = field(repr=False)
    expires_at: datetime
    awaits_factor: bool = False
    device: DeviceKept | None = None
    """None where no password was given: then nothing was guessed."""

    @property
    def kept(self) -> DeviceKept:
        """What the device keeps after a password."""
        assert self.device is not None, "no password was given"
        return self.device


async def still_open(work: Work, actor: Actor, now: datetime) -> tuple[Account, Session]:
    """The session as it is now, and whose it is; SignInRequired if it ended since the request was let in."""
    return await as_it_is(work, *actor.recognised(), now)


async def as_it_is(work: Work, known: Account, before: Session, now: datetime) -> tuple[Account, Session]:
    """The same for an account and a session that are known."""
    session, account = await work.find_both(work.sessions, before.id, work.accounts, known.id)
    if session is None or account is None or session.epoch != account.epoch or now >= session.expires_at:
        raise SignInRequired("this session is over: sign in again")
    return account, session


@frozen
class Opening:
    """Opens sessions in a unit of work of somebody else's, who commits it."""

    randomness: Randomness

    def open(self, work: Work, account: Account, now: datetime) -> SignedIn:
        """All is given: the session can do what the account can, and is fresh."""
        length = STAFF_SESSION_LENGTH if account.has(Role.ADMIN) else SESSION_LENGTH
        return self._add(work, account, Session("", account.id, account.epoch, now, now + length), now)

    def open_half(self, work: Work, account: Account, now: datetime) -> SignedIn:
        """The password was given, and a second step is to come."""
        session = Session("", account.id, account.epoch, now, now + HALF_LENGTH, awaits_factor=True)
        return self._add(work, account, session, now)

    def step_up(self, work: Work, session: Session, account: Account, now: datetime) -> SignedIn:
        """A fresh session with a new secret in the place of one that dies with the same commit.

        Whoever learned the old secret before this step has nothing of it. The end stays where it was, unless it
        was the short one of half a sign-in.
        """
        work.sessions.delete(session)
        if session.awaits_factor:
            return self.open(work, account, now)
        return self._add(work, account, evolve(session, epoch=account.epoch, version=0), now)

    def _add(self, work: Work, account: Account, session: Session, now: datetime) -> SignedIn:
        secret = account.id.removeprefix("acc_") + new_secret(self.randomness)
        fresh_until = None if session.awaits_factor else now + FRESH_FOR
        opened = evolve(session, id=secret_id(secret), fresh_until=fresh_until)
        work.sessions.add(opened)
        return SignedIn(account, secret, opened.expires_at, opened.awaits_factor)
