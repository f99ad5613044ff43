import pytest

from adapters.persistence.memory_objects import MemoryObjects
from application.ports.object_store import ObjectStore
from tests.contracts.object_store import ObjectStoreContract


class TestMemoryObjects(ObjectStoreContract):
    adapter = "memory"

    @pytest.fixture
    def objects(self) -> ObjectStore:
        return MemoryObjects()
