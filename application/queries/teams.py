"""Who works at an event, and where somebody works."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from application.access import Actor
from application.event_access import event_for
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.records import EventGrant, EventInvitation, TeamRole
from application.work import Begin
from domain.account import Role
from domain.event import Event


@frozen
class Member:
    """Somebody with a role at an event, by the name that the others know."""

    grant: EventGrant
    name: str
    email: str


@frozen
class SharedEvent:
    """An event of somebody else's, and what the person is there."""

    event: Event
    role: TeamRole


@frozen
class Teams:
    """Reads about teams; an event's is for whoever manages it."""

    begin: Begin
    clock: Clock
    store: Store

    async def members(self, actor: Actor, event_id: str, cursor: str | None, limit: int) -> Page[Member]:
        """In the order in which they came."""
        work = self.begin()
        event = await event_for(work, actor, event_id)
        page: Page[Any] = await self.store.list(Listing("event_grant", "by_event", event.id, limit=limit, after=cursor))
        accounts = {a.id: a for a in await work.accounts.get_all(grant.account_id for grant in page.items)}
        found = ((grant, accounts.get(grant.account_id)) for grant in page.items)
        members = tuple(Member(grant, account.name, account.email) for grant, account in found if account)
        return Page(members, page.next_cursor)

    async def invitations(self, actor: Actor, event_id: str, cursor: str | None, limit: int) -> Page[EventInvitation]:
        """Those that nobody has answered and that have not expired."""
        event = await event_for(self.begin(), actor, event_id)
        page: Page[Any] = await self.store.list(
            Listing("event_invitation", "by_event", event.id, limit=limit, after=cursor)
        )
        now = self.clock.now()
        return Page(tuple(asked for asked in page.items if now < asked.expires_at), page.next_cursor)

    async def shared(self, actor: Actor, cursor: str | None, limit: int) -> Page[SharedEvent]:
        """The events of others at which the actor has a role, the newest role first."""
        mine = Listing("event_grant", "by_account", actor.signed_in().id, descending=True, limit=limit, after=cursor)
        return await self._shared(mine)

    async def shared_with(self, actor: Actor, account_id: str, cursor: str | None, limit: int) -> Page[SharedEvent]:
        """The same of anybody, for administrators."""
        actor.check(Role.ADMIN)
        return await self._shared(
            Listing("event_grant", "by_account", account_id, descending=True, limit=limit, after=cursor)
        )

    async def _shared(self, listing: Listing) -> Page[SharedEvent]:
        page: Page[Any] = await self.store.list(listing)
        grants: Sequence[EventGrant] = page.items
        events = {event.id: event for event in await self.begin().events.get_all(grant.event_id for grant in grants)}
        found = ((events.get(grant.event_id), grant.role) for grant in grants)
        return Page(tuple(SharedEvent(event, role) for event, role in found if event), page.next_cursor)
