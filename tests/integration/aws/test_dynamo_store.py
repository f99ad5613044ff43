"""DynamoDB is held to the same suite as every other store."""

from collections.abc import AsyncIterator

import pytest

from application.ports.store import Store
from tests.contracts.store import StoreContract
from tests.support.dynamo import Dynamo

pytestmark = pytest.mark.dynamo


class TestDynamoStore(StoreContract):
    adapter = "dynamodb"

    @pytest.fixture
    async def backing(self, dynamo: Dynamo) -> AsyncIterator[tuple[Store, Store]]:
        stores = dynamo.store(), dynamo.store()
        yield stores
        for store in stores:
            await store.close()
