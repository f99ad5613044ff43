"""The keys of identity documents on one machine."""

from pathlib import Path

import pytest

from adapters.randomness import SystemRandomness
from adapters.sealing import aead, file_key_wrapper, file_keyed_hash
from adapters.sealing.envelope_sealer import EnvelopeSealer
from adapters.sealing.file_key_wrapper import FileKeyWrapper
from adapters.sealing.file_keyring import FILE_NAME
from adapters.secret_folder import SecretsUnusable
from adapters.tickets.private_folder import PrivateFolder
from application.ports.key_wrapper import KeyWrapper
from application.ports.vault import SealBroken
from tests.contracts.key_wrapper import KeyWrapperContract

WORDS = b"a scan of a passport"


def wrapper_in(folder: Path) -> FileKeyWrapper:
    return file_key_wrapper.build(PrivateFolder.open(folder / "identity-files"), SystemRandomness())


class TestFileKeyWrapper(KeyWrapperContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def wrapper(self) -> KeyWrapper:
        return wrapper_in(self.folder)

    def elsewhere(self) -> KeyWrapper:
        return wrapper_in(self.folder)


def test_the_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    wrapper_in(tmp_path)
    file = tmp_path / "identity-files" / FILE_NAME
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    file.chmod(0o640)

    with pytest.raises(SecretsUnusable, match="chmod 600"):
        wrapper_in(tmp_path)


def test_lost_keys_are_not_made_anew_behind_ones_back(tmp_path: Path) -> None:
    wrapper_in(tmp_path)
    (tmp_path / "identity-files" / FILE_NAME).unlink()

    with pytest.raises(SecretsUnusable, match="is gone"):
        wrapper_in(tmp_path)


async def test_each_content_has_a_key_of_its_own(tmp_path: Path) -> None:
    sealer = EnvelopeSealer(wrapper_in(tmp_path), SystemRandomness())
    first, first_key = await sealer.seal("one", WORDS)
    second, second_key = await sealer.seal("one", WORDS)

    assert await sealer.open("one", first, first_key) == WORDS
    assert WORDS not in first
    with pytest.raises(SealBroken):
        await sealer.open("one", first, second_key)
    with pytest.raises(SealBroken):
        await sealer.open("another", first, first_key)
    for at in range(len(second)):
        with pytest.raises(SealBroken):
            await sealer.open("one", second[:at] + bytes([second[at] ^ 1]) + second[at + 1 :], second_key)


async def test_without_the_name_in_the_seal_files_could_be_swapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    real_sealed, real_opened = aead.sealed, aead.opened
    monkeypatch.setattr(aead, "sealed", lambda key, _name, content, chance: real_sealed(key, "", content, chance))
    monkeypatch.setattr(aead, "opened", lambda key, _name, text: real_opened(key, "", text))
    sealer = EnvelopeSealer(wrapper_in(tmp_path), SystemRandomness())

    sealed, key = await sealer.seal("one", WORDS)

    assert await sealer.open("another", sealed, key) == WORDS


async def test_a_rewrapped_key_opens_what_was_sealed_before(tmp_path: Path) -> None:
    sealer = EnvelopeSealer(wrapper_in(tmp_path), SystemRandomness())
    sealed, key = await sealer.seal("one", WORDS)
    await sealer.rotate()

    fresh = await sealer.rewrap("one", key)
    await sealer.retire()

    assert await sealer.open("one", sealed, fresh) == WORDS
    with pytest.raises(SealBroken):
        await sealer.open("one", sealed, key)


def test_a_keyed_hash_is_the_same_everywhere_and_of_one_purpose(tmp_path: Path) -> None:
    def hashes(name: str = "identity-hashes") -> file_keyed_hash.FileKeyedHash:
        return file_keyed_hash.build(PrivateFolder.open(tmp_path / name), SystemRandomness())

    assert hashes().of("number", "J8369854") == hashes().of("number", "J8369854")
    others = {
        hashes().of("number", "J8369854"),
        hashes().of("number", "J8369855"),
        hashes().of("link", "J8369854"),
        hashes("of-others").of("number", "J8369854"),
    }
    assert len(others) == 4
