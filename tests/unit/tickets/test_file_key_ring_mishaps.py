"""Crashes, damage and loss: no ring is half written, misread, shown or quietly replaced."""

import os
import shutil
import stat
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.secret_folder import SecretsUnusable
from adapters.tickets import file_key_ring
from adapters.tickets.base64url import to_base64url
from adapters.tickets.file_key_ring import FileKeyRing
from adapters.tickets.private_folder import FILE_BYTES_MAX, PrivateFolder
from application.ports.ticket_codes import KeyPurpose
from tests.build_tickets import AT, LATER
from tests.support.seeded_randomness import SeededRandomness

SIGN, SEAL = KeyPurpose.SIGN, KeyPurpose.SEAL


def open_ring(folder: Path, seed: int = 1) -> FileKeyRing:
    return file_key_ring.build(PrivateFolder.open(folder, lock_timeout_s=0), SeededRandomness(seed), AT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_old_ring(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    ring = open_ring(folder)
    before = ring.list()

    def crash(*_args: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], crash)
        with pytest.raises(OSError, match="the disk is gone"):
            ring.rotate(SIGN, LATER)

    assert (folder / "ring.json.new").exists()
    assert open_ring(folder).list() == ring.list() == before
    assert ring.rotate(SIGN, LATER).id == 2, "the remains are no hindrance"
    assert not (folder / "ring.json.new").exists()


def test_a_change_is_on_the_disk_before_it_shows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = open_ring(folder)
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
        fsync(descriptor)

    def note_replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    ring.rotate(SIGN, LATER)

    assert steps == ["sync file", "rename", "sync folder"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:0],
        lambda text: text[:-20],
        lambda text: b"[" + text + b"]",
        lambda text: text.replace(b'"format": 1', b'"format": 2'),
        lambda text: text.replace(b'"active"', b'"verify_only"'),
        lambda text: text.replace(b'"active"', b'"asleep"'),
        lambda text: text.replace(b'"id": 1', b'"id": 256'),
        lambda text: text.replace(b'"id": 1', b'"id": "1"'),
        lambda text: text.replace(b'"secret": "', b'"secret": "AA'),
        lambda text: text.replace(b'"public": "', b'"public": "_'),
        lambda text: text.replace(b'"public"', b'"published"'),
        lambda text: text.replace(b"+00:00", b""),
        lambda text: text + b" " * FILE_BYTES_MAX,
    ],
)
def test_a_damaged_ring_stops_the_start_and_shows_no_secret(
    folder: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    keys = open_ring(folder).keys()
    text = (folder / "ring.json").read_bytes()
    damaged = damage(text)
    assert damaged != text
    (folder / "ring.json").write_bytes(damaged)

    with pytest.raises(SecretsUnusable, match=r"ring\.json.*restore it from a backup|Restore it") as refused:
        open_ring(folder)

    shown = "".join(traceback.format_exception(refused.value)) + caplog.text
    for secret in (keys.signing_key.private_bytes_raw(), keys.sealing_roots[1]):
        assert to_base64url(secret).encode() in text
        assert to_base64url(secret) not in shown


def test_two_halves_that_do_not_belong_together_are_damage(folder: Path, tmp_path: Path) -> None:
    ours, theirs = open_ring(folder).list(), open_ring(tmp_path / "other", seed=2).list()
    file = folder / "ring.json"
    [our_key], [their_key] = ([info.public for info in infos if info.public] for infos in (ours, theirs))
    file.write_text(file.read_text().replace(our_key, their_key))

    with pytest.raises(SecretsUnusable):
        open_ring(folder)


def test_lost_keys_are_not_quietly_replaced(folder: Path) -> None:
    ring = open_ring(folder)
    (folder / "ring.json").unlink()

    with pytest.raises(SecretsUnusable, match=r"gone.*Restore it from a backup"):
        open_ring(folder, seed=2)
    with pytest.raises(SecretsUnusable, match="restore it from a backup"):
        ring.keys()

    shutil.rmtree(folder)
    assert len(open_ring(folder, seed=2).list()) == 2
