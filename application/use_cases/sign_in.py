from datetime import datetime

from attrs import evolve, field, frozen

from application.asked_elsewhere import Questions
from application.errors import EmailNotConfirmed, SignInFailed, TemporaryPasswordOver
from application.even_work import account_of
from application.guess_guard import Attempt, GuessGuard
from application.opening import SOMEWHERE, Opening, Origin, SignedIn
from application.ports.clock import Clock
from application.ports.credentials import KEPT_ELSEWHERE, Check, CredentialKeeper, QuestionKind
from application.secrets import secret_id
from application.use_cases.welcome import Welcome
from application.work import Begin, retrying
from domain.account import TEMPORARY, Account, AccountDisabled, AccountStatus
from domain.email_address import canonical_email
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
    keeper: CredentialKeeper
    welcome: Welcome
    questions: Questions
    guard: GuessGuard
    opening: Opening
    factor_policy: FactorPolicy

    async def __call__(self, command: SignInCommand) -> SignedIn:
        account = await self._find(command.email)
        attempt = Attempt(command.email, account.id if account else None, command.source, command.device)
        is_known = await self.guard.admit(attempt)
        check = await self.keeper.check(command.email, account, command.password)
        account = await self._whose(account, check)
        if account is None:
            await self.guard.failed(attempt, is_known=is_known)
            raise SignInFailed("e-mail and password do not match")
        passed = evolve(attempt, account_id=account.id)
        async with self.guard.turn(passed):
            return await retrying(lambda: self._open(_Checked(account, passed, check, is_known, command.origin)))

    async def _whose(self, account: Account | None, check: Check) -> Account | None:
        """Whose password it is; None if it is nobody's."""
        if not check.fits and check.question is None:
            return None
        if check.person is None:
            return account
        found = account or await self.welcome(check.person)
        # Another may have got the same address at the identity provider, after the first was removed there.
        return found if found is not None and found.may_be(check.person.login_id) else None

    async def _find(self, email: str) -> Account | None:
        try:
            address = canonical_email(email)
        except InvalidValue:
            return None
        return await account_of(self.begin(), address)

    async def _open(self, tried: "_Checked") -> SignedIn:
        now, checked, attempt = self.clock.now(), tried.account, tried.attempt
        async with self.begin() as work:
            account = await work.accounts.get(checked.id)
            is_same = account.password_hash == checked.password_hash
            # Another who signs in at this moment may have hashed the same password anew; a new one raises the epoch.
            if not is_same and account.epoch != checked.epoch:
                raise SignInFailed("e-mail and password do not match")
            refusal = _refusal(account, tried.check, now)
            if refusal is not None:
                await self.guard.forgive(work, attempt.email)
                await work.commit()
                raise refusal
            device = await self.guard.passed(work, attempt, is_known=tried.is_known)
            known = _learnt(account, tried.check, now, is_same=is_same)
            if known != account:
                work.accounts.save(known)
            # Wrong second factors are counted by themselves: half a sign-in gives no new tries at those.
            is_half = known.has_second_factor or self.factor_policy.lacks_factor(known) or _wants_code(tried.check)
            open_one = self.opening.open_half if is_half else self.opening.open
            asked = self.questions.keep(known.id, tried.check.question)
            opened = await open_one(work, known, now, tried.origin, asked)
            await work.commit()
        return evolve(opened, device=device)


@frozen
class _Checked:
    """A password that fits, and what is to be kept of the try."""

    account: Account
    attempt: Attempt
    check: Check
    is_known: bool
    origin: Origin


def _wants_code(check: Check) -> bool:
    return check.question is not None and check.question.kind is QuestionKind.CODE


def _learnt(account: Account, check: Check, now: datetime, *, is_same: bool) -> Account:
    """The account with what this sign-in told about it."""
    if check.stronger and is_same:
        return account.rehash(check.stronger)
    if check.person is None:
        return account
    known = account.known_as(check.person.login_id, KEPT_ELSEWHERE)
    known = known.confirm_email(now) if check.person.email_verified else known
    if check.fits:
        return known.came_in(by_factor=False)
    if _wants_code(check):
        return known.asked_elsewhere(has_factor=True)
    known = known.asked_elsewhere(has_factor=check.person.has_factor)
    return known if known.must_change_password else known.must_change_by(now + TEMPORARY)


def _refusal(account: Account, check: Check, now: datetime) -> DomainError | None:
    """Why somebody who knows the password may not sign in all the same."""
    if account.status is not AccountStatus.ACTIVE:
        return AccountDisabled("this account was disabled: ask an administrator")
    is_proved = check.person is not None and check.person.email_verified
    # An account that was here first is opened by who proved its address, and not by who only wrote it down elsewhere.
    is_claimed = check.person is not None and not account.login_id
    if not is_proved and (account.email_confirmed_at is None or is_claimed):
        return EmailNotConfirmed("confirm your address first: the link is in the mail that we sent")
    # Where somebody else keeps it and lets them in, it was replaced there.
    is_replaced = check.person is not None and not account.password_is_short and (check.fits or _wants_code(check))
    if account.password_is_over(now) and not is_replaced:
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
