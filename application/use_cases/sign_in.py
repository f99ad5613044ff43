from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from application.access import Actor
from application.errors import EmailNotConfirmed, SignInFailed
from application.guess_guard import Attempt, DeviceKept, GuessGuard
from application.ports.clock import Clock
from application.ports.identity import PasswordHasher
from application.ports.randomness import Randomness
from application.records import Session, email_claim_id
from application.secrets import new_secret, secret_id
from application.work import Begin, retrying
from domain.account import Account, AccountDisabled, AccountStatus, Role, canonical_email
from domain.errors import DomainError, InvalidValue
from domain.ids import ID_LETTERS

SESSION_LENGTH: Final = timedelta(days=30)
STAFF_SESSION_LENGTH: Final = timedelta(hours=24)


@frozen
class SignInCommand:
    email: str
    password: str = field(repr=False)
    source: str = ""
    """The network from which it comes."""
    device: str = field(default="", repr=False)
    """The secret that a known device keeps."""


@frozen
class SignedIn:
    """A session and its secret, which is told this once; and what the device keeps to be known the next time."""

    account: Account
    secret: str = field(repr=False)
    expires_at: datetime
    device: DeviceKept


@frozen
class SignIn:
    """Open a session for somebody who knows the password of a confirmed account.

    An unknown address, a wrong password and a guest all get the same answer, wait as long and take as long.
    """

    begin: Begin
    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    guard: GuessGuard

    async def __call__(self, command: SignInCommand) -> SignedIn:
        account = await self._find(command.email)
        attempt = Attempt(command.email, account.id if account else None, command.source, command.device)
        is_known = await self.guard.admit(attempt)
        fits = await self.hasher.verify(account.password_hash if account else "", command.password)
        if account is None or not fits:
            await self.guard.failed(attempt, is_known=is_known)
            raise SignInFailed("e-mail and password do not match")
        is_weak = self.hasher.is_weak(account.password_hash)
        rehashed = await self.hasher.hash(command.password) if is_weak else ""
        async with self.guard.turn(attempt):
            return await retrying(lambda: self._open(account, attempt, rehashed, is_known=is_known))

    async def _find(self, email: str) -> Account | None:
        work = self.begin()
        try:
            claim = await work.claims.find(email_claim_id(canonical_email(email)))
        except InvalidValue:
            return None
        return await work.accounts.find(claim.owner_id if claim else "acc_nobody")

    async def _open(self, checked: Account, attempt: Attempt, rehashed: str, *, is_known: bool) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account = await work.accounts.get(checked.id)
            is_same = account.password_hash == checked.password_hash
            # Another who signs in at this moment may have hashed the same password anew; a new one raises the epoch.
            if not is_same and account.epoch != checked.epoch:
                raise SignInFailed("e-mail and password do not match")
            refusal = _refusal(account)
            if refusal is not None:
                await self.guard.forgive(work, attempt.email)
                await work.commit()
                raise refusal
            device = await self.guard.passed(work, attempt, is_known=is_known)
            if rehashed and is_same:
                account = account.rehash(rehashed)
                work.accounts.save(account)
            secret = account.id.removeprefix("acc_") + new_secret(self.randomness)
            expires_at = now + (STAFF_SESSION_LENGTH if account.has(Role.ADMIN) else SESSION_LENGTH)
            work.sessions.add(Session(secret_id(secret), account.id, account.epoch, now, expires_at))
            await work.commit()
        return SignedIn(account, secret, expires_at, device)


def _refusal(account: Account) -> DomainError | None:
    """Why somebody who knows the password may not sign in all the same."""
    if account.status is not AccountStatus.ACTIVE:
        return AccountDisabled("this account was disabled: ask an administrator")
    if account.email_confirmed_at is None:
        return EmailNotConfirmed("confirm your address first: the link is in the mail that we sent")
    return None


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
