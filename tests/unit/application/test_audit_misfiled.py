"""Somebody leaves every record of the audit as it was sealed, and changes by what lists find it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import define

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from application.chain_walk import Verdict
from application.ports.store import Store
from application.queries.audit_trail import AuditFilter
from application.records import AuditRecord
from tests import build
from tests.support.dynamo import Dynamo
from tests.support.misfiling import DynamoMisfiler, Misfiler, SqlMisfiler
from tests.support.world import World
from tests.support.worlds import LASTING

SEALED = 12


@define(eq=False)
class Trail:
    """Some sealed records, and a hand in their store."""

    world: World
    misfiler: Misfiler

    async def record(self, count: int) -> None:
        async with self.world.container.begin()() as work:
            for _ in range(count):
                work.audit(self.world.operator, "event.edit", build.new_id("evt"))
            await work.commit()

    async def records(self) -> list[AuditRecord]:
        page = await self.world.deeds.audit_trail.list(self.world.operator, AuditFilter(), None, 50)
        return [sealed.record for sealed in page.items]

    async def verify(self) -> Verdict:
        return await self.world.deeds.audit_trail.verify(self.world.operator)


async def _opened(request: pytest.FixtureRequest) -> tuple[Store, Misfiler]:
    if request.param == "dynamo":
        dynamo: Dynamo = request.getfixturevalue("dynamo")
        return dynamo.store(), DynamoMisfiler(dynamo.client, dynamo.tables.name("audit"))
    store = await open_sql_store(request.getfixturevalue(f"{request.param}_url"))
    return store, SqlMisfiler(store)


@pytest.fixture(params=[*LASTING])
async def trail(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Trail]:
    inner, misfiler = await _opened(request)
    store = GatheringStore(inner)
    made = Trail(World.of(tmp_path, store), misfiler)
    await made.record(SEALED)
    assert await made.world.deeds.seal_audit() == SEALED
    yield made
    await store.close()


@pytest.mark.parametrize("which", range(5))
async def test_a_record_that_a_list_misses_is_found_and_named(trail: Trail, which: int) -> None:
    victim = (await trail.records())[4]
    before = await trail.verify()

    await trail.misfiler.change(victim.id, trail.misfiler.names[which])

    found = await trail.verify()
    place = await trail.world.deeds.audit_trail.show(trail.world.operator, victim.id)
    assert place.link is not None
    assert before.is_whole
    assert found.why == f"lists look for the record {victim.id} where it does not belong"
    assert found.broken_at == place.link.sequence


async def test_a_record_that_waits_for_its_place_is_looked_at_too(trail: Trail) -> None:
    await trail.record(1)
    waiting = (await trail.records())[0]

    await trail.misfiler.change(waiting.id, trail.misfiler.names[-1])

    assert waiting.id not in {record.id for record in await trail.records()}, "no list shows it"
    assert f"the record {waiting.id} where it does not belong" in (await trail.verify()).why


async def test_the_hashes_alone_would_call_a_hidden_record_whole(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(GatheringStore, "misfiled", none)
    victim = (await trail.records())[4]

    await trail.misfiler.change(victim.id, trail.misfiler.names[-1])

    assert victim.id not in {record.id for record in await trail.records()}
    assert (await trail.verify()).is_whole
