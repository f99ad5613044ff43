"""A new file that several starts make ready at once."""

import sqlite3
import threading
from pathlib import Path

import pytest

from adapters.persistence.sqlite import when_free

_TO_WAL = "PRAGMA journal_mode = WAL"


def _holding(path: Path) -> sqlite3.Connection:
    """Another process in the middle of its first transaction, in a file whose journal is still of the old mode."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    other.execute("CREATE TABLE there (id)")
    other.execute("BEGIN EXCLUSIVE")
    return other


def test_the_journal_is_changed_as_soon_as_the_file_is_free(tmp_path: Path) -> None:
    other = _holding(tmp_path / "new.db")
    ours = sqlite3.connect(tmp_path / "new.db", isolation_level=None, timeout=0)
    tried = threading.Event()

    def look(statement: str) -> int:
        tried.set()
        return sqlite3.SQLITE_OK

    ours.set_trace_callback(look)
    ending = threading.Thread(target=lambda: (tried.wait(10), other.execute("COMMIT")))
    ending.start()
    when_free(ours, _TO_WAL, 10)
    ending.join()

    assert ours.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    ours.close()
    other.close()


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    other = _holding(tmp_path / "new.db")
    ours = sqlite3.connect(tmp_path / "new.db", isolation_level=None, timeout=0)

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        when_free(ours, _TO_WAL, 0)

    ours.close()
    other.close()
