"""PostgreSQL through asyncpg: work written for a plain connection runs on the event loop without blocking it."""

from collections.abc import Callable
from typing import Final, Self, TypeVar

import asyncpg
from attrs import define, field
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import greenlet_spawn

from adapters.persistence.postgres_session import OUT_OF_ORDER, MadeStatements, PostgresSession
from adapters.persistence.sql_database import SqlSession
from adapters.persistence.sql_faults import Passing, fault, fault_of
from application.ports.store import StoreUnavailable

CONNECTIONS: Final = 8
CONNECT_TIMEOUT_S: Final = 5
ANSWER_TIMEOUT_S: Final = 15
"""For a server that accepts everything and answers nothing; its own limits are shorter."""
STATEMENTS_KEPT: Final = 500
"""How many statements each connection keeps prepared: with each other, ours have many combinations."""
_SERVER_SETTINGS: Final = {
    "application_name": "relexbooking",
    "lock_timeout": "3s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
    "jit": "off",  # Every statement of ours is short.
}
_PATIENT: Final = dict.fromkeys(("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"), "0")
_NO_CONNECTION: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, PoolExhausted)

T = TypeVar("T")


@define(eq=False)
class PostgresDatabase:
    """Runs work on a PostgreSQL server. Connections that broke are replaced when they are next needed."""

    _engine: AsyncEngine
    _reading: AsyncEngine = field(init=False)
    _made: MadeStatements = field(init=False)

    def __attrs_post_init__(self) -> None:
        # A statement that stands alone needs no BEGIN and COMMIT round it.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._made = MadeStatements(self._engine.dialect)

    @classmethod
    def open(
        cls,
        url: URL,
        *,
        patient: bool = False,
        connections: int = CONNECTIONS,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Self:
        """The database of postgresql://user:password@host:port/name, or with ?host=/folder/of/the/socket."""
        query = dict(url.query)
        if "sslmode" in query:  # libpq's name for it
            query["ssl"] = query.pop("sslmode")
        return cls(
            create_async_engine(
                url.set(drivername="postgresql+asyncpg", query=query),
                pool_size=connections,
                max_overflow=0,
                pool_timeout=CONNECT_TIMEOUT_S,
                pool_use_lifo=True,
                connect_args={
                    "timeout": CONNECT_TIMEOUT_S,
                    "command_timeout": None if patient else answer_timeout_s,
                    "statement_cache_size": STATEMENTS_KEPT,
                    "server_settings": _SERVER_SETTINGS | (_PATIENT if patient else {}),
                },
            )
        )

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds; each statement sees all that was committed when it began."""
        try:
            async with self._reading.connect() as connection:
                return await connection.run_sync(work)
        except DBAPIError as error:
            raise fault(error) from error
        except _NO_CONNECTION as error:
            raise _lost(error) from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do all of `work`, for good, unless it rolled back; or nothing of it."""
        committing = False
        try:
            async with self._engine.connect() as connection:
                answer = await connection.run_sync(work)
                if connection.in_transaction():
                    committing = True
                    await connection.commit()
                return answer
        except DBAPIError as error:
            if committing and error.connection_invalidated:
                raise StoreUnavailable("no answer to a commit") from error
            raise fault(error) from error
        except _NO_CONNECTION as error:
            raise StoreUnavailable("no answer to a commit") if committing else _lost(error) from error

    async def ask(self, work: Callable[[SqlSession], T]) -> T:
        """See SqlDatabase."""
        return await greenlet_spawn(self._lend, work)

    async def change(self, work: Callable[[SqlSession], T]) -> T:
        """See SqlDatabase."""

        def whole(session: PostgresSession) -> T:
            session.begin()
            answer = work(session)
            session.commit()
            return answer

        return await greenlet_spawn(self._lend, whole)

    def _lend(self, work: Callable[[PostgresSession], T]) -> T:
        """What `work` finds or does on a connection of the pool."""
        try:
            session = PostgresSession.borrow(self._engine.sync_engine.pool, self._made)
        except Exception as error:
            raise _trouble(error, is_lost=False) from error
        try:
            answer = work(session)
        except Exception as error:
            is_lost = session.is_lost
            session.abandon(error)
            if session.committing and (is_lost or isinstance(error, OUT_OF_ORDER)):
                raise StoreUnavailable("no answer to a commit") from error
            raise _trouble(error, is_lost=is_lost) from error
        except BaseException as error:
            session.abandon(error)
            raise
        session.give_back()
        return answer

    async def close(self) -> None:
        """Close what is idle at once, and the rest when its work ends."""
        await self._engine.dispose()


def _trouble(error: Exception, *, is_lost: bool) -> Exception:
    """What asyncpg complains of, as Collided, Passing or StoreUnavailable; or itself, if the program is to blame."""
    told = fault_of(error, is_lost=is_lost)
    if told is not error or isinstance(error, asyncpg.PostgresError | ValueError):
        return told
    return _lost(error) if isinstance(error, _NO_CONNECTION) else error


def _lost(error: Exception) -> Exception:
    if isinstance(error, TimeoutError | PoolExhausted):
        # Who has waited this long for nothing does not wait again.
        return StoreUnavailable(f"the database did not answer in time: {error!r}")
    return Passing(f"no connection: {error!r}")
