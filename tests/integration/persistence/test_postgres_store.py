import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from attrs import evolve
from sqlalchemy import make_url

from adapters.persistence import postgres, postgres_session
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.postgres import PostgresDatabase
from adapters.persistence.sql_statements import Statements
from adapters.persistence.sql_store import SqlStore, open_sql_store
from adapters.persistence.sql_wording import PostgresWording
from application.kinds import key_of
from application.ports.store import ChangeSet, Committed, Key, Store, StoreUnavailable
from tests import build
from tests.contracts.store import StoreContract
from tests.contracts.store_controls import GuardlessContract
from tests.contracts.store_races import LAST_PLACES, quarrel, rush
from tests.support.postgres_server import PostgresServer, running_postgres

pytestmark = pytest.mark.postgres


class TestPostgresStore(StoreContract):
    adapter = "postgres"

    @pytest.fixture
    async def backing(self, postgres_url: str) -> AsyncIterator[tuple[Store, Store]]:
        stores = await open_sql_store(postgres_url), await open_sql_store(postgres_url)
        yield stores
        for store in stores:
            await store.close()


async def _unchecked(server: PostgresServer, url: str) -> tuple[SqlStore, SqlStore]:
    """Two stores on a database that does not hold its own CHECKs."""
    stores = await open_sql_store(url), await open_sql_store(url)
    server.run(
        *("psql", "-q", "-d", url.partition("@/")[2].partition("?")[0]),
        *("-c", "ALTER TABLE allotment DROP CONSTRAINT allotment_capacity_check"),
    )
    return stores


class TestPostgresStoreWithoutGuards(GuardlessContract):
    @pytest.fixture
    async def backing(
        self, postgres_server: PostgresServer, bare_postgres_url: str
    ) -> AsyncIterator[tuple[Store, Store]]:
        stores = await _unchecked(postgres_server, bare_postgres_url)
        yield stores
        for store in stores:
            await store.close()


