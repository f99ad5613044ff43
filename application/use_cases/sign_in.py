from datetime import datetime

from attrs import evolve, field, frozen

from application.errors import EmailNotConfirmed, SignInFailed, TemporaryPasswordOver
from application.guess_guard import Attempt, GuessGuard
from application.opening import SOMEWHERE, Opening, Origin, SignedIn
from application.ports.clock import Clock
from application.ports.identity import PasswordHasher
from application.records import email_claim_id
from application.secrets import secret_id
from application.work import Begin, retrying
from domain.account import Account, AccountDisabled, AccountStatus, canonical_email
from domain.errors import DomainError, InvalidValue
from domain.second_factors import FactorPolicy


@frozen
class SignInCommand:
    email: str
    password: str = field(repr=False)
    source: str = ""
    """The network from which it comes."""
    device: str = field(default="", repr=False)
    """The secret that a known device keeps."""
    origin: Origin = SOMEWHERE


@frozen
class SignIn:
    """Open a session for somebody who knows the password of a confirmed account.

    Where there is a second factor, or must be, the session opens nothing but the second step.
    An unknown address, a wrong password and a guest all get the same answer, wait as long and take as long.
    """

    begin: Begin
    clock: Clock
    hasher: PasswordHasher
    guard: GuessGuard
    opening: Opening
    factor_policy: FactorPolicy

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
            return await retrying(lambda: self._open(_Checked(account, attempt, rehashed, is_known, command.origin)))

    async def _find(self, email: str) -> Account | None:
        work = self.begin()
        try:
            claim = await work.claims.find(email_claim_id(canonical_email(email)))
        except InvalidValue:
            return None
        return await work.accounts.find(claim.owner_id if claim else "acc_nobody")

    async def _open(self, tried: "_Checked") -> SignedIn:
        now, checked, attempt = self.clock.now(), tried.account, tried.attempt
        async with self.begin() as work:
            account = await work.accounts.get(checked.id)
            is_same = account.password_hash == checked.password_hash
            # Another who signs in at this moment may have hashed the same password anew; a new one raises the epoch.
            if not is_same and account.epoch != checked.epoch:
                raise SignInFailed("e-mail and password do not match")
            refusal = _refusal(account, now)
            if refusal is not None:
                await self.guard.forgive(work, attempt.email)
                await work.commit()
                raise refusal
            device = await self.guard.passed(work, attempt, is_known=tried.is_known)
            if tried.rehashed and is_same:
                account = account.rehash(tried.rehashed)
                work.accounts.save(account)
            # Wrong second factors are counted by themselves: half a sign-in gives no new tries at those.
            is_half = account.has_second_factor or self.factor_policy.requires(account)
            opened = await (self.opening.open_half if is_half else self.opening.open)(work, account, now, tried.origin)
            await work.commit()
        return evolve(opened, device=device)


@frozen
class _Checked:
    """A password that fits, and what is to be kept of the try."""

    account: Account
    attempt: Attempt
    rehashed: str = field(repr=False)
    is_known: bool
    origin: Origin


def _refusal(account: Account, now: datetime) -> DomainError | None:
    """Why somebody who knows the password may not sign in all the same."""
    if account.status is not AccountStatus.ACTIVE:
        return AccountDisabled("this account was disabled: ask an administrator")
    if account.email_confirmed_at is None:
        return EmailNotConfirmed("confirm your address first: the link is in the mail that we sent")
    if account.password_is_over(now):
        return TemporaryPasswordOver("this temporary password is over: ask for another, or for a link by mail")
    return None


@frozen
class SignOut:
    """End this one session; one that is over already is no error."""

    begin: Begin

    async def __call__(self, secret: str) -> None:
        await retrying(lambda: self._once(secret))

    async def _once(self, secret: str) -> None:
        async with self.begin() as work:
            session = await work.sessions.find(secret_id(secret))
            if session is not None:
                work.sessions.delete(session)
                await work.commit()
