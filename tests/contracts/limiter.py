"""What every limiter promises. The race stands apart, so that a negative control can run it too."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from typing import ClassVar

import pytest

from application.ports.limiter import Limiter
from domain.rate_limit import LimitReached, Rate
from tests.support.fake_clock import FakeClock

TEN_A_MINUTE = Rate(10, timedelta(minutes=1))


async def passes(limiter: Limiter, key: str = "key", rate: Rate = TEN_A_MINUTE) -> bool:
    try:
        await limiter.take(key, rate)
    except LimitReached:
        return False
    return True


async def rush(limiters: Sequence[Limiter], people: int = 50) -> int:
    """How many pass of those who come at the same moment, by turns through each of these."""
    answers = await asyncio.gather(
        *(passes(limiter) for limiter, _ in zip(cycle(limiters), range(people), strict=False))
    )
    return sum(answers)


class LimiterContract:
    """Fixtures of a subclass: `clock`; and `limiters`, two that count together."""

    adapter: ClassVar[str]

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    async def test_as_many_pass_at_once_as_the_rate_says_and_then_one_after_each_interval(
        self, limiters: Sequence[Limiter], clock: FakeClock
    ) -> None:
        limiter = limiters[0]
        assert [await passes(limiter) for _ in range(12)] == [True] * 10 + [False] * 2

        clock.advance(6)
        assert [await passes(limiter) for _ in range(2)] == [True, False]
        clock.advance(60)
        assert [await passes(limiter) for _ in range(11)] == [True] * 10 + [False]

    async def test_one_that_is_refused_is_told_how_long_it_takes(
        self, limiters: Sequence[Limiter], clock: FakeClock
    ) -> None:
        for _ in range(10):
            assert await passes(limiters[0])
        clock.advance(1.5)

        with pytest.raises(LimitReached) as refused:
            await limiters[0].take("key", TEN_A_MINUTE)

        assert refused.value.wait == timedelta(seconds=4.5)
        clock.advance(4.4)
        assert not await passes(limiters[0]), "asking again did not make it longer, nor shorter"
        clock.advance(0.1)
        assert await passes(limiters[0])

    async def test_each_key_has_a_budget_of_its_own(self, limiters: Sequence[Limiter]) -> None:
        rate = Rate(1, timedelta(hours=1))

        assert [await passes(limiters[0], key, rate) for key in ("one", "other", "one", "\ud800 é")] == [
            True,
            True,
            False,
            True,
        ]

    async def test_those_who_come_at_the_same_moment_are_counted_one_by_one(self, limiters: Sequence[Limiter]) -> None:
        assert await rush(limiters) == TEN_A_MINUTE.count
        assert await rush(limiters) == 0
