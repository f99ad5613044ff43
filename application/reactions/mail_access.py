"""What people are told by mail about what opens their account."""

from typing import ClassVar

from attrs import frozen

from application.delivery import Delivery
from application.reactions.send_mail import Post
from domain.account import AccountStatus
from domain.facts import AccessChanged, Fact


@frozen
class MailAccessChange:
    """Nobody replaces somebody else's password in silence, and nobody wonders why a program stopped."""

    name: ClassVar[str] = "mail_access_change"
    reacts_to: ClassVar[type[Fact]] = AccessChanged
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, AccessChanged), "the relay keeps to `reacts_to`"
        account = await self.post.begin().accounts.get(fact.account_id)
        if account.status is AccountStatus.ACTIVE:
            await self.post.send(self.post.letters.access(delivery.entry.id, account, fact.change))
