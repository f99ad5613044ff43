"""Bring a database to the schema that this program knows, once, however many processes start together."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Text, column, func, inspect, select, table

from adapters.persistence.sql_database import SqlDatabase, open_database
from adapters.persistence.sql_faults import Passing
from application.ports.store import StoreUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0011"
"""The newest revision under migrations/versions. A test holds it to that."""

_VERSION: Final = table("alembic_version", column("version_num", Text))
_LOCK: Final = 7_353_590_118
"""Our number among the advisory locks of a PostgreSQL database."""


class SchemaTooNew(Exception):
    """The database was made by a newer version of this program."""


def head() -> str:
    """The revision that this program needs."""
    return HEAD


async def current(url: str) -> str | None:
    """The revision that a database is at; None for an empty one."""
    database, _ = open_database(url)
    try:
        return await revision_of(database)
    except Passing as error:
        raise StoreUnavailable(f"the database did not serve us: {error}") from error
    finally:
        await database.close()


async def revision_of(database: SqlDatabase) -> str | None:
    """The same, of a database that is open."""
    return await database.read(_current)


async def upgrade(url: str) -> list[str]:
    """The revisions that were applied, oldest first: all or none; SchemaTooNew if the database is ahead of us.

    Whoever comes second waits for the first, who may take long.
    """
    database, _ = open_database(url, patient=True)
    try:
        return await database.write(_upgrade)
    except Passing as error:
        raise StoreUnavailable(f"the database did not serve us: {error}") from error
    finally:
        await database.close()


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.execute(select(_VERSION)).scalar_one_or_none()
    return revision


def _upgrade(connection: Connection) -> list[str]:
    from alembic import command  # noqa: PLC0415 - a third of a second that no ordinary start should cost

    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    config = _config(connection)
    missing = _missing(config, _current(connection))
    if missing:
        command.upgrade(config, "head")
    else:
        connection.rollback()
    return missing


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - only a migration pays for it

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _missing(config: "Config", revision: str | None) -> list[str]:
    """The revisions between what is there and what we need, oldest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only a migration pays for it

    scripts = ScriptDirectory.from_config(config)
    ours = [script.revision for script in scripts.walk_revisions()]
    if revision is not None and revision not in ours:
        raise SchemaTooNew(
            f"the database has schema {revision}, and this version of RelexBooking knows {HEAD} at most: "
            "start the version that made it, or restore a backup from before the upgrade"
        )
    return list(reversed(ours[: ours.index(revision)] if revision is not None else ours))
