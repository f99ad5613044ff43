import asyncio
import sqlite3
import stat
import sys
import threading
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as events
from sqlalchemy import make_url

from adapters.persistence import deciding, sql_committing
from adapters.persistence.sql_database import UrlNotUnderstood
from adapters.persistence.sql_statements import Statements
from adapters.persistence.sql_store import SqlStore, open_sql_store
from adapters.persistence.sql_wording import Asked, Row, SqliteWording
from adapters.persistence.sqlite import SqliteDatabase
from adapters.persistence.sqlite_session import SqliteSession
from application.kinds import key_of
from application.ports.store import ChangeSet, Committed, Outcome, Store, StoreUnavailable
from domain.allotment import Allotment
from tests import build
from tests.contracts.store import StoreContract
from tests.contracts.store_controls import GuardlessContract, admit_all
from tests.contracts.store_races import BUYERS, HOT, LAST_PLACES, buy, rush

PATIENCE_S = 60
HOLD_THE_WRITE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


class TestSqliteStore(StoreContract):
    adapter = "sqlite"

    @pytest.fixture
    async def backing(self, sqlite_url: str) -> AsyncIterator[tuple[Store, Store]]:
        stores = await open_sql_store(sqlite_url), await open_sql_store(sqlite_url)
        yield stores
        for store in stores:
            await store.close()


def _unchecked(url: str) -> SqliteDatabase:
    """A database that does not hold its own CHECKs."""
    database = SqliteDatabase.open(make_url(url))
    events.listen(
        database._writing, "connect", lambda connection, _: connection.execute("PRAGMA ignore_check_constraints = ON")
    )
    return database


class TestSqliteStoreWithoutGuards(GuardlessContract):
    @pytest.fixture
    async def backing(self, sqlite_url: str) -> AsyncIterator[tuple[Store, Store]]:
        stores = tuple(SqlStore(_unchecked(sqlite_url), Statements(SqliteWording())) for _ in range(2))
        yield stores[0], stores[1]
        for store in stores:
            await store.close()


async def test_without_its_transaction_places_are_oversold(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of BEGIN IMMEDIATE: what was read may be out of date when it is written."""
    stores = [SqlStore(_unchecked(sqlite_url), Statements(SqliteWording())) for _ in range(2)]
    event = build.event()
    await stores[0].commit([ChangeSet(inserts=(event,), allotments=(Allotment(HOT, LAST_PLACES),))])
    monkeypatch.setattr(SqliteSession, "begin", lambda _session: None)
    _let_both_read_first(monkeypatch)

    winners = await buy(stores, BUYERS, event.id)

    for store in stores:
        await store.close()
    assert winners > LAST_PLACES


def _let_both_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of each thread waits until both have read: nothing but a transaction keeps them apart."""
    really, both, met = SqliteSession.rows, threading.Barrier(2), set[int]()

    def rows(session: SqliteSession, asked: Sequence[Asked]) -> Sequence[Sequence[Row]]:
        found = really(session, asked)
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            both.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(SqliteSession, "rows", rows)


async def test_the_database_itself_refuses_to_oversell(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "apply", admit_all)
    store = await open_sql_store(sqlite_url)

    with pytest.raises(sqlite3.IntegrityError, match="allotment_capacity_check"):
        await rush([store], buyers=LAST_PLACES + 1)

    await store.close()


async def test_a_file_that_another_process_writes_for_long_is_unavailable_and_then_is_not(sqlite_url: str) -> None:
    url = make_url(sqlite_url)
    store = SqlStore(SqliteDatabase.open(url, busy_timeout_s=0.01), Statements(SqliteWording()))
    claim = build.claim()
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD_THE_WRITE_LOCK, str(url.database)), stdin=PIPE, stdout=PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"

    with pytest.raises(StoreUnavailable):
        await store.commit([ChangeSet((claim,))])
    assert await store.get([key_of(claim)]) == {}, "readers are not kept waiting"

    await other.communicate(b"")
    assert await store.commit([ChangeSet((claim,))]) == [Committed()]
    await store.close()


async def test_a_locked_file_is_waited_for_once(sqlite_url: str) -> None:
    """Not once for each try: whoever books would wait three times as long to hear the same."""
    url, busy_timeout_s = make_url(sqlite_url), 0.4
    store = SqlStore(SqliteDatabase.open(url, busy_timeout_s=busy_timeout_s), Statements(SqliteWording()))
    with closing(sqlite3.connect(str(url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()

        with pytest.raises(StoreUnavailable):
            await store.commit([ChangeSet((build.claim(),))])

        assert busy_timeout_s <= time.monotonic() - began < 2 * busy_timeout_s
    await store.close()


async def test_a_file_that_is_busy_at_once_is_tried_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when another process recovers it: SQLite then does not wait, and a second try finds it free."""
    store = SqlStore(SqliteDatabase.open(make_url(sqlite_url)), Statements(SqliteWording()))
    tries = 0
    really = sql_committing.commit

    def busy_once(*given: Any, **named: Any) -> list[Outcome]:
        nonlocal tries
        tries += 1
        if tries == 1:
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorname = "SQLITE_BUSY"
            raise busy
        return really(*given, **named)

    monkeypatch.setattr(sql_committing, "commit", busy_once)

    assert await store.commit([ChangeSet((build.claim(),))]) == [Committed()]
    assert tries == 2
    await store.close()


async def test_a_new_file_and_its_folder_are_the_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"

    store = await open_sql_store(f"sqlite:///{path}")
    await store.close()

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@/x", "nonsense", ""])
async def test_a_url_that_names_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(UrlNotUnderstood):
        await open_sql_store(url)


async def test_writes_are_synced_and_logged_ahead(sqlite_url: str) -> None:
    database = SqliteDatabase.open(make_url(sqlite_url))

    def pragmas(connection: object) -> list[object]:
        names = ("journal_mode", "synchronous", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]  # type: ignore[attr-defined]

    full = 2
    assert await database.write(pragmas) == await database.read(pragmas) == ["wal", full, 5000]
    await database.close()
