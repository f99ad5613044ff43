"""The relay: at least once, in effect once, and one bad fact never stops the others."""

import asyncio
from collections import Counter
from typing import Any, ClassVar

import pytest
from attrs import Factory, define, evolve

from application.delivery import ATTEMPTS_MAX, LEASE, Delivery, Reaction
from application.ports.store import Listing
from application.records import DeliveryState, OutboxEntry
from application.relay import News, Reactions, Relay
from application.work import Beginning
from domain.facts import BookingCancelled, BookingConfirmed, Fact
from domain.ids import BookingId
from tests.support.polling import until
from tests.support.world import World


@define(eq=False)
class Noting:
    """A reaction that notes what it saw, and fails while it is told to."""

    name: str
    reacts_to: ClassVar[type[Fact]] = BookingConfirmed
    seen: list[str] = Factory(list)
    fails: bool = False

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, BookingConfirmed)
        if self.fails:
            raise RuntimeError("poison")
        self.seen.append(fact.booking_id)


class Stage:
    """An outbox with a relay of its own reactions."""

    def __init__(self, world: World, *reactions: Any) -> None:
        store, clock = world.container.store(), world.clock
        self.world, self.store = world, store
        self.begin = Beginning(store, clock, world.container.randomness(), frozenset({BookingConfirmed}))
        self.relay = Relay(self.begin, clock, store, Reactions.of(reactions), News())

    async def tell(self, *names: str) -> None:
        for name in names:
            async with self.begin() as work:
                work.tell(BookingConfirmed(self.world.clock.now(), BookingId(name)))
                await work.commit()

    async def outbox(self, state: DeliveryState = DeliveryState.PENDING) -> list[OutboxEntry]:
        page = await self.store.list(Listing("outbox", "queue", state))
        return [entry for entry in page.items if isinstance(entry, OutboxEntry)]


async def test_each_fact_reaches_each_reaction_once(every_world: World) -> None:
    one, other = Noting("one"), Noting("other")
    stage = Stage(every_world, one, other)
    await stage.tell("a", "b", "c")

    await stage.relay.drain()
    await stage.relay.drain()

    assert Counter(one.seen) == Counter(other.seen) == Counter("abc")
    assert await stage.outbox() == []


async def test_a_fact_that_nobody_reacts_to_is_not_stored(world: World) -> None:
    stage = Stage(world, Noting("one"))
    async with stage.begin() as work:
        work.tell(BookingCancelled(world.clock.now(), BookingId("a")))
        await work.commit()

    assert await stage.outbox() == []


async def test_a_poison_fact_stops_neither_the_others_nor_other_reactions(world: World) -> None:
    good, bad = Noting("good"), Noting("bad", fails=True)
    stage = Stage(world, bad, good)
    await stage.tell("a", "b")

    for _ in range(3):
        await stage.relay.drain()
        world.clock.advance(60)

    assert Counter(good.seen) == Counter("ab")
    left = await stage.outbox()
    assert [entry.done for entry in left] == [("good",), ("good",)]
    assert all("poison" in entry.last_error for entry in left)
    bad.fails = False
    world.clock.advance(3600)
    await stage.relay.drain()
    assert Counter(bad.seen) == Counter("ab")
    assert Counter(good.seen) == Counter("ab")
    assert await stage.outbox() == []


async def test_what_fails_again_and_again_becomes_a_dead_letter(world: World) -> None:
    stage = Stage(world, Noting("bad", fails=True))
    await stage.tell("a")

    for _ in range(ATTEMPTS_MAX + 5):
        await stage.relay.drain()
        world.clock.advance(4000)

    assert await stage.outbox() == []
    [dead] = await stage.outbox(DeliveryState.DEAD)
    assert dead.attempts == ATTEMPTS_MAX


async def test_two_relays_share_the_work(every_world: World) -> None:
    one = Noting("one")
    first, second = Stage(every_world, one), Stage(every_world, one)
    await first.tell(*(f"{n}" for n in range(40)))

    await asyncio.gather(first.relay.drain(), second.relay.drain())

    assert Counter(one.seen) == Counter(f"{n}" for n in range(40))


async def test_a_dead_relays_fact_is_taken_over_after_its_lease(world: World) -> None:
    one = Noting("one")
    stage = Stage(world, one)
    await stage.tell("a")
    [entry] = await stage.outbox()
    async with stage.begin() as work:
        work.outbox.save(entry.leased(world.clock.now() + LEASE))
        await work.commit()

    await stage.relay.drain()
    assert one.seen == []
    world.clock.advance(LEASE)
    await stage.relay.drain()
    assert one.seen == ["a"]


async def test_a_reaction_that_settles_in_its_own_commit_takes_effect_once(world: World) -> None:
    """Two relays hold the same fact, as after a lease that ran out: one of two equal commits wins."""
    effects: list[str] = []

    class Settling:
        name: ClassVar[str] = "settling"
        reacts_to: ClassVar[type[Fact]] = BookingConfirmed

        async def __call__(self, fact: Fact, delivery: Delivery) -> None:
            async with stage.begin() as work:
                delivery.settle(work)
                await work.commit()
            effects.append("done")

    reaction: Reaction = Settling()
    stage = Stage(world, reaction)
    await stage.tell("a")
    [entry] = await stage.outbox()

    results = await asyncio.gather(
        *(reaction(entry.fact, Delivery(entry, "settling", others_left=False)) for _ in range(10)),
        return_exceptions=True,
    )

    assert effects == ["done"]
    assert sum(isinstance(result, Exception) for result in results) == 9


async def test_a_slow_reaction_holds_up_no_other_fact(world: World) -> None:
    gate = asyncio.Event()

    class Slow:
        name: ClassVar[str] = "slow"
        reacts_to: ClassVar[type[Fact]] = BookingCancelled

        async def __call__(self, _fact: Fact, _delivery: Delivery) -> None:
            await gate.wait()

    quick = Noting("quick")
    stage = Stage(world, quick, Slow())
    begin = evolve(stage.begin, reacted_to=frozenset({BookingConfirmed, BookingCancelled}), nudge=stage.relay.news.ring)
    running = asyncio.create_task(stage.relay.run())
    for fact in (
        BookingCancelled(world.clock.now(), BookingId("slow")),
        BookingConfirmed(world.clock.now(), BookingId("a")),
    ):
        async with begin() as work:
            work.tell(fact)
            await work.commit()
        await asyncio.sleep(0)

    await until(lambda: bool(quick.seen))
    assert not gate.is_set()
    gate.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_news_wakes_a_waiting_relay(world: World) -> None:
    one = Noting("one")
    stage = Stage(world, one)
    ringing = evolve(stage.begin, nudge=stage.relay.news.ring)
    running = asyncio.create_task(stage.relay.run())
    await asyncio.sleep(0)

    async with ringing() as work:
        work.tell(BookingConfirmed(world.clock.now(), BookingId("a")))
        await work.commit()
    await until(lambda: bool(one.seen))

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
