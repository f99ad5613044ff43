import asyncio

import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.dynamo import Dynamo
from tests.support.store_programs import Program, programs, run_on_memory_and


@pytest.mark.dynamo
@pytest.mark.parametrize("shards", [1, 3])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=programs)
def test_dynamodb_does_what_memory_does(made_dynamo: Dynamo, shards: int, program: Program) -> None:
    async def run() -> None:
        store = made_dynamo.store(shards)
        await run_on_memory_and(store, program)
        await store.close()

    asyncio.run(run())
