"""The SQL store, made from the settings."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_database import open_database
from adapters.persistence.sql_statements import Statements
from adapters.persistence.sql_store import SqlStore, open_sql_store
from adapters.settings import Settings
from application.ports.store import Store


def sql(settings: Settings) -> Store:
    """SQLite or PostgreSQL, brought to our schema first; it can be built with or without a running loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _prepare(settings.store_url)).result()
    database, wording = open_database(settings.store_url, connections=settings.pool_size)
    return GatheringStore(SqlStore(database, Statements(wording)))


async def _prepare(url: str) -> None:
    """On a loop of its own: connections belong to the loop that opened them."""
    await (await open_sql_store(url)).close()
