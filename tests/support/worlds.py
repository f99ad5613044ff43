"""The `world` fixture: a whole installation on memory; `every_world` runs a test on each store that we ship."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.of(tmp_path)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def every_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    match request.param:
        case "memory":
            yield World.of(tmp_path)
            return
        case "sqlite":
            url = f"sqlite:///{tmp_path}/relexbooking.db"
        case _:
            url = request.getfixturevalue("postgres_url")
    store = GatheringStore(await open_sql_store(url))
    yield World.of(tmp_path, store)
    await store.close()