async def test_without_row_locks_places_are_oversold_and_versions_won_twice(
    postgres_server: PostgresServer, bare_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of FOR UPDATE: what was read may be out of date when it is written."""
    made = Statements.of

    def unlocked(self: Statements, kind: str) -> object:
        statements = made(self, kind)
        statements.lock = statements.share = statements.look
        return statements

    monkeypatch.setattr(Statements, "of", unlocked)
    stores = await _unchecked(postgres_server, bare_postgres_url)

    assert await rush(stores) > LAST_PLACES
    assert await quarrel(stores) > 1

    for store in stores:
        await store.close()


_NOTE_ORDER = """
CREATE TABLE written (number bigserial, name text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN INSERT INTO written (name) VALUES (TG_TABLE_NAME); RETURN NEW; END$$;
"""


async def _order_of_writes(server: PostgresServer, url: str) -> list[str]:
    """In which order PostgreSQL really writes what goes out together."""
    store = await open_sql_store(url)
    records = (build.session(), build.claim(), build.answer(), build.booking())
    kinds = [key_of(record).kind for record in records]
    triggers = [f"CREATE TRIGGER note BEFORE INSERT ON {kind} FOR EACH ROW EXECUTE FUNCTION note();" for kind in kinds]
    database = url.partition("@/")[2].partition("?")[0]
    server.run("psql", "-q", "-d", database, "-c", _NOTE_ORDER + "".join(triggers))

    assert await store.commit([ChangeSet(records)]) == [Committed()]

    await store.close()
    return server.run("psql", "-At", "-d", database, "-c", "SELECT name FROM written ORDER BY number").split()


async def test_what_goes_out_together_is_written_in_the_order_of_all(
    postgres_server: PostgresServer, bare_postgres_url: str
) -> None:
    assert await _order_of_writes(postgres_server, bare_postgres_url) == ["answer", "booking", "claim", "session"]


async def test_left_to_postgres_the_order_would_be_another(
    postgres_server: PostgresServer, bare_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: two batches that insert the same keys could then wait for each other."""
    joined = postgres_session._in_one_go
    monkeypatch.setattr(postgres_session, "_in_one_go", lambda writes: joined(list(reversed(writes))))

    assert await _order_of_writes(postgres_server, bare_postgres_url) != ["answer", "booking", "claim", "session"]


async def test_a_connection_that_the_server_ends_is_replaced_without_anybody_noticing(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    store = await open_sql_store(postgres_url)
    await asyncio.gather(*(store.ping() for _ in range(8)))
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'relexbooking'"
    claim = build.claim()

    for _ in range(2):
        ended = await asyncio.to_thread(postgres_server.run, "psql", "-t", "-c", terminate)
        assert "t" in ended.split()
        outcomes = await store.commit([ChangeSet((build.claim(),))])
        assert outcomes == [Committed()]
        assert await store.get([key_of(claim)]) == {}

    await store.close()


@pytest.fixture
def mortal_postgres() -> Iterator[PostgresServer]:
    """A server that a test may kill."""
    with running_postgres() as server:
        yield server


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(mortal_postgres: PostgresServer) -> None:
    store = GatheringStore(await open_sql_store(mortal_postgres.url()))
    acknowledged: list[Key] = []

    async def write_until_it_breaks() -> None:
        while True:
            claim = build.claim()
            if await store.commit([ChangeSet((claim,))]) == [Committed()]:
                acknowledged.append(key_of(claim))

    for _ in range(3):
        before = len(acknowledged)
        writers = [asyncio.create_task(write_until_it_breaks()) for _ in range(20)]
        while len(acknowledged) < before + 100:  # noqa: ASYNC110 - no event of ours tells how far they are
            await asyncio.sleep(0.005)

        await asyncio.to_thread(mortal_postgres.kill)

        failures = await asyncio.gather(*writers, return_exceptions=True)
        assert {type(failure) for failure in failures} == {StoreUnavailable}
        with pytest.raises(StoreUnavailable):
            await store.get(acknowledged[:1])
        with pytest.raises(StoreUnavailable):
            await store.ping()
        await asyncio.to_thread(mortal_postgres.start)
        for start in range(0, len(acknowledged), 100):
            keys = acknowledged[start : start + 100]
            assert set(await store.get(keys)) == set(keys)
    await store.close()


async def test_a_server_that_hangs_is_unavailable_and_then_is_not(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    database = PostgresDatabase.open(make_url(postgres_url), connections=1, answer_timeout_s=2.0)
    store = SqlStore(database, Statements(PostgresWording()))
    await store.ping()
    query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'relexbooking'"
    pids = [int(pid) for pid in postgres_server.run("psql", "-t", "-c", query).split()]
    claim = build.claim()

    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable):
            await store.commit([ChangeSet((claim,))])
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    assert pids
    assert await store.commit([ChangeSet((build.claim(),))]) == [Committed()]
    await store.close()


async def test_what_does_not_get_its_lock_is_unavailable_and_holds_up_nobody(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SERVER_SETTINGS, "lock_timeout", "50ms")
    store, holder = await open_sql_store(postgres_url), PostgresDatabase.open(make_url(postgres_url))
    claim = build.claim()
    await store.commit([ChangeSet((claim,))])
    locked, done = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with holder._engine.begin() as connection:
            await connection.exec_driver_sql("SELECT * FROM claim FOR UPDATE")
            locked.set()
            await done.wait()

    holding = asyncio.create_task(hold())
    await locked.wait()

    with pytest.raises(StoreUnavailable):
        await store.commit([ChangeSet(saves=(evolve(claim, version=1),))])
    assert await store.commit([ChangeSet((build.claim(),))]) == [Committed()]

    done.set()
    await holding
    assert await store.commit([ChangeSet(saves=(evolve(claim, version=1),))]) == [Committed()]
    await holder.close()
    await store.close()


async def test_a_server_that_was_never_there_is_unavailable(tmp_path: object) -> None:
    for url in (f"postgresql://postgres@/x?host={tmp_path}", "postgresql://postgres@127.0.0.1:1/x"):
        with pytest.raises(StoreUnavailable):
            await open_sql_store(url)


async def test_a_database_that_does_not_exist_is_unavailable(postgres_server: PostgresServer) -> None:
    with pytest.raises(StoreUnavailable):
        await open_sql_store(postgres_server.url("nowhere"))
