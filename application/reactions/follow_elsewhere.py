"""What an identity provider does for us, and learns from us. Each comes to the same if it is done again."""

from typing import ClassVar

from attrs import frozen

from application.delivery import Delivery
from application.ports.credentials import CredentialKeeper
from application.work import Begin
from domain.account import AccountStatus
from domain.facts import AccountRegistered, Fact, PasswordResetRequested, StandingChanged


@frozen
class FollowElsewhere:
    """It goes by the account as it is when the fact arrives: facts that overtake each other do no harm."""

    name: ClassVar[str] = "follow_elsewhere"
    reacts_to: ClassVar[type[Fact]] = StandingChanged
    begin: Begin
    keeper: CredentialKeeper

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, StandingChanged), "the relay keeps to `reacts_to`"
        account = await self.begin().accounts.get(fact.account_id)
        await self.keeper.follow(account)
        if account.status is not AccountStatus.DELETED or not account.login_id:
            return
        async with self.begin() as work:
            # By this name nobody finds the person any more: it goes as well.
            work.accounts.save(account.forgotten_elsewhere())
            delivery.settle(work)
            await work.commit()


@frozen
class SendCodeElsewhere:
    """Have another code mailed to whoever asks. The first one goes out with the sign-up itself."""

    name: ClassVar[str] = "send_code_elsewhere"
    reacts_to: ClassVar[type[Fact]] = AccountRegistered
    begin: Begin
    keeper: CredentialKeeper

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, AccountRegistered), "the relay keeps to `reacts_to`"
        account = await self.begin().accounts.get(fact.account_id)
        is_first = fact.at == account.created_at
        if account.status is AccountStatus.ACTIVE and account.email_confirmed_at is None and not is_first:
            await self.keeper.send_code(account)


@frozen
class StartResetElsewhere:
    name: ClassVar[str] = "start_reset_elsewhere"
    reacts_to: ClassVar[type[Fact]] = PasswordResetRequested
    begin: Begin
    keeper: CredentialKeeper

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, PasswordResetRequested), "the relay keeps to `reacts_to`"
        account = await self.begin().accounts.get(fact.account_id)
        if account.status is AccountStatus.ACTIVE:
            await self.keeper.start_reset(account)


ELSEWHERE = (FollowElsewhere, SendCodeElsewhere, StartResetElsewhere)
