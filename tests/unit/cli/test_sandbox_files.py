"""What the sandbox writes is its owner's alone, also where an earlier version left it open."""

import stat
from pathlib import Path
from typing import Any

import pytest

from adapters.payments.sandbox.storage import Storage
from adapters.processes.sandbox import _start
from adapters.settings import Settings


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _left_open(path: Path) -> None:
    path.touch()
    path.chmod(0o644)


@pytest.mark.parametrize("was_there", [False, True])
def test_its_database_is_its_owner_s_alone(tmp_path: Path, *, was_there: bool) -> None:
    database = tmp_path / "sandbox.sqlite3"
    if was_there:
        _left_open(database)

    storage = Storage(str(database))

    with storage.transaction():
        assert {path.name for path in tmp_path.iterdir()} > {"sandbox.sqlite3"}, "a log ahead is beside it"
        assert {_mode(path) for path in tmp_path.iterdir()} == {0o600}
    storage.close()


@pytest.mark.parametrize("was_there", [False, True])
def test_its_log_is_its_owner_s_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, was_there: bool) -> None:
    log = tmp_path / "sandbox.log"
    if was_there:
        _left_open(log)

    def says(_words: object, **given: Any) -> None:
        given["stdout"].write(b"started")

    monkeypatch.setattr("subprocess.Popen", says)
    _start(Settings(data_dir=tmp_path))

    assert (_mode(log), log.read_bytes()) == (0o600, b"started")
