from collections import defaultdict
from collections.abc import Mapping

from attrs import define, field

from application.ports.object_store import ObjectMissing, StoredObject, check_fits, media_type_of
from application.ports.storage_meter import Kept, area_of


@define(eq=False)
class MemoryObjects:
    """Objects that last as long as the process."""

    _objects: dict[str, StoredObject] = field(init=False, factory=dict, repr=False)

    async def put(self, key: str, content: StoredObject) -> None:
        """See ObjectStore."""
        check_fits(key, content)
        self._objects[key] = content

    async def get(self, key: str) -> StoredObject:
        """See ObjectStore."""
        media_type_of(key)
        try:
            return self._objects[key]
        except KeyError:
            raise ObjectMissing(key) from None

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        media_type_of(key)
        self._objects.pop(key, None)

    async def kept(self) -> Mapping[str, Kept]:
        """See StorageMeter."""
        found: defaultdict[str, Kept] = defaultdict(Kept)
        for key, content in self._objects.items():
            found[area_of(key)] += Kept(1, len(content.data))
        return found
