import asyncio

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from adapters.aws import dynamo_guards
from application.kinds import KINDS
from tests.support.dynamo import Dynamo
from tests.support.store_programs import Program, Sketch, Write, programs, run_on_memory_and

pytestmark = pytest.mark.dynamo


def run(dynamo: Dynamo, shards: int, program: Program) -> None:
    async def compare() -> None:
        store = dynamo.store(shards)
        try:
            await run_on_memory_and(store, program)
        finally:
            await store.close()

    asyncio.run(compare())


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that programs write has guards, as an event has."""
    for kind in ("claim", "notice"):
        monkeypatch.setitem(KINDS, kind, evolve(KINDS[kind], is_watched=True))


@pytest.mark.parametrize("shards", [1, 3])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=programs)
def test_dynamodb_does_what_memory_does(dynamo: Dynamo, shards: int, program: Program) -> None:
    run(dynamo, shards, program)


@pytest.mark.usefixtures("watched")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=programs)
def test_with_guards_too_it_does_what_memory_does(dynamo: Dynamo, program: Program) -> None:
    run(dynamo, 1, program)


def _of(how: str, version: int = 1) -> list[Sketch]:
    return [Sketch((Write(how, "claim", "a", version, None, 0),), (), ())]


@pytest.mark.usefixtures("watched")
def test_guards_that_stay_behind_are_found_by_such_a_program(dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a change that nobody hears of."""
    program = [_of("insert"), _of("save"), _of("expect")]
    run(dynamo, 1, program)

    write_all = dynamo_guards.put_all
    monkeypatch.setattr(
        dynamo_guards, "put_all", lambda table, name, version: write_all(table, name, 1) if version == 1 else iter(())
    )
    with pytest.raises(AssertionError):
        run(dynamo, 1, program)
