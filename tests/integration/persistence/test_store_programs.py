import asyncio

import pytest
from hypothesis import given, settings

from adapters.persistence.sql_store import open_sql_store
from tests.support.store_programs import Program, programs, run_on_memory_and


@pytest.mark.postgres
@settings(max_examples=25, deadline=None)
@given(programs)
def test_postgres_does_what_memory_does(migrated_postgres: str, program: Program) -> None:
    async def run() -> None:
        store = await open_sql_store(migrated_postgres)
        await run_on_memory_and(store, program)
        await store.close()

    asyncio.run(run())
