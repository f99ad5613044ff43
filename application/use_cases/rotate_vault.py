import asyncio

from attrs import frozen

from application.access import Actor
from application.ports.vault import Vault
from application.work import Begin
from domain.account import Role


@frozen
class RotateVault:
    """Seal what others send us with a new key from now on. What was sealed before stays readable."""

    begin: Begin
    vault: Vault

    async def __call__(self, actor: Actor) -> int:
        """The number of the new key."""
        actor.check(Role.SUPERADMIN)
        number = await asyncio.to_thread(self.vault.rotate)
        async with self.begin() as work:
            work.audit(actor, "vault.rotate", f"key/{number}")
            await work.commit()
        return number
