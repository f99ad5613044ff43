"""Sealed words: unreadable and unchangeable without the key, and readable by every process that has it."""

from pathlib import Path

import pytest

from adapters.randomness import SystemRandomness
from adapters.sealing import file_vault
from adapters.sealing.file_keyring import FILE_NAME, KEYS_MAX
from adapters.sealing.file_vault import FileVault
from adapters.secret_folder import SecretsUnusable
from adapters.tickets.private_folder import PrivateFolder
from application.ports.vault import SealBroken

WORDS = b'{"name": "Asha"}'


def vault(folder: Path) -> FileVault:
    return file_vault.build(PrivateFolder.open(folder / "notice-keys"), SystemRandomness())


def test_what_was_sealed_is_opened_by_any_process_with_the_keys(tmp_path: Path) -> None:
    sealed = vault(tmp_path).seal("ntc_1", WORDS)

    assert vault(tmp_path).open("ntc_1", sealed) == WORDS
    assert b"Asha" not in sealed
    assert vault(tmp_path).seal("ntc_1", WORDS) != sealed


def test_nothing_that_was_changed_opens(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    sealed = ours.seal("ntc_1", WORDS)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            ours.open("ntc_1", bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            ours.open("ntc_1", sealed[:length])
    with pytest.raises(SealBroken):
        ours.open("ntc_2", sealed)


def test_a_new_key_seals_and_the_old_ones_still_open(tmp_path: Path) -> None:
    ours, other_process = vault(tmp_path), vault(tmp_path)
    before = ours.seal("ntc_1", WORDS)

    assert ours.rotate() == 2
    after = other_process.seal("ntc_1", WORDS)

    assert (before[0], after[0]) == (1, 2)
    assert [ours.open("ntc_1", sealed) for sealed in (before, after)] == [WORDS, WORDS]


def test_keys_are_not_made_without_end(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    for _ in range(KEYS_MAX - 1):
        ours.rotate()

    with pytest.raises(SecretsUnusable, match="255 keys"):
        ours.rotate()


def test_lost_keys_are_made_anew_and_cost_what_they_had_sealed(tmp_path: Path) -> None:
    sealed = vault(tmp_path).seal("ntc_1", WORDS)
    (tmp_path / "notice-keys" / FILE_NAME).unlink()

    ours = vault(tmp_path)

    with pytest.raises(SealBroken):
        ours.open("ntc_1", sealed)
    assert ours.open("ntc_1", ours.seal("ntc_1", WORDS)) == WORDS


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"format": 2, "keys": {}}', b'{"format": 1, "keys": {"1": "c2hvcnQ="}}']
)
def test_damaged_keys_stop_the_boot_and_are_not_told(tmp_path: Path, text: bytes) -> None:
    vault(tmp_path)
    file = tmp_path / "notice-keys" / FILE_NAME
    file.write_bytes(text)

    with pytest.raises(SecretsUnusable, match="restore it from a backup"):
        vault(tmp_path)


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    vault(tmp_path)
    (tmp_path / "notice-keys" / FILE_NAME).chmod(0o644)

    with pytest.raises(SecretsUnusable, match="chmod 600"):
        vault(tmp_path)
