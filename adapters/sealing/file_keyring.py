"""Numbered secret keys in a private folder, for one machine with any number of processes."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from adapters.tickets.private_folder import FileStamp, PrivateFolder, SecretsUnusable
from application.ports.randomness import Randomness

FILE_NAME: Final = "keys.json"
LOCK_TIMEOUT_S: Final = 5.0
KEY_BYTES: Final = 32
KEYS_MAX: Final = 255
_FORMAT: Final = 1
_ONCE_FILLED: Final = "once-filled"


@frozen
class _Loaded:
    stamp: FileStamp
    keys: Mapping[int, bytes] = field(repr=False)


@define(eq=False)
class FileKeyring:
    """The keys as they lie there now: another process's change is seen at the next use."""

    _randomness: Randomness
    _folder: PrivateFolder
    _loaded: _Loaded = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._loaded = _load(self._folder)

    @classmethod
    def open(cls, folder: Path, randomness: Randomness, *, is_precious: bool = False) -> "FileKeyring":
        """That of a folder; an empty one gets its first key. SecretsUnusable, with the mend, if others may read it.

        Precious keys are never made anew where there were some: what they sealed would be lost, and nobody told.
        """
        private = PrivateFolder.open(folder, LOCK_TIMEOUT_S)
        if private.stamp(FILE_NAME) is None:
            with private.locked():
                if private.stamp(FILE_NAME) is None:  # Another process may have been first.
                    _fill(private, randomness, is_precious=is_precious)
        return cls(randomness, private)

    def keys(self) -> Mapping[int, bytes]:
        """All, by number. It costs a stat, unless another process has replaced the file."""
        if self._folder.stamp(FILE_NAME) != self._loaded.stamp:
            self._loaded = _load(self._folder)
        return self._loaded.keys

    def add(self) -> int:
        """Make a new key, which is the newest in every process from now on; its number."""
        with self._folder.locked():
            keys = dict(self.keys())
            number = max(keys) + 1
            if number > KEYS_MAX:
                raise SecretsUnusable(f"{KEYS_MAX} keys were made in {self._folder.path}: remove those of what is gone")
            keys[number] = self._randomness.token_bytes(KEY_BYTES)
            self._folder.replace(FILE_NAME, _to_text(keys))
        return number

    def keep_newest(self) -> tuple[int, ...]:
        """Destroy every other key; their numbers."""
        with self._folder.locked():
            keys = self.keys()
            newest = max(keys)
            self._folder.replace(FILE_NAME, _to_text({newest: keys[newest]}))
        return tuple(sorted(set(keys) - {newest}))


def _fill(folder: PrivateFolder, randomness: Randomness, *, is_precious: bool) -> None:
    if is_precious and folder.stamp(_ONCE_FILLED) is not None:
        raise SecretsUnusable(
            f"{folder.path / FILE_NAME} is gone, and with it all that was sealed with it. Restore it from where you "
            f"keep your keys; to begin with a new key instead, remove the folder {folder.path}"
        )
    folder.replace(FILE_NAME, _to_text({1: randomness.token_bytes(KEY_BYTES)}))
    if is_precious:
        folder.replace(_ONCE_FILLED, b"There was a key in this folder. Keep a copy of it, apart from other backups.\n")


def _to_text(keys: Mapping[int, bytes]) -> bytes:
    written = {str(number): b64encode(secret).decode() for number, secret in keys.items()}
    return json.dumps({"format": _FORMAT, "keys": written}, indent=1).encode()


def _load(folder: PrivateFolder) -> _Loaded:
    stamp, text = folder.read(FILE_NAME)
    try:
        return _Loaded(stamp, _from_text(text))
    except Exception:  # noqa: BLE001 - whatever is wrong with the text, its words must not reach a log
        raise SecretsUnusable(
            f"{folder.path / FILE_NAME} holds no keys of this version, or was damaged: restore it from a backup, "
            "or remove it if what was sealed with it may stay unreadable"
        ) from None


def _from_text(text: bytes) -> Mapping[int, bytes]:
    content = json.loads(text)
    keys = {int(number): b64decode(secret, validate=True) for number, secret in content["keys"].items()}
    if content["format"] != _FORMAT or not keys or any(len(secret) != KEY_BYTES for secret in keys.values()):
        raise ValueError("other keys")
    return keys
