from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import define, field

from adapters.clock import SystemClock
from application.ports.clock import Clock
from application.ports.object_store import (
    FOUND_MAX,
    ObjectMissing,
    StoredObject,
    check_fits,
    check_folder,
    media_type_of,
)
from application.ports.storage_meter import Kept, area_of


@define(eq=False)
class MemoryObjects:
    """Objects that last as long as the process."""

    _clock: Clock = field(factory=SystemClock)
    _put_at: dict[str, datetime] = field(init=False, factory=dict, repr=False)
    _objects: dict[str, StoredObject] = field(init=False, factory=dict, repr=False)

    async def put(self, key: str, content: StoredObject) -> None:
        """See ObjectStore."""
        check_fits(key, content)
        self._objects[key] = content
        self._put_at[key] = self._clock.now()

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

    async def put_before(self, folder: str, at: datetime) -> Sequence[str]:
        """See ObjectStore."""
        check_folder(folder)
        return [key for key in self._objects if key.startswith(folder) and self._put_at[key] < at][:FOUND_MAX]

    async def kept(self) -> Mapping[str, Kept]:
        """See StorageMeter."""
        found: defaultdict[str, Kept] = defaultdict(Kept)
        for key, content in self._objects.items():
            found[area_of(key)] += Kept(1, len(content.data))
        return found
