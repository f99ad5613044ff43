"""Statements made once, asked of asyncpg itself: what SQLAlchemy does for each costs more than to send it."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import asyncpg
from attrs import Factory, define, frozen
from sqlalchemy import Dialect, Executable
from sqlalchemy.pool import Pool, PoolProxiedConnection
from sqlalchemy.util.concurrency import await_

from adapters.persistence.sql_wording import Asked, Row

OUT_OF_ORDER: Final = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""After these, nobody knows what the connection is in the middle of."""
MADE_MAX: Final = 1_000
"""Far more than there are things that are asked or written together."""
_PLACE: Final = re.compile(r"\$(\d+)")


@frozen
class _Compiled:
    """What the server is sent, and the names of what goes into its places."""

    words: str
    names: tuple[tuple[str, ...], ...]
    """Of each statement."""


@define(eq=False)
class MadeStatements:
    """Statements in the words that asyncpg sends."""

    _dialect: Dialect
    _made: dict[tuple[Executable, ...], _Compiled] = Factory(dict)

    def of(self, statements: tuple[Executable, ...], join: Callable[[Sequence[str]], str]) -> _Compiled:
        """One statement for all of these, which are always joined in the same way."""
        made = self._made.get(statements)
        if made is None:
            if len(self._made) >= MADE_MAX:
                self._made.clear()
            made = self._made[statements] = self._compile(statements, join)
        return made

    def _compile(self, statements: tuple[Executable, ...], join: Callable[[Sequence[str]], str]) -> _Compiled:
        words: list[str] = []
        names: list[tuple[str, ...]] = []
        for statement in statements:
            compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]  # of all that executes
            words.append(_counting_on(compiled.string, sum(len(some) for some in names)))
            names.append(tuple(compiled.positiontup))
        return _Compiled(join(words), tuple(names))


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

    def rows(self, asked: Sequence[Asked]) -> Sequence[Sequence[Row]]:
        """See SqlSession."""
        if len(asked) <= 1:
            return [self._fetch(asked, _alone)] if asked else []
        found: list[list[Row]] = [[] for _ in asked]
        widths = [len(statement.selected_columns) for statement, _ in asked]  # type: ignore[attr-defined]  # of queries
        for row in self._fetch(asked, partial(_one_below_the_other, widths)):
            found[row[0]].append(row[1 : 1 + widths[row[0]]])
        return found

    def write(self, asked: Sequence[Asked]) -> None:
        """See SqlSession."""
        if asked:
            self._fetch(asked, _alone if len(asked) == 1 else _in_one_go)

    def _fetch(self, asked: Sequence[Asked], join: Callable[[Sequence[str]], str]) -> Sequence[Row]:
        made = self._statements.of(tuple([statement for statement, _ in asked]), join)
        values = [given[name] for (_, given), names in zip(asked, made.names, strict=True) for name in names]  # type: ignore[call-overload]  # one array for each column
        rows: Sequence[Row] = await_(self._driver.fetch(made.words, *values))
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


def _counting_on(words: str, places: int) -> str:
    """A statement whose places come after so many others."""
    return _PLACE.sub(lambda place: f"${int(place[1]) + places}", words)


def _alone(statements: Sequence[str]) -> str:
    [statement] = statements
    return statement


def _one_below_the_other(widths: Sequence[int], queries: Sequence[str]) -> str:
    """Each query with its number in front, and filled up to the width of the first. They run in this order."""
    return " UNION ALL ".join(
        f"SELECT {number}, q{number}.*{', NULL' * (widths[0] - width)} FROM ({query}) AS q{number}"  # noqa: S608 - words of ours
        for number, (query, width) in enumerate(zip(queries, widths, strict=True))
    )


def _in_one_go(writes: Sequence[str]) -> str:
    """PostgreSQL runs the last of such writes first: so they come in the order of `writes`, as everybody's do."""
    parts = [f"w{number} AS ({write})" for number, write in enumerate(writes)]
    return f"WITH {', '.join(reversed(parts))} SELECT 1"
