from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.limiting.memory_limiter import MemoryLimiter
from application.ports.limiter import Limiter
from domain.rate_limit import Rate
from tests.contracts.limiter import LimiterContract
from tests.support.fake_clock import FakeClock


class TestMemoryLimiter(LimiterContract):
    adapter = "memory"

    @pytest.fixture
    def limiters(self, clock: FakeClock) -> Sequence[Limiter]:
        limiter = MemoryLimiter(clock)
        return limiter, limiter


async def test_keys_that_are_past_take_no_memory() -> None:
    clock = FakeClock()
    limiter = MemoryLimiter(clock)
    rate = Rate(5, timedelta(seconds=10))
    for number in range(10_000):
        await limiter.take(f"key {number}", rate)
        clock.advance(1)

    assert len(limiter._expected) <= 1_025


async def test_keys_that_still_count_are_not_forgotten() -> None:
    clock = FakeClock()
    limiter = MemoryLimiter(clock)
    rate = Rate(1, timedelta(days=1))
    for number in range(3_000):
        await limiter.take(f"key {number}", rate)

    assert len(limiter._expected) == 3_000
