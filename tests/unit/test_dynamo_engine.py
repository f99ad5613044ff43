"""The engine of the tests is the very one that we know, or it is not run."""

import shutil
from pathlib import Path

import pytest

from tests.support.dynamo_server import ENGINE, ENGINE_PACKAGE, has_local


def test_an_archive_that_has_changed_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "engine.tgz"
    archive.write_bytes(b"something else")

    with pytest.raises(AssertionError, match="not what it was when it was pinned"):
        ENGINE_PACKAGE.check(archive)


def test_without_java_or_npm_or_if_told_so_it_is_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in ("java", "npm"):
        monkeypatch.setattr(shutil, "which", lambda name, missing=missing: None if name == missing else name)
        monkeypatch.delenv(ENGINE, raising=False)
        assert not has_local()
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert has_local()
    monkeypatch.setenv(ENGINE, "moto")
    assert not has_local()
