"""Statements made once, asked of asyncpg itself: what SQLAlchemy does for each costs more than to send it."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from attrs import Factory, define, frozen
from sqlalchemy import Dialect, Executable
from sqlalchemy.pool import Pool, PoolProxiedConnection
from sqlalchemy.util.concurrency import await_

from adapters.persistence.sql_wording import Given

OUT_OF_ORDER: Final = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""After these, nobody knows what the connection is in the middle of."""
MADE_MAX: Final = 1_000
"""Far more than there are tables and things to ask of them."""


@frozen
class _Compiled:
    """What the server is sent, and the names of what goes into its places."""

    words: str
    names: tuple[str, ...]


@define(eq=False)
class MadeStatements:
    """Statements in the words that asyncpg sends."""

    _dialect: Dialect
    _made: dict[Executable, _Compiled] = Factory(dict)

    def of(self, statement: Executable) -> _Compiled:
        made = self._made.get(statement)
        if made is None:
            assert len(self._made) < MADE_MAX, "made once, and not for each question"
            compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]  # of all that executes
            made = self._made[statement] = _Compiled(compiled.string, tuple(compiled.positiontup))
        return made


@define(eq=False)
class PostgresSession:
    """A SqlSession on one connection, inside a greenlet of SQLAlchemy's."""

    _connection: PoolProxiedConnection
    _driver: Any
    _statements: MadeStatements
    committing: bool = False

    @classmethod
    def borrow(cls, pool: Pool, statements: MadeStatements) -> "PostgresSession":
        """On a connection that is open, as far as we know."""
        while True:
            connection = pool.connect()
            driver: Any = connection.driver_connection
            if not driver.is_closed():
                return cls(connection, driver, statements)
            # The server ended it while nobody used it. The pool is as large as this can be repeated.
            connection.invalidate()

    @property
    def is_lost(self) -> bool:
        closed: bool = self._driver.is_closed()
        return closed

    def execute(self, statement: Executable, given: Given) -> Sequence[Sequence[Any]]:
        """See SqlSession."""
        assert isinstance(given, dict), "many rows go out as one array for each column"
        made = self._statements.of(statement)
        rows: Sequence[Sequence[Any]] = await_(self._driver.fetch(made.words, *[given[name] for name in made.names]))
        return rows

    def begin(self) -> None:
        await_(self._driver.execute("BEGIN"))

    def commit(self) -> None:
        """Unless it was rolled back."""
        if self._driver.is_in_transaction():
            self.committing = True
            await_(self._driver.execute("COMMIT"))

    def rollback(self) -> None:
        """See SqlSession."""
        await_(self._driver.execute("ROLLBACK"))

    def give_back(self) -> None:
        self._connection.close()

    def abandon(self, error: BaseException) -> None:
        """Give the connection back if the error left it in order, and close it if not."""
        try:
            if self.is_lost or not isinstance(error, Exception) or isinstance(error, OUT_OF_ORDER):
                self._connection.invalidate(error)
            elif self._driver.is_in_transaction():
                self.rollback()
        except Exception as worse:  # noqa: BLE001 - the first error is the one to be told
            self._connection.invalidate(worse)
        self._connection.close()
