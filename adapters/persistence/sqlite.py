"""SQLite: one file, one writer at a time, readers beside it. A whole batch costs one hop to a thread."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from attrs import define, field
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from adapters.persistence.sql_database import SqlSession, UrlNotUnderstood
from adapters.persistence.sql_faults import fault, fault_of
from adapters.persistence.sqlite_session import STATEMENTS_KEPT, MadeStatements, SqliteSession
from application.ports.store import StoreUnavailable

READERS: Final = 4
BUSY_TIMEOUT_S: Final = 5.0
"""How long to wait for another process that writes."""
PATIENCE_S: Final = 600.0
_LOOK_AGAIN_S: Final = 0.01

T = TypeVar("T")


@define(eq=False)
class SqliteDatabase:
    """Runs work on one file, which several processes may share."""

    _reading: Engine
    _writing: Engine
    _busy_timeout_s: float
    _readers: ThreadPoolExecutor = field(init=False)
    _writer: ThreadPoolExecutor = field(init=False)
    _made: MadeStatements = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._made = MadeStatements(self._writing.dialect)

    @classmethod
    def open(cls, url: URL, *, patient: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Self:
        """The database of a file, which is made for its owner alone if it is missing."""
        wait_s = PATIENCE_S if patient else busy_timeout_s
        path = _path(url)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        reading = _engine(url, wait_s, connections=READERS, pragmas=("query_only = ON",))
        writing = _engine(url, wait_s, connections=1, pragmas=())
        event.listen(writing, "begin", _begin_to_write)
        return cls(reading, writing, wait_s)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._do, self._reading, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do all of `work`, for good, unless it rolled back; or nothing of it."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._do, self._writing, work)

    async def ask(self, work: Callable[[SqlSession], T]) -> T:
        """See SqlDatabase."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._lend, self._reading, work)

    async def change(self, work: Callable[[SqlSession], T]) -> T:
        """See SqlDatabase."""

        def whole(session: SqliteSession) -> T:
            session.begin()
            answer = work(session)
            session.commit()
            return answer

        return await asyncio.get_running_loop().run_in_executor(self._writer, self._lend, self._writing, whole)

    async def close(self) -> None:
        """Let the work under way end, then close the file."""
        await asyncio.to_thread(self._shut)

    def _do(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        began = time.monotonic()
        try:
            with engine.connect() as connection:
                answer = work(connection)
                connection.commit()
                return answer
        except DBAPIError as error:
            self._check_patience(error.orig, began)
            raise fault(error) from error

    def _lend(self, engine: Engine, work: Callable[[SqliteSession], T]) -> T:
        """What `work` finds or does on a connection of the pool, which undoes what was not committed."""
        began = time.monotonic()
        try:
            with closing(engine.raw_connection()) as pooled:
                driver: Any = pooled.driver_connection
                return work(SqliteSession(driver, self._made))
        except sqlite3.Error as error:
            self._check_patience(error, began)
            raise fault_of(error, is_lost=False) from error

    def _check_patience(self, error: BaseException | None, began: float) -> None:
        """StoreUnavailable if we have waited as long as anybody should. SQLite is also busy at once: that passes."""
        is_busy = getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY"
        if is_busy and time.monotonic() - began >= self._busy_timeout_s:
            raise StoreUnavailable(f"another process kept the file locked: {error}") from error

    def _shut(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        self._reading.dispose()
        self._writing.dispose()


EVERYWHERE: Final = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON")
"""FULL: what was acknowledged survives the loss of power, also in write-ahead mode. Secure: what is deleted is
overwritten, so that nobody reads in the file who was erased.
"""


def _path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise UrlNotUnderstood("an SQLite store needs a file: sqlite:////var/lib/relexbooking/relexbooking.db")
    return Path(url.database)


def _engine(url: URL, busy_timeout_s: float, *, connections: int, pragmas: tuple[str, ...]) -> Engine:
    # The driver opens no transactions of its own: `isolation_level` None.
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        connect_args={"isolation_level": None, "timeout": busy_timeout_s, "cached_statements": STATEMENTS_KEPT},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in (*EVERYWHERE, *pragmas):
            when_free(connection, f"PRAGMA {pragma}", busy_timeout_s)

    return engine


def when_free(connection: Any, statement: str, within_s: float) -> None:
    """Do it as soon as the file is free. To change the mode of its journal SQLite does not wait itself."""
    began = time.monotonic()
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() - began >= within_s:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


def _begin_to_write(connection: Connection) -> None:
    # A transaction that reads first and writes later could find that somebody wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
