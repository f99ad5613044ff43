"""Codes that an identity provider mails, where our own mails carry links."""

from attrs import field, frozen

from application.counted import address_id
from application.errors import TokenInvalid
from application.even_work import account_of
from application.guess_guard import GuessGuard
from application.limits import MAILED_CODE, Limits
from application.password_policy import Chooser, PasswordPolicy, is_short
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper, IdentityUnavailable
from application.work import Begin, Work, retrying
from domain.account import Account, AccountStatus
from domain.email_address import canonical_email
from domain.errors import InvalidValue
from domain.facts import AccessChange, AccessChanged

_REFUSED = "this code was used, has expired, or is not right: ask for a new one"


async def _of_address(work: Work, email: str) -> Account | None:
    try:
        address = canonical_email(email)
    except InvalidValue:
        return None
    return await account_of(work, address)


@frozen
class ConfirmByCode:
    """Take the code that proves an address. A code is short: tries are counted for each address."""

    begin: Begin
    clock: Clock
    keeper: CredentialKeeper
    limits: Limits

    async def __call__(self, email: str, code: str) -> Account:
        await self.limits.check(MAILED_CODE, address_id(canonical_email(email)))
        await self.keeper.confirm(canonical_email(email), code.strip())
        return await retrying(lambda: self._once(email))

    async def _once(self, email: str) -> Account:
        async with self.begin() as work:
            account = await _of_address(work, email)
            if account is None or account.status is not AccountStatus.ACTIVE:
                # Only the identity provider knows them: their account is made when they sign in.
                raise TokenInvalid(_REFUSED)
            confirmed = account.confirm_email(self.clock.now())
            if confirmed != account:
                work.accounts.save(confirmed)
                await work.commit()
        return confirmed


@frozen
class ResetByCodeCommand:
    email: str
    code: str = field(repr=False)
    password: str = field(repr=False)


@frozen
class ResetByCode:
    """Set a new password with a mailed code: every session ends, and so does every lock."""

    begin: Begin
    clock: Clock
    keeper: CredentialKeeper
    passwords: PasswordPolicy
    guard: GuessGuard
    limits: Limits

    async def __call__(self, command: ResetByCodeCommand) -> None:
        await self.limits.check(MAILED_CODE, address_id(canonical_email(command.email)))
        account = await _of_address(self.begin(), command.email)
        if account is None or account.status is not AccountStatus.ACTIVE:
            raise TokenInvalid(_REFUSED)
        self.passwords.check(command.password, Chooser.of(account))
        mark = await self.keeper.mark(command.password)
        try:
            await self.keeper.finish_reset(account, command.code.strip(), command.password)
        except IdentityUnavailable:
            # Perhaps it was done. Signing out somebody in vain does no harm, and leaving a thief in does.
            await retrying(lambda: self._end_sessions(account))
            raise
        wanted = account.set_password(mark, is_short=is_short(command.password))
        await retrying(lambda: self._changed(wanted))

    async def _end_sessions(self, checked: Account) -> None:
        async with self.begin() as work:
            account = await work.accounts.get(checked.id)
            work.accounts.save(account.sign_out_everywhere())
            await work.commit()

    async def _changed(self, wanted: Account) -> None:
        async with self.begin() as work:
            account = await work.accounts.get(wanted.id)
            changed = account.set_password(wanted.password_hash, is_short=wanted.password_is_short)
            # Who could read the mail has proved the address as well.
            work.accounts.save(changed.confirm_email(self.clock.now()))
            if not account.is_guest:
                work.tell(AccessChanged(self.clock.now(), account.id, AccessChange.PASSWORD_CHANGED))
            await self.guard.forgive(work, account.email)
            await work.commit()
