"""The `world` fixture: a whole installation on memory; `every_world` runs a test on each store that we ship."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from adapters.persistence.gathering import GatheringStore
from tests.support.opening import open_any
from tests.support.world import World

SQL: Final = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""The SQL databases. One that needs a server has its mark."""
LASTING: Final = (*SQL, pytest.param("dynamo", marks=pytest.mark.dynamo))
"""All that outlives a process."""
EVERY_STORE: Final = ("memory", *LASTING)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.of(tmp_path)


@pytest.fixture(params=["memory", *SQL])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Memory and each SQL store, by the url of an empty one; that of memory is empty."""
    match request.param:
        case "memory":
            return ""
        case "sqlite":
            return f"sqlite:///{tmp_path}/relexbooking.db"
        case _:
            url: str = request.getfixturevalue("postgres_url")
            return url


@pytest.fixture(params=[*SQL])
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each SQL store that outlives a process, by the url of an empty one."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/relexbooking.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=[*EVERY_STORE])
async def every_world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "memory":
        yield World.of(tmp_path)
        return
    store = GatheringStore(await open_any(request.getfixturevalue(f"{request.param}_url")))
    yield World.of(tmp_path, store)
    await store.close()
