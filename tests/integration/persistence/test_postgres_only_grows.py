"""PostgreSQL guards rows that must stay, against every program that reaches it."""

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence.sql_store import open_sql_store
from application.kinds import KINDS
from application.ports.store import ChangeSet, Key
from tests import build

pytestmark = pytest.mark.postgres

GROWING = sorted(kind.name for kind in KINDS.values() if kind.only_grows)


async def _do(url: str, *statements: str) -> None:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def _exists(url: str, key: Key) -> bool:
    store = await open_sql_store(url)
    found = await store.get([key])
    await store.close()
    return key in found


async def _with_one(url: str, kind: str) -> Key:
    record = build.EXAMPLES[kind]()
    store = await open_sql_store(url)
    await store.commit([ChangeSet(inserts=(record,))])
    await store.close()
    return Key(kind, record.id)


@pytest.mark.parametrize("kind", GROWING)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET body = '{{}}'", "DELETE FROM {0}", "TRUNCATE {0}"])
async def test_a_hand_at_the_database_is_refused(postgres_url: str, kind: str, statement: str) -> None:
    key = await _with_one(postgres_url, kind)

    with pytest.raises(DBAPIError, match=f"{kind} only grows"):
        await _do(postgres_url, statement.format(kind))

    assert await _exists(postgres_url, key)


async def test_without_the_guard_it_would_be_done(postgres_url: str) -> None:
    key = await _with_one(postgres_url, "audit")

    await _do(postgres_url, "SET LOCAL session_replication_role = replica", "DELETE FROM audit")

    assert not await _exists(postgres_url, key)
