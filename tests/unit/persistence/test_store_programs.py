"""Random programs have the same outcomes and leave the same states on every store."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from adapters.persistence.memory import MemoryStore
from adapters.persistence.sql_store import open_sql_store
from application.ports.store import Committed, Duplicate, Outcome, Refused, Stale
from tests.support.store_programs import Program, outcomes_on, programs, run_on_memory_and


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(programs)
def test_sqlite_does_what_memory_does(migrated_sqlite: Path, program: Program) -> None:
    async def run(path: Path) -> None:
        store = await open_sql_store(f"sqlite:///{path}")
        await run_on_memory_and(store, program)
        await store.close()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        shutil.copy(migrated_sqlite, path)
        asyncio.run(run(path))


@pytest.mark.parametrize("outcome", [Committed, Duplicate, Stale, Refused])
def test_programs_reach_every_outcome(outcome: type[Outcome]) -> None:
    def reaches(program: Program) -> bool:
        outcomes = asyncio.run(outcomes_on(MemoryStore(), program))
        return any(isinstance(each, outcome) for each in outcomes[1:])

    assert find(programs, reaches, settings=settings(phases=[Phase.generate], max_examples=2_000, deadline=None))
