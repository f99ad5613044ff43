"""Who works at an event that is not theirs: the organizer asks by mail, and the person agrees."""

from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from application.access import Actor, EventDeed
from application.errors import TokenInvalid
from application.event_access import event_for
from application.limits import TEAM_INVITATION, Limits
from application.ports.clock import Clock
from application.records import (
    EventGrant,
    EventInvitation,
    OneTimeToken,
    TeamRole,
    TokenPurpose,
    grant_id,
    invitation_id,
)
from application.secrets import secret_id
from application.use_cases.administer_accounts import find_account
from application.work import OVERTAKEN, Begin, Work, retrying
from domain.account import NotAllowed
from domain.email_address import canonical_email
from domain.facts import TeamInvited
from domain.ids import AccountId

INVITATION_LIFE: Final = timedelta(days=7)
NAMING: Final = {TeamRole.DOOR: EventDeed.MANAGE, TeamRole.CO_ORGANIZER: EventDeed.OWN}
"""What somebody must be able to do to name a person for each role, or to withdraw that."""


@frozen
class InviteToTeam:
    """Ask somebody by mail to work at one event.

    Whether the address has an account changes nothing that the asker can see. Who is asked again gets a new link.
    """

    begin: Begin
    clock: Clock
    limits: Limits

    async def __call__(self, actor: Actor, event_id: str, email: str, role: TeamRole) -> EventInvitation:
        address = canonical_email(email)
        await self.limits.check_person(TEAM_INVITATION, actor)
        return await retrying(lambda: self._once(actor, event_id, address, role), OVERTAKEN)

    async def _once(self, actor: Actor, event_id: str, email: str, role: TeamRole) -> EventInvitation:
        now = self.clock.now()
        async with self.begin() as work:
            event = await event_for(work, actor, event_id, NAMING[role])
            if role is TeamRole.CO_ORGANIZER:
                # Who may give money back, which in this session itself would be asked for too.
                actor.check_fresh(now)
            invitation = EventInvitation(
                invitation_id(event.id, email), event.id, email, role, AccountId(actor.name), now, now + INVITATION_LIFE
            )
            earlier = await work.invitations.find(invitation.id)
            if earlier is None:
                work.invitations.add(invitation)
            else:
                # A co-organizer does not turn the organizer's invitation into a lesser one.
                await event_for(work, actor, event_id, NAMING[earlier.role])
                invitation = evolve(invitation, version=earlier.version)
                work.invitations.save(invitation)
            work.tell(TeamInvited(now, invitation.id))
            work.audit(actor, "event.team.invite", event.id, f"{role} {invitation.id}")
            await work.commit()
        return evolve(invitation, version=invitation.version + 1)


@frozen
class LeaveTeam:
    """Take back an invitation or a role. What the person sends next is refused."""

    begin: Begin

    async def withdraw(self, actor: Actor, event_id: str, account_id: str) -> None:
        """Somebody's role. Twice is no error."""
        await retrying(lambda: self._withdraw(actor, event_id, account_id))

    async def _withdraw(self, actor: Actor, event_id: str, account_id: str) -> None:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            granted = await work.grants.find(grant_id(event.id, AccountId(account_id)))
            if granted is None:
                return
            await event_for(work, actor, event_id, NAMING[granted.role])
            work.grants.delete(granted)
            work.audit(actor, "event.team.withdraw", event.id, f"{granted.role} {account_id}")
            await work.commit()

    async def uninvite(self, actor: Actor, event_id: str, invitation: str) -> None:
        """An invitation that waits: its link opens nothing any more. Twice is no error."""
        await retrying(lambda: self._uninvite(actor, event_id, invitation))

    async def _uninvite(self, actor: Actor, event_id: str, wanted: str) -> None:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            invitation = await work.invitations.find(wanted)
            if invitation is None or invitation.event_id != event.id:
                return
            await event_for(work, actor, event_id, NAMING[invitation.role])
            work.invitations.delete(invitation)
            work.audit(actor, "event.team.uninvite", event.id, f"{invitation.role} {invitation.id}")
            await work.commit()


@frozen
class JoinTeam:
    """Say yes to an invitation, once, signed in with the address that it was sent to."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, secret: str) -> EventGrant:
        return await retrying(lambda: self._once(actor, secret), OVERTAKEN)

    async def _once(self, actor: Actor, secret: str) -> EventGrant:
        now, account = self.clock.now(), actor.signed_in()
        async with self.begin() as work:
            token = await work.tokens.find(secret_id(secret))
            if token is None or token.purpose is not TokenPurpose.JOIN_TEAM or now >= token.expires_at:
                raise TokenInvalid("this invitation was used, has expired, or is not complete: ask for a new one")
            invitation = await self._invitation(work, token)
            if account.email_confirmed_at is None or account.email != invitation.email:
                raise NotAllowed("this invitation is for another address: sign in with the one that it was sent to")
            granted = await _give(
                work,
                EventGrant(
                    grant_id(invitation.event_id, account.id),
                    invitation.event_id,
                    account.id,
                    invitation.role,
                    invitation.invited_by,
                    now,
                ),
            )
            work.tokens.delete(token)
            work.invitations.delete(invitation)
            work.audit(actor, "event.team.join", invitation.event_id, f"{invitation.role} {invitation.id}")
            await work.commit()
        return granted

    async def _invitation(self, work: Work, token: OneTimeToken) -> EventInvitation:
        invitation = await work.invitations.find(token.subject)
        if invitation is None or self.clock.now() >= invitation.expires_at:
            raise TokenInvalid("this invitation was withdrawn or has expired: ask for a new one")
        return invitation


@frozen
class GrantAtEvent:
    """Give an existing account a role at once: for who has a shell on the server, and sees every account anyway."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, event_id: str, email: str, role: TeamRole) -> EventGrant:
        """Twice is no error."""
        if not actor.is_trusted:
            raise NotAllowed("people are asked by mail")
        return await retrying(lambda: self._once(actor, event_id, email, role), OVERTAKEN)

    async def _once(self, actor: Actor, event_id: str, email: str, role: TeamRole) -> EventGrant:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id, NAMING[role])
            person = await find_account(work, email)
            named = grant_id(event.id, person.id)
            granted = EventGrant(named, event.id, person.id, role, AccountId(actor.name), self.clock.now())
            given = await _give(work, granted)
            if given.created_at == granted.created_at:
                work.audit(actor, "event.team.grant", event.id, f"{role} {person.id}")
                await work.commit()
        return given


async def _give(work: Work, granted: EventGrant) -> EventGrant:
    """A role is added or raised; whoever may do more already keeps that."""
    earlier = await work.grants.find(granted.id)
    if earlier is None:
        work.grants.add(granted)
        return granted
    if earlier.role in {granted.role, TeamRole.CO_ORGANIZER}:
        return earlier
    raised = evolve(granted, version=earlier.version)
    work.grants.save(raised)
    return raised
