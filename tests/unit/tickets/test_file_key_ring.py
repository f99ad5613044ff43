import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest

from adapters.secret_folder import SecretsUnusable
from adapters.tickets import file_key_ring, sealer
from adapters.tickets.base64url import to_base64url
from adapters.tickets.file_key_ring import FileKeyRing
from adapters.tickets.private_folder import FileStamp, PrivateFolder
from adapters.tickets.ring import Ring
from application.ports.ticket_codes import KeyPurpose, KeyState
from domain.ticket_code import CodeKeyRevoked
from tests.build_tickets import AT, EVENT, LATER, states, ticket_code
from tests.support.seeded_randomness import SeededRandomness

SIGN, SEAL = KeyPurpose.SIGN, KeyPurpose.SEAL


def open_ring(folder: Path, seed: int = 1) -> FileKeyRing:
    return file_key_ring.build(PrivateFolder.open(folder, lock_timeout_s=0), SeededRandomness(seed), AT)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys"


@pytest.fixture
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("careless_umask")
def test_only_the_owner_may_look(folder: Path) -> None:
    ring = open_ring(folder)
    ring.rotate(SIGN, LATER)

    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "ring.json": 0o600,
        "once-filled": 0o600,
        "lock": 0o600,
    }


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("ring.json", 0o644, 0o600),
        ("ring.json", 0o640, 0o600),
        ("ring.json", 0o604, 0o600),
        ("ring.json", 0o620, 0o600),
        (".", 0o755, 0o700),
        (".", 0o710, 0o700),
    ],
)
def test_keys_open_to_others_stop_the_start_with_the_mend(folder: Path, name: str, wrong: int, right: int) -> None:
    keys = open_ring(folder).list()
    (folder / name).chmod(wrong)

    with pytest.raises(SecretsUnusable) as refused:
        open_ring(folder)

    mend = str(refused.value).partition("Mend it with: ")[2]
    assert mend == f"chmod {right:o} {folder / name}"
    subprocess.run(mend.split(), check=True)
    assert open_ring(folder).list() == keys


def test_a_ring_outlives_its_process(folder: Path) -> None:
    before = open_ring(folder)
    before.rotate(SEAL, LATER)
    before.prepare(SIGN, LATER)
    token = sealer.build(before, SeededRandomness()).seal(ticket_code())

    after = open_ring(folder, seed=2)

    assert after.list() == before.list()
    assert sealer.build(after, SeededRandomness()).open(token, EVENT) == ticket_code()


def test_two_rings_on_one_folder_see_each_others_changes_at_once(folder: Path) -> None:
    one, two = open_ring(folder, seed=1), open_ring(folder, seed=2)
    opens = sealer.build(two, SeededRandomness())
    old = sealer.build(one, SeededRandomness()).seal(ticket_code(1))

    one.rotate(SIGN, LATER)
    one.rotate(SEAL, LATER)

    new = sealer.build(one, SeededRandomness()).seal(ticket_code(2))
    assert opens.open(new, EVENT) == ticket_code(2)
    assert two.keys().signing_key_id == two.keys().sealing_key_id == 2
    one.revoke(SIGN, 1, LATER)
    with pytest.raises(CodeKeyRevoked):
        opens.open(old, EVENT)
    assert two.rotate(SIGN, LATER).id == 3
    assert one.list() == two.list()


def test_another_processs_rotation_is_seen_without_a_restart(folder: Path) -> None:
    ring = open_ring(folder)
    assert ring.keys().signing_key_id == 1
    script = (
        "import sys; from pathlib import Path; from adapters.tickets import file_key_ring;"
        "from adapters.tickets.private_folder import PrivateFolder;"
        "from tests.build_tickets import *;"
        "folder = PrivateFolder.open(Path(sys.argv[1]));"
        "file_key_ring.build(folder, SeededRandomness(5), AT).rotate(KeyPurpose.SIGN, LATER)"
    )

    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, cwd=Path(__file__).parents[3])

    assert ring.keys().signing_key_id == 2


def test_an_unchanged_ring_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, other = open_ring(folder), open_ring(folder)
    reads: list[str] = []
    read = PrivateFolder.read

    def note_read(self: PrivateFolder, name: str) -> tuple[FileStamp, bytes]:
        reads.append(name)
        return read(self, name)

    monkeypatch.setattr(PrivateFolder, "read", note_read)

    for _ in range(100):
        ring.keys()
    assert reads == []

    other.rotate(SIGN, LATER)
    reads.clear()
    for _ in range(100):
        ring.keys()
    assert reads == ["ring.json"]


def test_rotations_at_the_same_time_lose_no_key(folder: Path) -> None:
    open_ring(folder)

    def rotate(seed: int) -> int:
        ring = file_key_ring.build(PrivateFolder.open(folder), SeededRandomness(seed), AT)
        return ring.rotate(SIGN, LATER).id

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(rotate, range(40)))

    assert sorted(made) == list(range(2, 42))
    assert set(states(open_ring(folder).list(), SIGN)) == set(range(1, 42))


def rotate_while_another_does(folder: Path) -> FileKeyRing:
    """Rotate with one ring in the very moment in which another changes what it has read."""
    one, two = open_ring(folder, seed=1), open_ring(folder, seed=2)

    def meanwhile(ring: Ring) -> Ring:
        two.rotate(SEAL, LATER)
        return ring.rotated(SIGN, LATER, SeededRandomness().token_bytes)

    one._change(meanwhile)
    return one


def test_a_second_writer_waits_and_says_for_what(folder: Path) -> None:
    with pytest.raises(SecretsUnusable, match=r"another process has held .*lock"):
        rotate_while_another_does(folder)

    assert states(open_ring(folder).list(), SIGN) == {1: KeyState.ACTIVE}


def test_without_the_lock_a_rotation_would_be_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PrivateFolder, "locked", lambda _self: nullcontext())

    ring = rotate_while_another_does(folder)

    assert states(ring.list(), SEAL) == {1: KeyState.ACTIVE}, "the other ring's new sealing key is gone"


def test_an_empty_folder_that_is_there_already_is_filled(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)

    assert len(open_ring(folder).list()) == 2


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")

    with pytest.raises(SecretsUnusable, match="cannot be used as a folder"):
        open_ring(tmp_path / "keys")


def test_new_keys_are_announced_once_and_without_a_secret(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        keys = open_ring(folder).keys()
        open_ring(folder)

    assert len(caplog.records) == 1
    assert vars(caplog.records[0])["folder"] == str(folder)
    assert to_base64url(keys.sealing_roots[1]) not in caplog.text


def test_a_secret_without_a_use_is_forgotten(folder: Path) -> None:
    ring = open_ring(folder)
    old = ring.keys()
    signing, sealing = to_base64url(old.signing_key.private_bytes_raw()), to_base64url(old.sealing_roots[1])
    file = folder / "ring.json"
    assert (signing in file.read_text(), sealing in file.read_text()) == (True, True)

    ring.rotate(SIGN, LATER)
    ring.rotate(SEAL, LATER)
    assert (signing in file.read_text(), sealing in file.read_text()) == (False, True)

    ring.revoke(SEAL, 1, LATER)
    assert sealing not in file.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_rotation_by_root_leaves_the_ring_to_its_owner(folder: Path) -> None:
    ring = open_ring(folder)
    nobody = 65534
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody, nobody)

    ring.rotate(SIGN, LATER)

    assert {(path.name, path.stat().st_uid) for path in folder.iterdir()} == {
        ("ring.json", nobody),
        ("once-filled", nobody),
        ("lock", nobody),
    }
