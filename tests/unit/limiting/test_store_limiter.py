from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from adapters.limiting.store_limiter import StoreLimiter
from adapters.persistence import deciding
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from adapters.persistence.sql_store import open_sql_store
from adapters.randomness import SystemRandomness
from application.errors import StoreUnavailable
from application.ports.limiter import Limiter
from application.ports.store import Store
from application.work import Beginning
from domain.rate_limit import LimitReached
from tests.contracts.limiter import TEN_A_MINUTE, LimiterContract, passes, rush
from tests.support.fake_clock import FakeClock
from tests.support.world import World


def on(store: Store, clock: FakeClock) -> StoreLimiter:
    """As one process has it."""
    return StoreLimiter(Beginning(store, clock, SystemRandomness()), clock)


class TestStoreLimiterOnMemory(LimiterContract):
    adapter = "store"

    @pytest.fixture
    def limiters(self, clock: FakeClock) -> Sequence[Limiter]:
        store = GatheringStore(MemoryStore())
        return on(store, clock), on(store, clock)


class TestStoreLimiterOnSqlite(LimiterContract):
    adapter = "store"

    @pytest.fixture
    async def limiters(self, clock: FakeClock, sqlite_url: str) -> AsyncIterator[Sequence[Limiter]]:
        stores = [GatheringStore(await open_sql_store(sqlite_url)) for _ in range(2)]
        yield [on(store, clock) for store in stores]
        for store in stores:
            await store.close()


async def test_without_versions_more_pass_than_the_rate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "_stale", lambda _changes, _versions: None)
    store, clock = GatheringStore(MemoryStore()), FakeClock()

    assert await rush([on(store, clock) for _ in range(10)]) > TEN_A_MINUTE.count


class _Silent:
    """A store that does not answer."""

    def __getattr__(self, _name: str) -> Any:
        async def fails(*_: object) -> None:
            raise StoreUnavailable

        return fails


async def test_a_store_that_does_not_answer_lets_nobody_pass() -> None:
    silent: Any = _Silent()

    with pytest.raises(StoreUnavailable):
        await on(silent, FakeClock()).take("key", TEN_A_MINUTE)


async def test_what_is_past_is_forgotten_by_the_job_and_what_counts_is_not(world: World) -> None:
    limiter = world.container.limiter_shared()
    for key in ("early", "late"):
        assert await passes(limiter, key)
        world.clock.advance(4)

    assert [job.name for job in world.deeds.jobs.jobs].count("forget") == 1
    forget = next(job.run for job in world.deeds.jobs.jobs if job.name == "forget")
    world.clock.advance(-1)
    assert await forget() == 1
    world.clock.advance(timedelta(minutes=1))
    assert await forget() == 1


async def test_one_that_is_overtaken_again_and_again_must_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.limiting.store_limiter.TRIES", 0)

    with pytest.raises(LimitReached) as refused:
        await on(MemoryStore(), FakeClock()).take("key", TEN_A_MINUTE)

    assert refused.value.wait_s == 1
