"""How much is kept in the object store, for those who look after an installation."""

from collections.abc import Mapping

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ports.object_store import ObjectStore
from application.ports.storage_meter import Kept, StorageMeter
from domain.account import Role


@frozen
class Storage:
    """Looks at every stored object, and changes nothing."""

    objects: ObjectStore

    async def kept(self, actor: Actor) -> Mapping[str, Kept]:
        """By area, in their order; NotFound if this store cannot tell."""
        actor.check(Role.SUPERADMIN)
        if not isinstance(self.objects, StorageMeter):
            raise NotFound("this object store does not tell how much it keeps")
        return dict(sorted((await self.objects.kept()).items()))
