"""The store and the object stores that need no database, made from the settings. Whoever has no SQL loads none."""

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.local_objects import LocalObjects
from adapters.persistence.memory import MemoryStore
from adapters.persistence.memory_objects import MemoryObjects
from adapters.settings import Settings
from application.ports.object_store import ObjectStore
from application.ports.store import Store


def memory(_settings: Settings) -> Store:
    """Forgets everything when the process ends."""
    return GatheringStore(MemoryStore())


def local_objects(settings: Settings) -> ObjectStore:
    return LocalObjects(settings.data_dir / "files")


def memory_objects(_settings: Settings) -> ObjectStore:
    return MemoryObjects()
