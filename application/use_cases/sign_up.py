from attrs import field, frozen

from application.counted import address_id
from application.errors import AlreadyExists, TokenInvalid
from application.even_work import EvenWork, account_of
from application.ids import Ids
from application.limits import CONFIRMATION_MAIL, Limits
from application.password_policy import Chooser, PasswordPolicy
from application.ports.clock import Clock
from application.ports.credentials import KEPT_ELSEWHERE, CredentialKeeper
from application.records import Claim, TokenPurpose, email_claim_id
from application.secrets import secret_id
from application.use_cases.give_consent import ConsentRecord
from application.work import Begin, retrying
from domain.account import Account
from domain.consent import ConsentPlace
from domain.email_address import canonical_email
from domain.facts import AccountRegistered, AddressTaken
from domain.ids import AccountId
from domain.rate_limit import LimitReached


@frozen
class SignUpCommand:
    email: str
    name: str
    password: str = field(repr=False)
    marketing: bool = False
    """Whether we may write about anything but what is booked."""
    place: ConsentPlace = ConsentPlace.API


@frozen
class SignUp:
    """Register a person, who agrees to the terms, and send a link that proves the address.

    Whether the address was registered already is not told here but in a mail to it.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    keeper: CredentialKeeper
    passwords: PasswordPolicy
    limits: Limits
    consents: ConsentRecord

    async def __call__(self, command: SignUpCommand) -> None:
        self.passwords.check(command.password, Chooser(command.name, command.email))
        email = canonical_email(command.email)
        mark = await self.keeper.mark(command.password)
        account = Account.register(AccountId(self.ids.new("acc")), email, command.name, mark, self.clock.now())
        try:
            async with self.begin() as work:
                work.accounts.add(account)
                work.claims.add(Claim(email_claim_id(email), account.id))
                self.consents.add(work, account.id, command.place, marketing=command.marketing)
                await work.commit()
        except AlreadyExists:
            if not self.keeper.is_elsewhere:
                await self._tell_owner(email)
                return
        await self._hand_over(email, command.password)

    async def _hand_over(self, email: str, password: str) -> None:
        """To whoever keeps passwords, also for an account that is here: perhaps this was not heard the first time."""
        account = await account_of(self.begin(), email) if self.keeper.is_elsewhere else None
        if account is None:
            return
        try:
            login_id = await self.keeper.register(account, password)
        except AlreadyExists:
            await self._tell_owner(email)
            return
        await retrying(lambda: self._link(account.id, login_id))

    async def _link(self, account_id: AccountId, login_id: str) -> None:
        """Only what was made by this sign-up: whose account was here before, the proof of the address says."""
        async with self.begin() as work:
            account = await work.accounts.get(account_id)
            if account.email_confirmed_at is None and account.may_be(login_id) and not account.is_guest:
                work.accounts.save(account.known_as(login_id, KEPT_ELSEWHERE))
                await work.commit()

    async def _tell_owner(self, email: str) -> None:
        try:
            await self.limits.check(CONFIRMATION_MAIL, address_id(email))
        except LimitReached:
            return  # Silently, as whoever asks must not learn that the address is known.
        async with self.begin() as work:
            claim = await work.claims.find(email_claim_id(email))
            if claim is not None:
                work.tell(AddressTaken(self.clock.now(), AccountId(claim.owner_id)))
                await work.commit()


@frozen
class ConfirmEmail:
    """Use the link of the confirmation mail, once."""

    begin: Begin
    clock: Clock

    async def __call__(self, secret: str) -> Account:
        return await retrying(lambda: self._once(secret))

    async def _once(self, secret: str) -> Account:
        now = self.clock.now()
        async with self.begin() as work:
            token = await work.tokens.find(secret_id(secret))
            if token is None or token.purpose is not TokenPurpose.CONFIRM_EMAIL or now >= token.expires_at:
                raise TokenInvalid("this link was used, has expired, or is not complete: ask for a new one")
            account = (await work.accounts.get(token.account_id)).confirm_email(now)
            if account.epoch != token.epoch:
                raise TokenInvalid("the account was changed since this link was sent: ask for a new one")
            work.tokens.delete(token)
            work.accounts.save(account)
            await work.commit()
        return account


@frozen
class ResendConfirmation:
    """Send a fresh confirmation link; an unknown or confirmed address gets silence."""

    begin: Begin
    clock: Clock
    limits: Limits
    even_work: EvenWork

    async def __call__(self, email: str) -> None:
        await self.limits.check(CONFIRMATION_MAIL, address_id(canonical_email(email)))
        async with self.begin() as work:
            account = await account_of(work, canonical_email(email))
            if account is None or account.email_confirmed_at is not None:
                await self.even_work.commit(work)
                return
            work.tell(AccountRegistered(self.clock.now(), account.id))
            await work.commit()
