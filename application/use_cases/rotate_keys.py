import asyncio
from collections.abc import Sequence

from attrs import frozen

from application.access import Actor
from application.ports.clock import Clock
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyRing
from application.work import Begin
from domain.account import Role


@frozen
class RotateKeys:
    """Look after the ticket keys. Codes made with earlier keys stay good until those are revoked."""

    begin: Begin
    clock: Clock
    ring: KeyRing

    def list(self, actor: Actor) -> Sequence[KeyInfo]:
        actor.check(Role.SUPERADMIN)
        return self.ring.list()

    async def rotate(self, actor: Actor, purpose: KeyPurpose) -> KeyInfo:
        """New tokens are made with a new key from now on."""
        actor.check(Role.SUPERADMIN)
        info = await asyncio.to_thread(self.ring.rotate, purpose, self.clock.now())
        await self._audit(actor, "key.rotate", info)
        return info

    async def revoke(self, actor: Actor, purpose: KeyPurpose, key_id: int) -> KeyInfo:
        """Refuse every code that this key made: those tickets need new ones."""
        actor.check(Role.SUPERADMIN)
        info = await asyncio.to_thread(self.ring.revoke, purpose, key_id, self.clock.now())
        await self._audit(actor, "key.revoke", info)
        return info

    async def _audit(self, actor: Actor, action: str, info: KeyInfo) -> None:
        async with self.begin() as work:
            work.audit(actor, action, f"{info.purpose}/{info.id}")
            await work.commit()
