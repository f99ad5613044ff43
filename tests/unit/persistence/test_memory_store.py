import pytest

from adapters.persistence.memory import MemoryStore
from application.ports.store import Store
from tests.contracts.store import StoreContract
from tests.contracts.store_controls import GuardlessContract


class TestMemoryStore(StoreContract):
    adapter = "memory"

    @pytest.fixture
    def backing(self) -> tuple[Store, Store]:
        store = MemoryStore()
        return store, store


class TestMemoryStoreWithoutGuards(GuardlessContract):
    @pytest.fixture
    def backing(self) -> tuple[Store, Store]:
        store = MemoryStore()
        return store, store
