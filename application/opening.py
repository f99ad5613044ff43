"""Opening sessions: the one place where a session's secret is made."""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from application.access import Actor
from application.errors import SignInRequired
from application.guess_guard import DeviceKept
from application.ports.randomness import Randomness
from application.records import Asked, Session
from application.secrets import new_secret, secret_id
from application.session_rules import SessionRules, is_of_now
from application.work import Work
from domain.account import Account
from domain.ids import BookingId

GUEST_LENGTH: Final = timedelta(hours=24)
HALF_LENGTH: Final = timedelta(minutes=15)
"""For the second step, or to set up a first factor."""
FRESH_FOR: Final = timedelta(minutes=15)


@frozen
class Origin:
    """What a person is shown of where a session was opened, to know it by."""

    device: str = ""
    source: str = ""


SOMEWHERE: Final = Origin()


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
    session, account, era = await work.find_in_its_era(work.sessions, before.id, work.accounts, known.id)
    if session is None or account is None or not is_of_now(session, account, era) or now >= session.expires_at:
        raise SignInRequired("this session is over: sign in again")
    return account, session


@frozen
class Opening:
    """Opens sessions in a unit of work of somebody else's, who commits it."""

    randomness: Randomness
    rules: SessionRules

    async def open(
        self, work: Work, account: Account, now: datetime, origin: Origin = SOMEWHERE, asked: Asked | None = None
    ) -> SignedIn:
        """All is given: the session can do what the account can, and is fresh."""
        # Whoever is signed out with everybody else between this look and the commit stays so: the era is the old one.
        session = Session("", account.id, account.epoch, now, now, era=await work.era(), asked=asked)
        return self._open(work, evolve(session, device=origin.device, source=origin.source), account, now)

    def _open(self, work: Work, session: Session, account: Account, now: datetime) -> SignedIn:
        ends_at = now + self.rules.span_of(account).absolute
        return self._add(work, account, evolve(session, expires_at=ends_at), now)

    async def open_half(
        self, work: Work, account: Account, now: datetime, origin: Origin = SOMEWHERE, asked: Asked | None = None
    ) -> SignedIn:
        """The password was given, and a second step is to come."""
        session = Session("", account.id, account.epoch, now, now + HALF_LENGTH, awaits_factor=True, asked=asked)
        here = evolve(session, era=await work.era(), device=origin.device, source=origin.source)
        return self._add(work, account, here, now)

    async def open_guest(
        self, work: Work, account: Account, now: datetime, booking_id: BookingId | None = None
    ) -> SignedIn:
        """The account's bookings, or one of them, are open to somebody who gave no password.

        It stays fresh to its end: reading the mail is all that a guest can ever give.
        """
        ends_at = now + GUEST_LENGTH
        session = Session("", account.id, account.epoch, now, ends_at, is_guest=True, booking_id=booking_id)
        return self._add(work, account, evolve(session, era=await work.era()), now)

    def step_up(self, work: Work, session: Session, account: Account, now: datetime) -> SignedIn:
        """A fresh session with a new secret in the place of one that dies with the same commit.

        Whoever learned the old secret before this step has nothing of it. The end stays where it was, unless it
        was the short one of half a sign-in.
        """
        work.sessions.delete(session)
        if session.awaits_factor:
            whole = evolve(session, epoch=account.epoch, created_at=now, awaits_factor=False, version=0)
            return self._open(work, whole, account, now)
        return self._add(work, account, evolve(session, epoch=account.epoch, version=0), now)

    def go_on(self, work: Work, session: Session, account: Account, now: datetime) -> SignedIn:
        """The same under a new secret, no fresher than it was, where all others die with the same commit."""
        work.sessions.delete(session)
        return self._store(work, account, evolve(session, epoch=account.epoch, version=0), now)

    def _add(self, work: Work, account: Account, session: Session, now: datetime) -> SignedIn:
        fresh_until = None if session.awaits_factor else now + FRESH_FOR
        if session.is_guest:
            fresh_until = session.expires_at
        return self._store(work, account, evolve(session, fresh_until=fresh_until), now)

    def _store(self, work: Work, account: Account, session: Session, now: datetime) -> SignedIn:
        secret = account.id.removeprefix("acc_") + new_secret(self.randomness)
        opened = evolve(session, id=secret_id(secret), used_at=now)
        work.sessions.add(opened)
        return SignedIn(account, secret, opened.expires_at, opened.awaits_factor)
