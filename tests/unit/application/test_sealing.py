"""Any number of processes seal one chain, whichever of them dies in between."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from attrs import evolve, frozen

from adapters.auditing.file_witness import FileWitness
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from application.audit_chain import AuditHead, AuditLink
from application.passing import Point
from application.ports.audit_witness import WitnessUnavailable
from application.ports.store import Store
from application.use_cases import seal_audit
from application.use_cases.seal_audit import SEALED_AT_ONCE, SealAudit
from application.work import Beginning, Work
from tests import build
from tests.support.meddling import Sealed, sealed_on

SEALERS = 8
COUNT = 3 * SEALED_AT_ONCE + 7


class Killed(BaseException):
    """As if the process had died here."""


@frozen
class _DiesAt:
    point: Point

    def __call__(self, point: Point, /) -> None:
        if point is self.point:
            raise Killed


@pytest.fixture
async def chain(store_url: str, tmp_path: Path) -> AsyncIterator[Sealed]:
    async with sealed_on(store_url, tmp_path) as sealed:
        yield sealed


async def check(chain: Sealed, count: int) -> None:
    """One chain of so many links, each record in it once, and nothing waits."""
    links = await chain.links()
    assert [link.sequence for link in links] == list(range(1, count + 1))
    assert {link.id for link in links} == {record.id for record in await chain.hand.all("audit")}
    assert await chain.hand.all("audit_unsealed") == []
    found = await chain.verify()
    assert (found.why, found.links) == ("", count)


async def _all_at_once(chain: Sealed, url: str) -> list[int]:
    """Eight sealers, each with a store of its own where the database is shared."""
    mine: Store = chain.world.container.store()
    stores = [GatheringStore(await open_sql_store(url)) if url else mine for _ in range(SEALERS)]
    begin: Beginning = chain.world.container.begin()
    sealers = [SealAudit(evolve(begin, store=store), chain.world.clock, store) for store in stores]
    done = await asyncio.gather(*(sealer() for sealer in sealers))
    if url:
        for store in stores:
            await store.close()
    return done


async def test_eight_that_seal_at_once_make_one_chain(chain: Sealed, store_url: str) -> None:
    await chain.record(COUNT)

    done = await _all_at_once(chain, store_url)
    done.append(await chain.world.deeds.seal_audit())

    assert sum(done) == COUNT
    await check(chain, COUNT)


async def test_without_the_version_of_the_head_two_would_fork_the_chain(
    chain: Sealed, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(work: Work, head: AuditHead | None, links: Iterable[AuditLink]) -> None:
        """Leaves the head as it is, as one that wrote it whatever its version would for the other."""
        del work, head, links

    monkeypatch.setattr(seal_audit, "_store_head", careless)
    await chain.record(2 * SEALED_AT_ONCE)

    await _all_at_once(chain, store_url)

    assert len({link.sequence for link in await chain.links()}) < 2 * SEALED_AT_ONCE
    assert not (await chain.verify()).is_whole


@pytest.mark.parametrize("point", [Point.BEFORE_COMMIT, Point.AFTER_COMMIT])
async def test_one_killed_while_it_seals_or_signs_loses_and_repeats_nothing(chain: Sealed, point: Point) -> None:
    await chain.record(COUNT)
    chain.world.clock.advance(301)
    begin = evolve(chain.world.container.begin(), passing=_DiesAt(point))
    deeds = chain.world.deeds

    for _ in range(3):
        with pytest.raises(Killed):
            await evolve(deeds.seal_audit, begin=begin)()
    await deeds.seal_audit()
    chain.world.clock.advance(301)
    with pytest.raises(Killed):
        await evolve(deeds.sign_checkpoint, begin=begin)()
    await deeds.sign_checkpoint()

    await check(chain, COUNT)
    assert [kept.sequence for kept in await FileWitness(chain.folder / "audit").read()] == [COUNT]


async def test_a_checkpoint_is_due_after_five_minutes_or_a_thousand_links(world_with_one: Sealed) -> None:
    sign = world_with_one.world.deeds.sign_checkpoint
    world_with_one.world.clock.advance(299)
    assert await sign() == 0
    world_with_one.world.clock.advance(1)

    assert await sign() == 1
    assert await sign() == 0, "nothing came since"
    await world_with_one.record(1_000)
    await world_with_one.world.deeds.seal_audit()
    assert await sign() == 1


@pytest.fixture
async def world_with_one(tmp_path: Path) -> AsyncIterator[Sealed]:
    async with sealed_on("", tmp_path) as sealed:
        await sealed.record(1)
        await sealed.world.deeds.seal_audit()
        yield sealed


async def test_half_a_line_of_a_killed_writer_does_not_spoil_the_next(world_with_one: Sealed) -> None:
    world_with_one.world.clock.advance(300)
    await world_with_one.world.deeds.sign_checkpoint()
    whole = world_with_one.witness.read_bytes()
    world_with_one.witness.write_bytes(whole + whole[: len(whole) // 2])

    await world_with_one.grow(3)

    assert [kept.sequence for kept in await FileWitness(world_with_one.folder / "audit").read()] == [1, 4]
    assert (await world_with_one.verify()).is_whole


async def test_a_second_place_that_was_out_of_reach_gets_what_it_missed(world_with_one: Sealed) -> None:
    folder = world_with_one.folder / "audit"
    folder.write_bytes(b"a file where the folder should be")
    world_with_one.world.clock.advance(300)
    with pytest.raises(WitnessUnavailable):
        await world_with_one.world.deeds.sign_checkpoint()
    folder.unlink()

    await world_with_one.world.deeds.sign_checkpoint()

    assert [kept.sequence for kept in await FileWitness(folder).read()] == [1]


async def test_the_witness_takes_nothing_that_does_not_come_after_its_last(tmp_path: Path) -> None:
    witness = FileWitness(tmp_path)
    await witness.append(build.audit_checkpoint(sequence=5, id=f"{5:016}"))

    await witness.append(build.audit_checkpoint(sequence=5, hash="b" * 64))
    await witness.append(build.audit_checkpoint(sequence=4))

    assert [(kept.sequence, kept.hash) for kept in await witness.read()] == [(5, "a" * 64)]
    assert witness.path.stat().st_mode & 0o777 == 0o600


async def test_what_waits_is_measured(chain: Sealed) -> None:
    await chain.record(3)
    chain.world.clock.advance(90)

    standing = await chain.world.deeds.audit_trail.standing()
    await chain.world.deeds.seal_audit()

    assert (standing.waiting, standing.oldest_waiting_s) == (3, 90)
    assert (await chain.world.deeds.audit_trail.standing()).waiting == 0
