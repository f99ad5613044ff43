from typing import Final

from attrs import frozen

from application.access import Actor
from application.errors import ConfirmationNeeded, NotFound
from application.installation import INSTALLATION, Installation
from application.opening import Opening, SignedIn, still_open
from application.ports.clock import Clock
from application.queries.own_sessions import OwnSessions
from application.work import OVERTAKEN, Begin, retrying
from domain.account import Role

EVERYBODY: Final = "sign everybody out"
"""What must be typed, letter by letter."""


@frozen
class EndOwnSessions:
    """Sign out elsewhere: at one place, or everywhere but here."""

    begin: Begin
    clock: Clock
    opening: Opening
    own: OwnSessions

    async def one(self, actor: Actor, name: str) -> bool:
        """Whether that was the session which asks; NotFound if there is none of that name."""
        found = next((one for one in await self.own(actor) if one.session.name == name), None)
        if found is None:
            raise NotFound("no such session")
        await retrying(lambda: self._delete(found.session.id))
        return found.is_current

    async def _delete(self, session_id: str) -> None:
        async with self.begin() as work:
            session = await work.sessions.find(session_id)
            if session is not None:
                work.sessions.delete(session)
                await work.commit()

    async def others(self, actor: Actor) -> SignedIn:
        """The session goes on under a new secret. All else that was opened or made before ends, keys too."""
        actor.signed_in()
        return await retrying(lambda: self._others(actor))

    async def _others(self, actor: Actor) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account, session = await still_open(work, actor, now)
            changed = account.sign_out_everywhere()
            work.accounts.save(changed)
            # Being asked for nothing, it becomes no fresher than it was.
            signed_in = self.opening.go_on(work, session, changed, now)
            await work.commit()
        return signed_in


@frozen
class SignEverybodyOut:
    """End every session and key of everybody here, whoever asks included, with one write."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, typed: str) -> Installation:
        """ConfirmationNeeded unless the words are EVERYBODY."""
        actor.check(Role.SUPERADMIN)
        actor.check_fresh(self.clock.now())
        if typed != EVERYBODY:
            raise ConfirmationNeeded(f'this signs everybody out, you too: type "{EVERYBODY}"')
        return await retrying(lambda: self._once(actor), OVERTAKEN)

    async def _once(self, actor: Actor) -> Installation:
        async with self.begin() as work:
            found = await work.installations.find(INSTALLATION)
            next_era = (found or Installation()).sign_everybody_out()
            (work.installations.add if found is None else work.installations.save)(next_era)
            work.audit(actor, "installation.sign_everybody_out", INSTALLATION)
            await work.commit()
        return next_era
