from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from application.access import Actor
from application.errors import EmailNotConfirmed, SignInFailed
from application.ports.clock import Clock
from application.ports.identity import PasswordHasher
from application.ports.randomness import Randomness
from application.records import Session, email_claim_id
from application.secrets import new_secret, secret_id
from application.work import Begin, Work, retrying
from domain.account import Account, AccountDisabled, AccountStatus, Role, canonical_email
from domain.errors import InvalidValue
from domain.ids import ID_LETTERS

SESSION_LENGTH: Final = timedelta(days=30)
STAFF_SESSION_LENGTH: Final = timedelta(hours=24)


@frozen
class SignInCommand:
    email: str
    password: str = field(repr=False)


@frozen
class SignedIn:
    """A session and its secret, which is told this once."""

    account: Account
    secret: str = field(repr=False)
    expires_at: datetime


@frozen
class SignIn:
    """Open a session for somebody who knows the password of a confirmed account.

    An unknown address, a wrong password and a guest all get the same answer and take as long.
    """

    begin: Begin
    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher

    async def __call__(self, command: SignInCommand) -> SignedIn:
        return await retrying(lambda: self._once(command))

    async def _once(self, command: SignInCommand) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account = await self._find(work, command.email)
            if account is not None:
                account.check_may_try(now)
            fits = await self.hasher.verify(account.password_hash if account else "", command.password)
            if account is None or not fits:
                if account is not None:
                    work.accounts.save(account.tried_wrongly(now))
                    await work.commit()
                raise SignInFailed("e-mail and password do not match")
            if account.status is not AccountStatus.ACTIVE:
                raise AccountDisabled("this account was disabled: ask an administrator")
            if account.email_confirmed_at is None:
                raise EmailNotConfirmed("confirm your address first: the link is in the mail that we sent")
            return await self._open(work, account, command.password, now)

    async def _find(self, work: Work, email: str) -> Account | None:
        try:
            claim = await work.claims.find(email_claim_id(canonical_email(email)))
        except InvalidValue:
            return None
        return await work.accounts.find(claim.owner_id) if claim else None

    async def _open(self, work: Work, account: Account, password: str, now: datetime) -> SignedIn:
        signed_in = account.signed_in()
        if self.hasher.is_weak(account.password_hash):
            signed_in = signed_in.rehash(await self.hasher.hash(password))
        if signed_in != account:
            work.accounts.save(signed_in)
        secret = account.id.removeprefix("acc_") + new_secret(self.randomness)
        expires_at = now + (STAFF_SESSION_LENGTH if account.has(Role.ADMIN) else SESSION_LENGTH)
        work.sessions.add(Session(secret_id(secret), account.id, account.epoch, now, expires_at))
        await work.commit()
        return SignedIn(signed_in, secret, expires_at)


@frozen
class Authenticate:
    """Who a session's secret stands for; None if it was ended, by whatever means."""

    begin: Begin
    clock: Clock

    async def __call__(self, secret: str) -> Actor | None:
        work = self.begin()
        # Both at once: the secret begins with whose it is, which proves nothing and saves a round trip.
        session, account = await work.find_both(
            work.sessions, secret_id(secret), work.accounts, f"acc_{secret[:ID_LETTERS]}"
        )
        if session is None or account is None or self.clock.now() >= session.expires_at:
            return None
        fits = account.id == session.account_id and account.epoch == session.epoch
        return Actor.person(account, session) if fits and account.status is AccountStatus.ACTIVE else None


@frozen
class SignOut:
    """End this one session; one that is over already is no error."""

    begin: Begin

    async def __call__(self, secret: str) -> None:
        async with self.begin() as work:
            session = await work.sessions.find(secret_id(secret))
            if session is not None:
                work.sessions.delete(session)
                await work.commit()
