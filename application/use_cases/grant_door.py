from attrs import frozen

from application.access import Actor
from application.errors import AlreadyExists
from application.ports.clock import Clock
from application.records import DoorRole, EventGrant, grant_id
from application.use_cases.administer_accounts import find_account
from application.work import Begin, Work, retrying
from domain.account import Role
from domain.event import Event
from domain.ids import AccountId


@frozen
class GrantDoor:
    """Let somebody with an account scan at one event, and nothing else."""

    begin: Begin
    clock: Clock

    async def grant(self, actor: Actor, event_id: str, email: str) -> EventGrant:
        """Twice is no error."""
        async with self.begin() as work:
            event = await work.events.get(event_id)
            actor.check_may_manage(event)
            person = await find_account(work, email)
            granted = EventGrant(
                grant_id(event.id, person.id),
                event.id,
                person.id,
                DoorRole.DOOR,
                AccountId(actor.name),
                self.clock.now(),
            )
            existing = await work.grants.find(granted.id)
            if existing is not None:
                return existing
            work.grants.add(granted)
            work.audit(actor, "event.door.grant", event.id, person.id)
            try:
                await work.commit()
            except AlreadyExists:
                return await work.grants.get(granted.id)
        return granted

    async def withdraw(self, actor: Actor, event_id: str, account_id: str) -> None:
        """Twice is no error."""
        await retrying(lambda: self._withdraw(actor, event_id, account_id))

    async def _withdraw(self, actor: Actor, event_id: str, account_id: str) -> None:
        async with self.begin() as work:
            event = await work.events.get(event_id)
            actor.check_may_manage(event)
            granted = await work.grants.find(grant_id(event.id, AccountId(account_id)))
            if granted is not None:
                work.grants.delete(granted)
                work.audit(actor, "event.door.withdraw", event.id, account_id)
                await work.commit()


async def check_may_scan(work: Work, actor: Actor, event: Event) -> None:
    """The event's managers, and whom they let; everybody else sees no such event."""
    if actor.may_manage(event):
        return
    if actor.account is not None and actor.has(Role.USER):
        granted = await work.grants.find(grant_id(event.id, actor.account.id))
        if granted is not None:
            return
    actor.check_may_manage(event)
