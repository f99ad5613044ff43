import asyncio
from datetime import UTC, datetime, timedelta

from adapters.clock import SystemClock
from application.ports.clock import Clock
from tests.support.fake_clock import NOON, FakeClock


def test_both_clocks_are_clocks() -> None:
    clocks: list[Clock] = [SystemClock(), FakeClock()]

    assert all(clock.now().tzinfo is UTC for clock in clocks)


async def test_the_system_clock_tells_the_machines_time() -> None:
    before = datetime.now(UTC)

    told = SystemClock().now()

    assert before <= told <= datetime.now(UTC)


async def test_a_sleep_of_no_time_lets_others_work() -> None:
    worked = False

    async def work() -> None:
        nonlocal worked
        worked = True

    task = asyncio.create_task(work())
    await SystemClock().sleep(0)

    assert worked
    await task


async def test_a_fake_clock_wakes_sleepers_when_it_is_moved_and_in_their_order() -> None:
    clock = FakeClock()
    woken: list[str] = []

    async def nap(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.create_task(nap(name, s)) for name, s in (("long", 20), ("short", 5), ("longest", 60))]
    await asyncio.sleep(0)
    assert clock.sleepers == 3

    clock.advance(4.9)
    await asyncio.sleep(0)
    assert woken == []

    clock.advance(timedelta(seconds=30))
    await asyncio.gather(*tasks[:2])
    assert woken == ["short", "long"]
    assert clock.sleepers == 1

    clock.advance(60)
    await tasks[2]


async def test_a_fake_clock_that_skips_moves_by_itself() -> None:
    clock = FakeClock(skips=True)

    await clock.sleep(90)

    assert clock.now() == NOON + timedelta(seconds=90)


async def test_a_sleeper_that_gave_up_disturbs_nobody() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(5))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    clock.advance(10)

    assert task.cancelled()
    assert clock.sleepers == 0
