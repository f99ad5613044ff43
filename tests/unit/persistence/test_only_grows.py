"""Rows that must stay are guarded by the database too, against every program that reaches it."""

import sqlite3
from pathlib import Path

import pytest

from adapters.persistence.sql_store import open_sql_store
from application.kinds import KINDS
from application.ports.store import ChangeSet, Listing
from tests import build

GROWING = sorted(kind.name for kind in KINDS.values() if kind.only_grows)


async def _with_one(url: str, kind: str) -> Path:
    store = await open_sql_store(url)
    await store.commit([ChangeSet(inserts=(build.EXAMPLES[kind](),))])
    await store.close()
    return Path(url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("kind", GROWING)
@pytest.mark.parametrize(
    "statement", ["UPDATE {0} SET body = '{{}}'", "DELETE FROM {0}", "REPLACE INTO {0} SELECT * FROM {0}"]
)
async def test_a_hand_at_the_database_is_refused(sqlite_url: str, kind: str, statement: str) -> None:
    path = await _with_one(sqlite_url, kind)
    with sqlite3.connect(path) as connection:
        before = connection.execute(f"SELECT * FROM {kind}").fetchall()
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement.replace("REPLACE", "INSERT").format(kind))
        assert connection.execute(f"SELECT * FROM {kind}").fetchall() == before
    connection.close()


@pytest.mark.parametrize("kind", GROWING)
async def test_without_the_guard_it_would_be_done(sqlite_url: str, kind: str) -> None:
    path = await _with_one(sqlite_url, kind)
    with sqlite3.connect(path) as connection:
        connection.execute(f"DROP TRIGGER {kind}_no_delete")
        connection.execute(f"DELETE FROM {kind}")
        assert connection.execute(f"SELECT count(*) FROM {kind}").fetchone() == (0,)
    connection.close()


async def test_what_else_is_stored_is_not_guarded(sqlite_url: str) -> None:
    path = await _with_one(sqlite_url, "audit_head")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE audit_head SET version = 7")
    connection.close()
    store = await open_sql_store(sqlite_url)

    assert (await store.list(Listing("audit", "everything", "all"))).items == ()
    await store.close()
