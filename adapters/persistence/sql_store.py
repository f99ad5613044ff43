"""The store on a SQL database: one algorithm for SQLite and PostgreSQL."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from attrs import define, field
from sqlalchemy import Connection, text

from adapters.persistence import sql_committing, sql_reading
from adapters.persistence.migrating import head, revision_of, upgrade
from adapters.persistence.sql_database import SqlDatabase, SqlSession, open_database
from adapters.persistence.sql_faults import Collided, Passing
from adapters.persistence.sql_statements import Statements
from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record, StoreUnavailable
from domain.allotment import Allotment
from domain.ids import AllotmentId

TRIES: Final = 3
PAUSE_S: Final = 0.1
"""The longest wait between tries, which grows with each and is never twice the same, so that rivals part."""

T = TypeVar("T")


@define(eq=False)
class SqlStore:
    """Keeps its promises by row locks and transactions, also against other processes on the same database."""

    _database: SqlDatabase
    _statements: Statements
    _jitter: Callable[[float, float], float] = field(default=random.uniform)

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        return await self._ask(lambda session: sql_reading.records(session, self._statements, keys))

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        return await self._ask(lambda session: sql_reading.allotments(session, self._statements, ids))

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        for sure in (False, True):
            try:
                return await self._write(batch, sure=sure)
            except Collided:
                continue
        # Others insert the same keys at this very moment: alone, each set collides with one of them at most.
        return [await self._alone(changes) for changes in batch]

    async def _alone(self, changes: ChangeSet) -> Outcome:
        for _ in range(TRIES):
            try:
                return (await self._write([changes], sure=True))[0]
            except Collided:
                continue
        raise StoreUnavailable("others insert and delete the same records again and again")

    async def list(self, listing: Listing) -> Page[Record]:
        return await self._read(lambda connection: sql_reading.page(connection, self._statements.wording, listing))

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        return await self._ask(lambda session: sql_reading.misfiled(session, self._statements, keys))

    async def ping(self) -> None:
        await self._read(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    async def revision(self) -> str | None:
        """The schema's revision; None while there is none."""
        return await self._patiently(lambda: revision_of(self._database))

    async def close(self) -> None:
        await self._database.close()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._patiently(lambda: self._database.read(work))

    async def _ask(self, work: Callable[[SqlSession], T]) -> T:
        return await self._patiently(lambda: self._database.ask(work))

    async def _write(self, batch: Sequence[ChangeSet], *, sure: bool) -> Sequence[Outcome]:
        def work(session: SqlSession) -> Sequence[Outcome]:
            return sql_committing.commit(session, self._statements, batch, sure=sure)

        return await self._patiently(lambda: self._database.change(work))

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """What passes is tried again, a bounded number of times."""
        for left in reversed(range(TRIES)):
            try:
                return await call()
            except Passing as error:
                if not left:
                    raise StoreUnavailable(f"the database did not serve us: {error}") from error
                await asyncio.sleep(self._jitter(0, PAUSE_S / left))
        raise AssertionError("the last try returns or raises")


async def open_sql_store(url: str) -> SqlStore:
    """The store of sqlite:////folder/file.db or postgresql://user@host:5432/name, brought to our schema first.

    StoreUnavailable if the database does not answer, SchemaTooNew if a newer program made it,
    UrlNotUnderstood if the url is neither.
    """
    database, wording = open_database(url)
    store = SqlStore(database, Statements(wording))
    try:
        if await store.revision() != head():
            await upgrade(url)
    except BaseException:
        await store.close()
        raise
    return store
