import pytest

from adapters.persistence.memory_objects import MemoryObjects
from application.ports.object_store import ObjectStore
from tests.contracts.object_store import ObjectStoreContract
from tests.contracts.storage_meter import StorageMeterContract


class TestMemoryObjects(ObjectStoreContract, StorageMeterContract):
    adapter = "memory"

    @pytest.fixture
    def objects(self) -> ObjectStore:
        return MemoryObjects()
