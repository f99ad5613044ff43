from attrs import field, frozen

from application.errors import TokenInvalid
from application.ports.clock import Clock
from application.ports.identity import PasswordHasher
from application.records import TokenPurpose, email_claim_id
from application.secrets import secret_id
from application.use_cases.sign_up import check_password
from application.work import Begin, retrying
from domain.account import AccountStatus, canonical_email


@frozen
class AskForReset:
    """Send a link for a new password; an unknown address gets silence."""

    begin: Begin
    clock: Clock

    async def __call__(self, email: str) -> None:
        async with self.begin() as work:
            claim = await work.claims.find(email_claim_id(canonical_email(email)))
            account = await work.accounts.find(claim.owner_id) if claim else None
            if account is None or account.status is not AccountStatus.ACTIVE:
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
    """Use the link of the reset mail, once: a new password, and every session ends."""

    begin: Begin
    clock: Clock
    hasher: PasswordHasher

    async def __call__(self, command: ResetPasswordCommand) -> None:
        check_password(command.password)
        password_hash = await self.hasher.hash(command.password)
        await retrying(lambda: self._once(command.secret, password_hash))

    async def _once(self, secret: str, password_hash: str) -> None:
        now = self.clock.now()
        async with self.begin() as work:
            token = await work.tokens.find(secret_id(secret))
            if token is None or token.purpose is not TokenPurpose.RESET_PASSWORD or now >= token.expires_at:
                raise TokenInvalid("this link was used, has expired, or is not complete: ask for a new one")
            account = await work.accounts.get(token.account_id)
            if account.epoch != token.epoch:
                raise TokenInvalid("the password or roles were changed since this link was sent: ask for a new one")
            work.tokens.delete(token)
            # Who could read the mail has proved the address as well.
            work.accounts.save(account.set_password(password_hash).confirm_email(now))
            await work.commit()
