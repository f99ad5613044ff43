"""Passwords that somebody else has seen, and what becomes of them."""

from datetime import datetime
from typing import Final

from attrs import field, frozen

from application.access import Actor
from application.errors import PasswordRefused, SignInRequired
from application.guess_guard import GuessGuard
from application.opening import Opening, SignedIn, as_it_is
from application.password_policy import Chooser, PasswordPolicy, is_short
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper
from application.ports.randomness import Randomness
from application.use_cases.administer_accounts import find_account
from application.use_cases.answer_elsewhere import AnswerElsewhere
from application.work import Begin, retrying
from domain.account import TEMPORARY, Account, AccountStatus, Role
from domain.errors import NotAllowedNow
from domain.facts import AccessChange, AccessChanged
from domain.ids import ID_BYTES, make_id

_PART: Final = 5
"""Letters between two hyphens, so that it survives being read aloud."""


@frozen
class TemporaryPassword:
    """Told this once, to whoever asked for it."""

    account: Account
    password: str = field(repr=False)
    expires_at: datetime


@frozen
class GiveTemporaryPassword:
    """Replace a password by one that is good for a day and for nothing but choosing another.

    Every session ends, and second factors stay: who is given it needs those too.
    """

    begin: Begin
    clock: Clock
    randomness: Randomness
    keeper: CredentialKeeper
    guard: GuessGuard

    async def __call__(self, actor: Actor, wanted: str) -> TemporaryPassword:
        actor.check(Role.ADMIN)
        letters = make_id("", self.randomness.token_bytes(ID_BYTES)).removeprefix("_")
        password = "-".join(letters[start : start + _PART] for start in range(0, len(letters), _PART))
        mark = await self.keeper.mark(password)
        until = self.clock.now() + TEMPORARY
        account = await retrying(lambda: self._once(actor, wanted, mark, until))
        # The sessions are over already. If this is not heard, the old password goes on, and another is asked for.
        await self.keeper.replace(account, password, temporary=True)
        return TemporaryPassword(account, password, until)

    async def _once(self, actor: Actor, wanted: str, password_hash: str, until: datetime) -> Account:
        async with self.begin() as work:
            account = await find_account(work, wanted)
            if actor.account is not None:
                actor.account.check_may_grant(Role.USER, account)
            if account.status is not AccountStatus.ACTIVE:
                raise NotAllowedNow(f"the account is {account.status}: enable it first")
            changed = account.set_password(password_hash, until)
            work.accounts.save(changed)
            await self.guard.forgive(work, account.email)
            work.tell(AccessChanged(self.clock.now(), account.id, AccessChange.PASSWORD_BY_STAFF))
            work.audit(actor, "account.temporary_password", account.id)
            await work.commit()
        return changed


@frozen
class ChangePassword:
    """Choose a new password while signed in: every other session ends, and this one goes on under a new secret.

    Whoever came in with a temporary one can do nothing before; everybody else gave a password or factor just now.
    """

    begin: Begin
    clock: Clock
    keeper: CredentialKeeper
    passwords: PasswordPolicy
    opening: Opening
    elsewhere: AnswerElsewhere

    async def __call__(self, actor: Actor, password: str) -> SignedIn:
        account, session = actor.gave_password()
        if not actor.must_change:
            actor.signed_in()
            actor.check_fresh(self.clock.now())
        self.passwords.check(password, Chooser.of(account))
        if session.asked is not None:
            return await self.elsewhere.with_password(actor, session.asked, password)
        check = await self.keeper.check(account.email, account, password)
        if check.fits or check.question is not None:
            raise PasswordRefused("that is the password that you have: choose another")
        wanted = account.set_password(await self.keeper.mark(password), is_short=is_short(password))
        signed_in = await retrying(lambda: self._once(actor, account, wanted))
        # Every other session is over, whatever becomes of this: an answer that is lost leaves nobody in.
        await self.keeper.replace(signed_in.account, password, temporary=False)
        return signed_in

    async def _once(self, actor: Actor, checked: Account, wanted: Account) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account, session = await as_it_is(work, *actor.gave_password(), now)
            if account.epoch != checked.epoch or account.status is not AccountStatus.ACTIVE:
                raise SignInRequired("this session is over: sign in again")
            changed = account.set_password(wanted.password_hash, is_short=wanted.password_is_short)
            work.accounts.save(changed)
            work.tell(AccessChanged(now, account.id, AccessChange.PASSWORD_CHANGED))
            signed_in = self.opening.step_up(work, session, changed, now)
            await work.commit()
        return signed_in
