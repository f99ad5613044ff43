import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adapters.persistence import migrating
from adapters.persistence.migrating import SchemaTooNew, current, head, upgrade
from adapters.persistence.schema import METADATA
from adapters.persistence.sql_store import open_sql_store


def _schema(path: Path) -> dict[str, str]:
    """The definition of each table and index, in the database's own words, spaces aside."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    engine.dispose()
    return {row.name: "".join(row.sql.split()) for row in rows if row.name != "alembic_version"}


def _parts(definition: str) -> list[str]:
    return sorted(definition.replace("(", ",").replace(")", ",").split(","))


def test_migrations_lead_to_the_tables_of_the_code(migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "made.db"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()

    made, migrated = _schema(path), _schema(migrated_sqlite)

    assert len(made) > 2 * len(METADATA.tables) - 3
    # Constraints may stand in another order.
    assert {name: _parts(sql) for name, sql in migrated.items()} == {name: _parts(sql) for name, sql in made.items()}


async def test_an_empty_database_is_brought_to_head_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    assert await current(url) is None
    assert (await upgrade(url))[-1] == head()
    assert await current(url) == head()
    assert await upgrade(url) == []


async def test_two_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    applied = await asyncio.gather(*(upgrade(url) for _ in range(4)))

    assert [revisions[-1:] for revisions in sorted(applied)] == [[], [], [], [head()]]


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(SchemaTooNew, match=r"9999.*start the version that made it"):
        await open_sql_store(sqlite_url)

    assert await current(sqlite_url) == "9999"


def test_the_head_in_the_code_is_the_newest_revision() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).with_name("migrations")))

    assert ScriptDirectory.from_config(config).get_current_head() == head()


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(sqlite_url: str) -> None:
    code = (
        "import asyncio, sys\n"
        "from adapters.persistence.sql_store import open_sql_store\n"
        f"store = asyncio.run(open_sql_store({sqlite_url!r}))\n"
        "print('alembic' in sys.modules, 'asyncpg' in sys.modules)\n"
        "asyncio.run(store.close())\n"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout == "False False\n"
