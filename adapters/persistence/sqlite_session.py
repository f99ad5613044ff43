"""Statements made once, asked of SQLite itself: what SQLAlchemy does for each costs more than most of them."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from attrs import Factory, define, frozen
from sqlalchemy import Dialect, Executable

from adapters.persistence.sql_wording import Asked, Row

STATEMENTS_KEPT: Final = 500
"""How many statements each connection keeps prepared: more than there are."""


@frozen
class _Compiled:
    """What SQLite is given, and the names of what goes into its places."""

    words: str
    names: tuple[str, ...]

    def values(self, given: dict[str, Any]) -> tuple[Any, ...]:
        return tuple([given[name] for name in self.names])


@define(eq=False)
class MadeStatements:
    """Statements in SQLite's words."""

    _dialect: Dialect
    _made: dict[Executable, _Compiled] = Factory(dict)

    def of(self, statement: Executable) -> _Compiled:
        made = self._made.get(statement)
        if made is None:
            compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]  # of all that executes
            made = self._made[statement] = _Compiled(compiled.string, tuple(compiled.positiontup))
        return made


@frozen
class SqliteSession:
    """A SqlSession on one connection."""

    _driver: sqlite3.Connection
    _statements: MadeStatements

    def rows(self, asked: Sequence[Asked]) -> Sequence[Sequence[Row]]:
        """See SqlSession."""
        found = []
        for statement, given in asked:
            made = self._statements.of(statement)
            assert isinstance(given, dict), "a query has one set of parameters"
            found.append(self._driver.execute(made.words, made.values(given)).fetchall())
        return found

    def write(self, asked: Sequence[Asked]) -> None:
        """See SqlSession."""
        for statement, given in asked:
            made = self._statements.of(statement)
            if isinstance(given, dict):
                self._driver.execute(made.words, made.values(given))
            else:
                self._driver.executemany(made.words, map(made.values, given))

    def begin(self) -> None:
        """A transaction that reads first and writes later could find that somebody wrote in between."""
        self._driver.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Unless it was rolled back."""
        if self._driver.in_transaction:
            self._driver.execute("COMMIT")

    def rollback(self) -> None:
        """See SqlSession."""
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")
