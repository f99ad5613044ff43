"""Asking for a mail costs the store the same, whether anybody has the address or not."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest
from attrs import define, field

from adapters.persistence.memory import MemoryStore
from application.even_work import EvenWork
from application.ports.store import ChangeSet, Key, Outcome, Record
from application.use_cases.sign_up import SignUpCommand
from tests.support.world import PASSWORD, World

Ask = Callable[[World, str], Awaitable[object]]
ASKS: Mapping[str, Ask] = {
    "reset": lambda world, email: world.deeds.ask_for_reset(email),
    "confirmation": lambda world, email: world.deeds.resend_confirmation(email),
    "bookings": lambda world, email: world.deeds.ask_for_guest_link(email),
}


@define(eq=False)
class Weighed(MemoryStore):
    """Counts what it is asked for: reads, commits, and records that are written."""

    work: Counter[str] = field(factory=Counter)

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        self.work["reads"] += 1
        return await super().get(keys)

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        self.work["commits"] += 1
        self.work["written"] += sum(len(changes.inserts) + len(changes.saves) for changes in batch)
        return await super().commit(batch)


@pytest.fixture
def weighed() -> Weighed:
    return Weighed()


@pytest.fixture
def world(tmp_path: Path, weighed: Weighed) -> World:
    return World.of(tmp_path, weighed)


async def _cost(world: World, weighed: Weighed, ask: Ask, email: str) -> Counter[str]:
    weighed.work.clear()
    await ask(world, email)
    return weighed.work.copy()


async def _costs(world: World, weighed: Weighed, ask: Ask) -> tuple[Counter[str], Counter[str]]:
    """For somebody whose address waits for its confirmation, and for nobody."""
    await world.deeds.sign_up(SignUpCommand("known@example.com", "Known", PASSWORD))
    return await _cost(world, weighed, ask, "known@example.com"), await _cost(world, weighed, ask, "nobody@example.com")


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
async def test_an_address_that_nobody_has_costs_the_same(world: World, weighed: Weighed, ask: Ask) -> None:
    known, unknown = await _costs(world, weighed, ask)

    assert known == unknown
    assert known["commits"] == 2, "the limit, and what is told or hidden"


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
async def test_without_the_even_work_an_account_costs_a_commit_more(
    world: World, weighed: Weighed, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(EvenWork, "commit", nothing)

    known, unknown = await _costs(world, weighed, ask)

    assert known["commits"] == unknown["commits"] + 1


async def test_what_is_hidden_is_forgotten_and_nobody_is_written_to(world: World, weighed: Weighed) -> None:
    await world.deeds.ask_for_reset("nobody@example.com")
    await world.settle()
    hidden = [key for key in weighed._records if key.kind == "one_time_token"]
    forget = next(job.run for job in world.deeds.jobs.jobs if job.name == "forget")

    world.clock.advance(1)
    await forget()

    assert len(hidden) == 1
    assert hidden[0] not in weighed._records
    assert not world.mailbox.mails
