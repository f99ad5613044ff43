from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.limiting.store_limiter import StoreLimiter
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from adapters.randomness import SystemRandomness
from application.ports.limiter import Limiter
from application.work import Beginning
from tests.contracts.limiter import LimiterContract
from tests.support.fake_clock import FakeClock

pytestmark = pytest.mark.postgres


class TestStoreLimiterOnPostgres(LimiterContract):
    adapter = "store"

    @pytest.fixture
    async def limiters(self, clock: FakeClock, postgres_url: str) -> AsyncIterator[Sequence[Limiter]]:
        stores = [GatheringStore(await open_sql_store(postgres_url)) for _ in range(2)]
        yield [StoreLimiter(Beginning(store, clock, SystemRandomness()), clock) for store in stores]
        for store in stores:
            await store.close()
