"""Where somebody is signed in, for that person."""

from attrs import frozen

from application.access import Actor
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.records import Session
from application.session_rules import SessionRules
from application.work import Begin


@frozen
class OpenSession:
    """One place, as its owner is shown it."""

    session: Session
    is_current: bool
    """Whether it is the one that asks."""


@frozen
class OwnSessions:
    begin: Begin
    clock: Clock
    store: Store
    rules: SessionRules

    async def __call__(self, actor: Actor) -> list[OpenSession]:
        """Those that hold, the newest first. Half a sign-in is none yet."""
        account, current = actor.recognised()
        actor.signed_in()
        now, era = self.clock.now(), await self.begin().era()
        listing = Listing("session", "by_account", account.id, descending=True)
        return [
            OpenSession(session, session.id == current.id)
            async for session in every(self.store, listing)
            if not session.awaits_factor and self.rules.holds(session, account, era, now)
        ]
