"""The relay: takes facts out of the outbox and hands them to the reactions."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from application.delivery import ATTEMPTS_MAX, LEASE, PAUSES, Delivery, Reaction
from application.errors import StaleVersion
from application.kind import microseconds
from application.passing import Passing, Point, unwatched
from application.ports.clock import Clock
from application.ports.store import Listing, Store, StoreUnavailable
from application.records import DeliveryState, OutboxEntry
from application.redaction import without_addresses
from application.work import Begin
from domain.facts import Fact

AT_ONCE: Final = 16
"""How many facts one relay works on at the same time."""
IDLE_S: Final = 1.0
"""How long to wait for a nudge before looking again."""

log = logging.getLogger(__name__)


@frozen
class Reactions:
    """Who reacts to what."""

    by_fact: Mapping[type[Fact], tuple[Reaction, ...]]

    @classmethod
    def of(cls, reactions: Sequence[Reaction]) -> "Reactions":
        names = [reaction.name for reaction in reactions]
        assert len(set(names)) == len(names), "each reaction has a name of its own"
        by_fact: dict[type[Fact], tuple[Reaction, ...]] = {}
        for reaction in reactions:
            by_fact[reaction.reacts_to] = (*by_fact.get(reaction.reacts_to, ()), reaction)
        return cls(by_fact)

    def to(self, fact: Fact) -> tuple[Reaction, ...]:
        return self.by_fact.get(type(fact), ())


@define(eq=False)
class News:
    """Tells a relay in the same process that there is something in the outbox."""

    _event: asyncio.Event = field(factory=asyncio.Event)

    def ring(self) -> None:
        self._event.set()

    def seen(self) -> None:
        self._event.clear()

    async def wait(self) -> None:
        await self._event.wait()


@frozen
class Left:
    """What is still in the outbox, each counted up to a page."""

    waiting: int
    dead: int


@frozen
class Relay:
    """Works through the outbox. Any number may run, in any process; a dead one's facts are taken over."""

    begin: Begin
    clock: Clock
    store: Store
    reactions: Reactions
    news: News
    passing: Passing = unwatched

    async def run(self) -> None:
        """Work until cancelled. A store that is down is waited for, and a slow reaction holds nobody else up."""
        under_way: dict[str, asyncio.Task[bool]] = {}
        try:
            while True:
                self.news.seen()
                started = await self._start(under_way)
                await self._wait(under_way, full=len(under_way) >= AT_ONCE, started=started)
                under_way = {name: task for name, task in under_way.items() if not task.done()}
        finally:
            for task in under_way.values():
                task.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def _start(self, under_way: dict[str, "asyncio.Task[bool]"]) -> int:
        """Begin what is due and not under way, as far as there is room; how many that were."""
        try:
            due = await self._due()
        except StoreUnavailable:
            return 0
        except Exception:
            log.exception("relay cannot see what is due")
            return 0
        new = [entry for entry in due if entry.id not in under_way][: AT_ONCE - len(under_way)]
        for entry in new:
            under_way[entry.id] = asyncio.create_task(self._deliver_or_log(entry))
        return len(new)

    async def _wait(self, under_way: dict[str, "asyncio.Task[bool]"], *, full: bool, started: int) -> None:
        """Until something ends, or, where there is room, until there is news or it is time to look again."""
        if started and not full:
            await asyncio.sleep(0)
            return
        others = [] if full else [self.clock.sleep(IDLE_S), self.news.wait()]
        waiting = [asyncio.ensure_future(other) for other in others]
        try:
            await asyncio.wait({*waiting, *under_way.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiting:
                waiter.cancel()

    async def _deliver_or_log(self, entry: OutboxEntry) -> bool:
        try:
            return await self._deliver(entry)
        except StoreUnavailable:
            return False  # It is due again when its lease has run out.
        except Exception:
            log.exception("the relay failed with a fact", extra={"fact": type(entry.fact).__name__})
            return False

    async def _due(self) -> Sequence[OutboxEntry]:
        now = microseconds(self.clock.now())
        page = await self.store.list(Listing("outbox", "queue", DeliveryState.PENDING, below=now + 1))
        return [entry for entry in page.items if isinstance(entry, OutboxEntry)]

    async def run_once(self) -> int:
        """Hand on what is due now; how many facts that were."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(entry: OutboxEntry) -> bool:
            async with gate:
                return await self._deliver(entry)

        return sum(await asyncio.gather(*(one(entry) for entry in await self._due())))

    async def backlog(self) -> int:
        """How many facts are due, counted up to a page."""
        return len(await self._due())

    async def drain(self) -> None:
        """Work until nothing is due."""
        while await self.run_once():
            pass

    async def left(self) -> Left:
        """How many facts wait for another try or another relay, and how many were given up."""
        counts = [
            len((await self.store.list(Listing("outbox", "queue", state))).items)
            for state in (DeliveryState.PENDING, DeliveryState.DEAD)
        ]
        return Left(*counts)

    async def _deliver(self, listed: OutboxEntry) -> bool:
        entry = await self._lease(listed)
        if entry is None:
            return False
        self.passing(Point.AFTER_LEASE)
        waiting = [reaction for reaction in self.reactions.to(entry.fact) if reaction.name not in entry.done]
        if not waiting:
            await self._remove(entry)
        failure = ""
        for index, reaction in enumerate(waiting):
            # A failed one keeps the entry: the others then count it as left to be done.
            others_left = index < len(waiting) - 1 or bool(failure)
            entry, error = await self._react(reaction, entry, others_left=others_left)
            failure = failure or error
        if failure:
            await self._put_back(entry, failure)
        return True

    async def _lease(self, listed: OutboxEntry) -> OutboxEntry | None:
        """The entry, now ours for a while; None if another relay was faster."""
        now = self.clock.now()
        async with self.begin() as work:
            leased = listed.leased(now + LEASE)
            work.outbox.save(leased)
            try:
                await work.commit()
            except StaleVersion:
                return None
        return evolve(leased, version=leased.version + 1)

    async def _react(self, reaction: Reaction, entry: OutboxEntry, *, others_left: bool) -> tuple[OutboxEntry, str]:
        delivery = Delivery(entry, reaction.name, others_left)
        try:
            async with asyncio.timeout(LEASE.total_seconds()):
                await reaction(entry.fact, delivery)
            self.passing(Point.AFTER_REACTION)
            if not delivery.settled:
                async with self.begin() as work:
                    delivery.settle(work)
                    await work.commit()
        except Exception as error:  # noqa: BLE001 - one bad fact must not stop the others
            happened = {"reaction": reaction.name, "fact": type(entry.fact).__name__, "error": type(error).__name__}
            log.warning("a reaction failed", extra=happened)
            return entry, without_addresses(f"{reaction.name}: {type(error).__name__}: {error}")[:500]
        done = (*entry.done, reaction.name)
        return evolve(entry, done=done, version=entry.version + 1), ""

    async def _put_back(self, entry: OutboxEntry, failure: str) -> None:
        pause = PAUSES[min(entry.attempts, len(PAUSES)) - 1]
        dead = entry.attempts >= ATTEMPTS_MAX
        state = DeliveryState.DEAD if dead else DeliveryState.PENDING
        async with self.begin() as work:
            work.outbox.save(evolve(entry, state=state, due_at=self.clock.now() + pause, last_error=failure))
            try:
                await work.commit()
            except StaleVersion:
                return  # Its lease ran out, and another relay has it.

    async def _remove(self, entry: OutboxEntry) -> None:
        async with self.begin() as work:
            work.outbox.delete(entry)
            await work.commit()
