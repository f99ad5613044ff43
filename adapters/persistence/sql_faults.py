"""What a driver complains of, in the few words that a store needs."""

from typing import Final

from sqlalchemy.exc import DBAPIError

from application.ports.store import StoreUnavailable


class Collided(Exception):
    """Somebody else inserted the same key. Nothing of the transaction is stored."""


class Passing(Exception):
    """Locks crossed or took too long, or the connection was lost before the commit. Nothing is stored: try again."""


_UNIQUE: Final = frozenset({"23505", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})
# Serialization failure, deadlock, lock time-out; SQLite's file is locked.
_PASSING: Final = ("40001", "40P01", "55P03", "SQLITE_BUSY", "SQLITE_LOCKED")
# PostgreSQL: a lost connection, a standby, no authorization, no such database, out of disk or connections, cancelled
# or shutting down, a broken disk. SQLite: full, failing, read-only, missing or broken files.
_UNAVAILABLE: Final = (
    *("08", "25006", "28", "3D", "53", "57", "58"),
    *("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_NOTADB"),
    *("SQLITE_PERM", "SQLITE_AUTH", "SQLITE_PROTOCOL", "SQLITE_NOMEM"),
)


def fault(error: DBAPIError) -> Exception:
    """What SQLAlchemy passes on, as Collided, Passing or StoreUnavailable; or itself, if the program is to blame."""
    orig = error.orig if isinstance(error.orig, Exception) else error
    told = fault_of(orig, is_lost=error.connection_invalidated)
    return error if told is orig else told


def fault_of(error: Exception, *, is_lost: bool) -> Exception:
    """The same of a driver's own error. `is_lost` says that its connection broke."""
    code: str = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""
    if code in _UNIQUE:
        return Collided(str(error))
    if is_lost or code.startswith(_PASSING):
        return Passing(str(error))
    if code.startswith(_UNAVAILABLE):
        return StoreUnavailable(f"the database refused: {error}")
    return error
