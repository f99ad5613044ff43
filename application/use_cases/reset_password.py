from attrs import field, frozen

from application.counted import address_id
from application.errors import TokenInvalid
from application.even_work import EvenWork, account_of
from application.guess_guard import GuessGuard
from application.limits import RESET_MAIL, Limits
from application.password_policy import Chooser, PasswordPolicy, is_short
from application.ports.clock import Clock
from application.ports.identity import PasswordHasher
from application.records import OneTimeToken, TokenPurpose
from application.secrets import secret_id
from application.work import Begin, Work, retrying
from domain.account import Account, AccountStatus
from domain.email_address import canonical_email
from domain.facts import AccessChange, AccessChanged


@frozen
class AskForReset:
    """Send a link for a new password; an unknown address gets silence."""

    begin: Begin
    clock: Clock
    limits: Limits
    even_work: EvenWork

    async def __call__(self, email: str) -> None:
        await self.limits.check(RESET_MAIL, address_id(canonical_email(email)))
        async with self.begin() as work:
            account = await account_of(work, canonical_email(email))
            if account is None or account.status is not AccountStatus.ACTIVE:
                await self.even_work.commit(work)
                return
            for fact in account.ask_for_reset(self.clock.now()).facts:
                work.tell(fact)
            await work.commit()


@frozen
class ResetPasswordCommand:
    secret: str = field(repr=False)
    password: str = field(repr=False)


@frozen
class ResetPassword:
    """Use the link of the reset mail, once: a new password, every session ends, and so does every lock."""

    begin: Begin
    clock: Clock
    hasher: PasswordHasher
    passwords: PasswordPolicy
    guard: GuessGuard

    async def __call__(self, command: ResetPasswordCommand) -> None:
        _, account = await self._find(self.begin(), command.secret)
        self.passwords.check(command.password, Chooser.of(account))
        password_hash = await self.hasher.hash(command.password)
        await retrying(lambda: self._once(command, password_hash))

    async def _once(self, command: ResetPasswordCommand, password_hash: str) -> None:
        async with self.begin() as work:
            token, account = await self._find(work, command.secret)
            work.tokens.delete(token)
            # Who could read the mail has proved the address as well.
            changed = account.set_password(password_hash, is_short=is_short(command.password))
            work.accounts.save(changed.confirm_email(self.clock.now()))
            await self.guard.forgive(work, account.email)
            if not account.is_guest:
                work.tell(AccessChanged(self.clock.now(), account.id, AccessChange.PASSWORD_CHANGED))
            await work.commit()

    async def _find(self, work: Work, secret: str) -> tuple[OneTimeToken, Account]:
        """What a link stands for; TokenInvalid if it stands for nothing any more."""
        token = await work.tokens.find(secret_id(secret))
        if token is None or token.purpose is not TokenPurpose.RESET_PASSWORD or self.clock.now() >= token.expires_at:
            raise TokenInvalid("this link was used, has expired, or is not complete: ask for a new one")
        account = await work.accounts.get(token.account_id)
        if account.epoch != token.epoch:
            raise TokenInvalid("the password or roles were changed since this link was sent: ask for a new one")
        return token, account
