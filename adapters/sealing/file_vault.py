"""AES-256-GCM under keys in a private folder, for one machine with any number of processes."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.tickets.private_folder import FileStamp, PrivateFolder, SecretsUnusable
from application.ports.randomness import Randomness
from application.ports.vault import SealBroken

FILE_NAME: Final = "keys.json"
LOCK_TIMEOUT_S: Final = 5.0
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEYS_MAX: Final = 255
_FORMAT: Final = 1
_HEAD_BYTES: Final = 1


def build(folder: Path, randomness: Randomness, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> "FileVault":
    """The vault of that folder; an empty one gets its first key. SecretsUnusable, with the mend, if others may read it.

    A lost folder costs the look at what was sealed before, and nothing that we live on: so a new key is made quietly.
    """
    private = PrivateFolder.open(folder, lock_timeout_s)
    if private.stamp(FILE_NAME) is None:
        with private.locked():
            if private.stamp(FILE_NAME) is None:  # Another process may have been first.
                private.replace(FILE_NAME, _to_text({1: randomness.token_bytes(KEY_BYTES)}))
    return FileVault(randomness, private)


@frozen
class _Loaded:
    stamp: FileStamp
    keys: Mapping[int, bytes] = field(repr=False)


@define(eq=False)
class FileVault:
    """A Vault: the newest key seals, every one opens. What is sealed starts with the number of its key."""

    _randomness: Randomness
    _folder: PrivateFolder
    _loaded: _Loaded = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._loaded = _load(self._folder)

    def seal(self, name: str, content: bytes) -> bytes:
        """See Vault."""
        keys = self._keys()
        number = max(keys)
        nonce = self._randomness.token_bytes(NONCE_BYTES)
        return bytes([number]) + nonce + AESGCM(keys[number]).encrypt(nonce, content, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """See Vault."""
        key = self._keys().get(sealed[0]) if sealed else None
        if key is None:
            raise SealBroken("the key under which it was sealed is not here")
        nonce, text = sealed[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES], sealed[_HEAD_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, text, name.encode())
        except (InvalidTag, ValueError):
            raise SealBroken("it was changed, or sealed under another key or name") from None

    def rotate(self) -> int:
        """Seal with a new key from now on, in every process; its number. What was sealed before stays readable."""
        with self._folder.locked():
            keys = dict(self._keys())
            number = max(keys) + 1
            if number > KEYS_MAX:
                raise SecretsUnusable(f"{KEYS_MAX} keys were made in {self._folder.path}: remove those of what is gone")
            keys[number] = self._randomness.token_bytes(KEY_BYTES)
            self._folder.replace(FILE_NAME, _to_text(keys))
        return number

    def _keys(self) -> Mapping[int, bytes]:
        # It costs a stat, unless another process has replaced the file.
        if self._folder.stamp(FILE_NAME) != self._loaded.stamp:
            self._loaded = _load(self._folder)
        return self._loaded.keys


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
