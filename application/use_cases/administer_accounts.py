"""What administrators and operators do to accounts: each deed audited, none to oneself."""

from collections.abc import Callable

from attrs import field, frozen

from application.access import Actor
from application.errors import NotFound
from application.ids import Ids
from application.last_superadmin import check_someone_is_left
from application.listing import AccountListing
from application.password_policy import Chooser, PasswordPolicy
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper
from application.records import Claim, email_claim_id
from application.work import Begin, Work, retrying
from domain.account import Account, AccountStatus, KycStatus, Role
from domain.email_address import canonical_email
from domain.ids import AccountId


async def find_account(work: Work, wanted: str) -> Account:
    """By id or by e-mail address; NotFound if there is none."""
    if "@" not in wanted:
        return await work.accounts.get(wanted)
    claim = await work.claims.find(email_claim_id(canonical_email(wanted)))
    if claim is None:
        raise NotFound("no such account")
    return await work.accounts.get(claim.owner_id)


@frozen
class CreateAccountCommand:
    email: str
    name: str
    password: str = field(repr=False)
    role: Role = Role.USER
    approved: bool = False
    """Whether an organizer may publish without an identity check of our own."""


@frozen
class CreateAccount:
    """Make an account whose address counts as confirmed. Only operators with a shell may."""

    begin: Begin
    clock: Clock
    ids: Ids
    keeper: CredentialKeeper
    passwords: PasswordPolicy

    async def __call__(self, actor: Actor, command: CreateAccountCommand) -> Account:
        actor.check(Role.SUPERADMIN)
        self.passwords.check(command.password, Chooser(command.name, command.email))
        now = self.clock.now()
        mark = await self.keeper.mark(command.password)
        account_id = AccountId(self.ids.new("acc"))
        account = Account(
            id=account_id,
            email=canonical_email(command.email),
            name=command.name,
            created_at=now,
            password_hash=mark,
            roles=frozenset({Role.USER, command.role}),
            kyc=KycStatus.APPROVED if command.approved else KycStatus.NONE,
            email_confirmed_at=now,
        )
        async with self.begin() as work:
            work.accounts.add(account)
            work.claims.add(Claim(email_claim_id(account.email), account.id))
            work.audit(actor, "account.create", account.id, command.role)
            await work.commit()
        login_id = await self.keeper.create(account, command.password)
        return await retrying(lambda: self._link(account, login_id)) if login_id else account

    async def _link(self, made: Account, login_id: str) -> Account:
        async with self.begin() as work:
            account = (await work.accounts.get(made.id)).known_as(login_id, made.password_hash)
            work.accounts.save(account)
            await work.commit()
        return account


@frozen
class AdministerAccount:
    """Change one account as an administrator."""

    begin: Begin
    clock: Clock
    listing: AccountListing

    async def grant(self, actor: Actor, wanted: str, role: Role) -> Account:
        """Give a role that ranks below one's own."""
        return await self._change(actor, wanted, f"account.grant.{role}", lambda a: a.grant(role), role)

    async def revoke(self, actor: Actor, wanted: str, role: Role) -> Account:
        """Take a role away; the last super-administrator stays."""
        return await self._change(actor, wanted, f"account.revoke.{role}", lambda a: a.revoke(role), role)

    async def disable(self, actor: Actor, wanted: str) -> Account:
        """Switch off: every session ends with the next request."""
        return await self._change(actor, wanted, "account.disable", Account.disable)

    async def enable(self, actor: Actor, wanted: str) -> Account:
        return await self._change(actor, wanted, "account.enable", Account.enable)

    async def sign_out(self, actor: Actor, wanted: str) -> Account:
        """End every session of one person."""
        return await self._change(actor, wanted, "account.sign_out", Account.sign_out_everywhere)

    async def start_reset(self, actor: Actor, wanted: str) -> Account:
        """Send the person a link for a new password."""
        now = self.clock.now()
        return await self._change(actor, wanted, "account.reset_password", lambda a: a.ask_for_reset(now))

    async def _change(
        self, actor: Actor, wanted: str, action: str, change: Callable[[Account], Account], role: Role = Role.USER
    ) -> Account:
        actor.check(Role.ADMIN)
        return await retrying(lambda: self._once(actor, wanted, action, change, role))

    async def _once(
        self, actor: Actor, wanted: str, action: str, change: Callable[[Account], Account], role: Role
    ) -> Account:
        async with self.begin() as work:
            account = await find_account(work, wanted)
            if account.status is AccountStatus.DELETED:
                raise NotFound("no such account")
            if actor.account is not None:
                actor.account.check_may_grant(role, account)
            changed = change(account)
            if changed == account and not changed.facts:
                return account
            await check_someone_is_left(work, self.listing, account, changed)
            work.accounts.save(changed)
            work.audit(actor, action, account.id)
            await work.commit()
        return changed
