"""The folders of keys: whether each can be read, by us alone."""

from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from adapters.cli.operations import Finding, Verdict
from adapters.from_settings import DOCUMENTS, key_folders
from adapters.randomness import SystemRandomness
from adapters.sealing.file_keyring import FileKeyring
from adapters.secret_folder import KeyFolders, SecretFolder, SecretsUnusable
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from adapters.tickets.file_key_ring import FileKeyRing
from application.ports.ticket_codes import KeyPurpose, KeyState

_MEND: Final = "as said; then start again"
_TRACES: Final = ("ring.json", "keys.json", "once-filled", "lock")
"""One of these lies in every folder that was ever used."""


def _keyring(folder: SecretFolder) -> Iterator[Finding]:
    # Not by their own builders: those make a key where there is none, and doctor changes nothing.
    FileKeyring(SystemRandomness(), folder)
    return iter(())


def _ring(folder: SecretFolder) -> Iterator[Finding]:
    FileKeyRing(SystemRandomness(), folder)
    return iter(())


def _tickets(folder: SecretFolder) -> Iterator[Finding]:
    """Whether there is one active key of each purpose."""
    ring = FileKeyRing(SystemRandomness(), folder)
    for purpose in KeyPurpose:
        active = [info for info in ring.list() if info.purpose is purpose and info.state is KeyState.ACTIVE]
        if len(active) == 1:
            yield Finding(f"{purpose} key", Verdict.OK, f"key {active[0].id} is active")
        else:
            said = f"{len(active)} keys are active, not one"
            yield Finding(f"{purpose} key", Verdict.WRONG, said, f"run `relexbooking keys rotate {purpose}`")


@frozen
class KeyFolder:
    """What it is for, in words, where it is, and what is to be seen in it."""

    subject: str
    path: str
    look: Callable[[SecretFolder], Iterator[Finding]]


KEY_FOLDERS: Final = (
    KeyFolder("ticket keys", "keys", _tickets),
    KeyFolder("identity document keys", DOCUMENTS, _keyring),
    KeyFolder("identity number hashes", "keys/identity-hashes", _keyring),
    KeyFolder("authenticator app keys", "factor-keys", _keyring),
    KeyFolder("notice keys", "notice-keys", _keyring),
    KeyFolder("audit keys", "audit-keys", _ring),
)


def folder_there(settings: Settings, folders: KeyFolders, path: str) -> SecretFolder | None:
    """A folder of keys; None if there is none on this machine, for none is made by looking."""
    if settings.keys == "folder" and not (settings.data_dir / path).exists():
        return None
    return folders(path)


def keys(settings: Settings) -> Iterator[Finding]:
    """Each folder that is there. One that was never made costs nothing."""
    try:
        folders = key_folders(settings, only_look=True)
    except (SecretsUnusable, WrongSetting) as error:
        yield Finding("keys", Verdict.WRONG, str(error), _MEND)
        return
    for each in KEY_FOLDERS:
        try:
            yield from _looked_at(settings, folders, each)
        except (SecretsUnusable, OSError) as error:
            yield Finding(each.subject, Verdict.WRONG, str(error), _MEND)


def _looked_at(settings: Settings, folders: KeyFolders, each: KeyFolder) -> Iterator[Finding]:
    folder = folder_there(settings, folders, each.path)
    is_filled = folder is not None and any(folder.stamp(name) is not None for name in _TRACES)
    if folder is not None and is_filled:
        findings = list(each.look(folder))
        yield from findings or [Finding(each.subject, Verdict.OK, "can be read, by us alone")]
    elif each.path == DOCUMENTS and settings.kyc_kms_key:
        return  # They never were here.
    elif folder is None:
        said = f"{settings.data_dir / each.path} is not there yet"
        yield Finding(each.subject, Verdict.NOTE, said, "it is made at the first start")
    else:
        yield Finding(each.subject, Verdict.NOTE, f"{folder.where()} is empty", "its keys are made at the first start")
