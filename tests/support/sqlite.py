"""SQLite for tests: a copy of one file that has our schema and nothing in it."""

import shutil
from pathlib import Path

import pytest

from adapters.persistence.migrating import upgrade
from tests.support.apart import run_apart


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    run_apart(lambda: upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A database that holds nothing."""
    path = tmp_path / "relexbooking.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"
