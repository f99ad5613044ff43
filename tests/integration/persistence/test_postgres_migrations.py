import asyncio

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence.migrating import SchemaTooNew, current, head, upgrade
from adapters.persistence.schema import METADATA
from adapters.persistence.sql_store import open_sql_store
from tests.support.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


async def _do(url: str, *statements: str) -> None:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        if not statements:
            await connection.run_sync(METADATA.create_all)
    await engine.dispose()


def _schema(server: PostgresServer, url: str) -> list[str]:
    """PostgreSQL's own dump of a schema, line by line in an order that does not depend on how it came about."""
    dump = server.run("pg_dump", "--schema-only", "-T", "alembic_version", "-d", str(make_url(url).database))
    kept = [line for line in dump.splitlines() if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]
    # A column that came later stands last in its table: each line is told with the statement that it belongs to.
    statement, told = "", []
    for line in kept:
        statement = statement if line.startswith((" ", ")")) else line
        told.append(f"{statement} | {line.strip().rstrip(',')}")
    return sorted(told)


async def test_migrations_lead_to_the_tables_of_the_code(
    postgres_server: PostgresServer, migrated_postgres: str, bare_postgres_url: str
) -> None:
    await _do(bare_postgres_url)

    made, migrated = (_schema(postgres_server, url) for url in (bare_postgres_url, migrated_postgres))

    assert sum("| CREATE TABLE" in line for line in made) == len(METADATA.tables)
    assert migrated == made


async def test_an_empty_database_is_brought_to_head_once(bare_postgres_url: str) -> None:
    assert await current(bare_postgres_url) is None
    assert (await upgrade(bare_postgres_url))[-1] == head()
    assert await current(bare_postgres_url) == head()
    assert await upgrade(bare_postgres_url) == []


async def test_those_that_start_together_migrate_once(bare_postgres_url: str) -> None:
    stores = await asyncio.gather(*(open_sql_store(bare_postgres_url) for _ in range(4)))

    for store in stores:
        await store.ping()
        await store.close()
    assert await current(bare_postgres_url) == head()


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(bare_postgres_url: str) -> None:
    await upgrade(bare_postgres_url)
    await _do(bare_postgres_url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaTooNew, match=r"9999.*start the version that made it"):
        await open_sql_store(bare_postgres_url)

    assert await current(bare_postgres_url) == "9999"
