"""Which database a url means, and what each of them must do for the store."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from adapters.persistence.sql_wording import Asked, PostgresWording, Row, SqliteWording, SqlWording

CONNECTIONS: Final = 8
"""To PostgreSQL, for one process, unless told otherwise."""

T = TypeVar("T")


class SqlSession(Protocol):
    """Asks a database what `Statements` holds, in as few round trips as it can. Rows are tuples of columns."""

    def rows(self, asked: Sequence[Asked]) -> Sequence[Sequence[Row]]:
        """The rows of each query, in this order, which is also the order of their locks.

        Their columns are of the same types as far as they go; none has more columns than the first.
        """

    def write(self, asked: Sequence[Asked]) -> None:
        """Do them all, none of which touches what another does."""

    def rollback(self) -> None:
        """Undo all that was done in it."""


class SqlDatabase(Protocol):
    """Where the work is done. Trouble comes as Collided, Passing or StoreUnavailable, and never as a driver's own."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds; each statement sees all that was committed when it began."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do all of `work`, for good, unless it rolled back; or nothing of it."""

    async def ask(self, work: Callable[[SqlSession], T]) -> T:
        """As `read`, and cheaper."""

    async def change(self, work: Callable[[SqlSession], T]) -> T:
        """As `write`, and cheaper."""

    async def close(self) -> None:
        """Give back what was opened, when the work under way has ended."""


class UrlNotUnderstood(ValueError):
    """The url names no database that we can open."""


def open_database(url: str, *, patient: bool = False, connections: int = CONNECTIONS) -> tuple[SqlDatabase, SqlWording]:
    """The database of a url, with its wording. A patient one waits long for locks and answers: to migrate.

    `connections` is the most that are open to PostgreSQL at once.
    """
    parsed = _parsed(url)
    # The other driver is not imported.
    if parsed.get_backend_name() == "sqlite":
        from adapters.persistence.sqlite import SqliteDatabase  # noqa: PLC0415 - only the engine in use is imported

        return SqliteDatabase.open(parsed, patient=patient), SqliteWording()
    from adapters.persistence.postgres import PostgresDatabase  # noqa: PLC0415 - only the engine in use is imported

    return PostgresDatabase.open(parsed, patient=patient, connections=connections), PostgresWording()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql", "postgres"}:
        # The url may carry a password: it is not repeated.
        raise UrlNotUnderstood("a database url is like sqlite:////folder/file.db or postgresql://user@host:5432/name")
    return parsed
