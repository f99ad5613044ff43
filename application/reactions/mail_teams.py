"""What people are told by mail about working at an event."""

from typing import ClassVar

from attrs import frozen

from application.delivery import Delivery
from application.reactions.send_mail import Post
from application.records import OneTimeToken, TokenPurpose
from domain.facts import Fact, TeamInvited
from domain.ids import AccountId


@frozen
class MailTeamInvitation:
    name: ClassVar[str] = "mail_team_invitation"
    reacts_to: ClassVar[type[Fact]] = TeamInvited
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, TeamInvited), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        invitation = await work.invitations.find(fact.invitation_id)
        if invitation is None or self.post.clock.now() >= invitation.expires_at:
            return  # It was withdrawn or accepted while the mail waited.
        event = await work.events.get(invitation.event_id)
        # Nobody's account: the address may have none, and whoever it is must sign in to say yes.
        link = OneTimeToken("", TokenPurpose.JOIN_TEAM, AccountId(""), invitation.expires_at, subject=invitation.id)
        secret = await self.post.new_link(link)
        await self.post.send(self.post.letters.team_invitation(delivery.entry.id, event, invitation, secret))
