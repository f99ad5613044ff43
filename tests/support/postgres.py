"""PostgreSQL for tests: one server for each worker, and for each test a database with our schema and nothing in it."""

from collections.abc import Iterator
from itertools import count

import pytest

from adapters.persistence.migrating import upgrade
from adapters.persistence.schema import METADATA
from tests.support.apart import run_apart
from tests.support.postgres_server import PostgresServer, running_postgres

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server that all tests of this worker share: for those that leave it running."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    postgres_server.run("createdb", "migrated")
    url = postgres_server.url("migrated")
    run_apart(lambda: upgrade(url))
    return url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, migrated_postgres: str) -> str:
    """A database that holds nothing. Deleting few rows is many times faster than to truncate, or to make another."""
    statements = "; ".join(f'DELETE FROM "{table.name}"' for table in METADATA.tables.values())  # noqa: S608 - our own
    # Some tables only grow; who owns the server may set that aside for one connection.
    unguarded = f"SET session_replication_role = replica; {statements}"
    postgres_server.run("psql", "-q", "-d", "migrated", "-c", unguarded)
    return migrated_postgres


@pytest.fixture
def bare_postgres_url(postgres_server: PostgresServer) -> str:
    """A new database, without our schema."""
    name = f"bare{next(_numbers)}"
    postgres_server.run("createdb", name)
    return postgres_server.url(name)
