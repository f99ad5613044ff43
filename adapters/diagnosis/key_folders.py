"""The folders of keys beside those of the tickets: whether each can be read, by us alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from adapters.cli.operations import Finding, Verdict
from adapters.randomness import SystemRandomness
from adapters.sealing import file_keyring
from adapters.sealing.file_keyring import FileKeyring
from adapters.settings import Settings
from adapters.tickets import file_key_ring
from adapters.tickets.file_key_ring import FileKeyRing
from adapters.tickets.private_folder import PrivateFolder, SecretsUnusable


@frozen
class KeyFolder:
    """What it is for, in words, where it is, and how it is opened."""

    subject: str
    path: str
    opens: Callable[[Path], None]


def _keyring(folder: Path) -> None:
    # Not by their own builders: those make a key where there is none, and doctor changes nothing.
    FileKeyring(SystemRandomness(), PrivateFolder.open(folder, file_keyring.LOCK_TIMEOUT_S))


def _ring(folder: Path) -> None:
    FileKeyRing(SystemRandomness(), PrivateFolder.open(folder, file_key_ring.LOCK_TIMEOUT_S))


IN_KMS: Final = "keys/identity-files"
"""What KMS may keep in its place."""
KEY_FOLDERS: Final = (
    KeyFolder("identity document keys", IN_KMS, _keyring),
    KeyFolder("identity number hashes", "keys/identity-hashes", _keyring),
    KeyFolder("authenticator app keys", "factor-keys", _keyring),
    KeyFolder("notice keys", "notice-keys", _keyring),
    KeyFolder("audit keys", "audit-keys", _ring),
)


def key_folders(settings: Settings) -> Iterator[Finding]:
    """Each folder that is there. One that was never made costs nothing, and is not made by looking."""
    for each in KEY_FOLDERS:
        folder = settings.data_dir / each.path
        if each.path == IN_KMS and settings.kyc_kms_key and not folder.exists():
            continue  # They never were on this machine.
        if not folder.exists():
            yield Finding(each.subject, Verdict.NOTE, f"{folder} is not there yet", "it is made at the first start")
        else:
            yield _looked_at(each, folder)


def _looked_at(each: KeyFolder, folder: Path) -> Finding:
    try:
        if any(folder.iterdir()):
            each.opens(folder)
            return Finding(each.subject, Verdict.OK, "can be read, by us alone")
    except (SecretsUnusable, OSError) as error:
        return Finding(each.subject, Verdict.WRONG, str(error), "as said; then start again")
    return Finding(each.subject, Verdict.NOTE, f"{folder} is empty", "its keys are made at the first start")
