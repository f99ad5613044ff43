import asyncio
from collections.abc import Sequence

from attrs import frozen

from application.access import Actor
from application.ports.clock import Clock
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyRing
from application.work import Begin
from domain.account import Role


@frozen
class RotateAuditKey:
    """Look after the keys that sign checkpoints of the audit. What earlier keys signed stays signed."""

    begin: Begin
    clock: Clock
    ring: KeyRing

    def list(self, actor: Actor) -> Sequence[KeyInfo]:
        actor.check(Role.SUPERADMIN)
        return [info for info in self.ring.list() if info.purpose is KeyPurpose.SIGN]

    async def __call__(self, actor: Actor) -> KeyInfo:
        """The next checkpoints are signed with a new key."""
        actor.check(Role.SUPERADMIN)
        info = await asyncio.to_thread(self.ring.rotate, KeyPurpose.SIGN, self.clock.now())
        async with self.begin() as work:
            work.audit(actor, "audit.key.rotate", f"audit/{info.id}")
            await work.commit()
        return info
