from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from adapters.secret_folder import SecretFolder
from adapters.tickets.private_folder import PrivateFolder
from tests.contracts.secret_folder import NAME, SecretFolderContract, put


class TestPrivateFolder(SecretFolderContract):
    @pytest.fixture
    def machine(self, tmp_path: Path) -> Callable[[], SecretFolder]:
        return lambda: PrivateFolder.open(tmp_path / "keys")


def test_without_the_lock_a_change_would_be_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    folder = PrivateFolder.open(tmp_path / "keys")
    monkeypatch.setattr(PrivateFolder, "locked", lambda _self: nullcontext())

    def meanwhile(text: bytes | None) -> bytes:
        put(folder, b"theirs")
        return (text or b"") + b"ours"

    folder.change(NAME, meanwhile)

    assert folder.read(NAME)[1] == b"ours"
