"""Numbered secret keys in a secret folder, for any number of processes."""

import json
from base64 import b64decode, b64encode
from collections.abc import Hashable, Mapping
from typing import Final

from attrs import define, field, frozen

from adapters.secret_folder import SecretFolder, SecretsUnusable
from application.ports.randomness import Randomness

FILE_NAME: Final = "keys.json"
KEY_BYTES: Final = 32
KEYS_MAX: Final = 255
_FORMAT: Final = 1
_ONCE_FILLED: Final = "once-filled"


@frozen
class _Loaded:
    stamp: Hashable
    keys: Mapping[int, bytes] = field(repr=False)


@define(eq=False)
class FileKeyring:
    """The keys as they lie there now: another process's change is seen as the folder sees it."""

    _randomness: Randomness
    _folder: SecretFolder
    _loaded: _Loaded = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._loaded = _load(self._folder)

    @classmethod
    def open(cls, folder: SecretFolder, randomness: Randomness, *, is_precious: bool = False) -> "FileKeyring":
        """That of a folder; an empty one gets its first key. SecretsUnusable, with the mend, if others may read it.

        Precious keys are never made anew where there were some: what they sealed would be lost, and nobody told.
        """
        if folder.stamp(FILE_NAME) is None or (is_precious and folder.stamp(_ONCE_FILLED) is None):
            _fill(folder, randomness, is_precious=is_precious)
        return cls(randomness, folder)

    def keys(self) -> Mapping[int, bytes]:
        """All, by number. It costs a stamp, unless another process has replaced them."""
        if self._folder.stamp(FILE_NAME) != self._loaded.stamp:
            self._loaded = _load(self._folder)
        return self._loaded.keys

    def find(self, number: int) -> bytes | None:
        """That key, though another process may have made it a moment ago; None if there is none."""
        key = self.keys().get(number)
        if key is None and self._folder.look_again():
            key = self.keys().get(number)
        return key

    def add(self) -> int:
        """Make a new key, which is the newest in every process from now on; its number."""
        made: list[int] = []

        def with_one_more(text: bytes | None) -> bytes:
            keys = dict(_keys(self._folder, text or b""))
            number = max(keys) + 1
            if number > KEYS_MAX:
                raise SecretsUnusable(
                    f"{KEYS_MAX} keys were made in {self._folder.where()}: remove those of what is gone"
                )
            made[:] = [number]
            return _to_text(keys | {number: self._randomness.token_bytes(KEY_BYTES)})

        self._folder.change(FILE_NAME, with_one_more)
        return made[0]

    def keep_newest(self) -> tuple[int, ...]:
        """Destroy every other key; their numbers."""
        destroyed: list[int] = []

        def newest_alone(text: bytes | None) -> bytes:
            keys = _keys(self._folder, text or b"")
            newest = max(keys)
            destroyed[:] = sorted(set(keys) - {newest})
            return _to_text({newest: keys[newest]})

        self._folder.change(FILE_NAME, newest_alone)
        return tuple(destroyed)


def _fill(folder: SecretFolder, randomness: Randomness, *, is_precious: bool) -> None:
    def first(text: bytes | None) -> bytes | None:
        if text is not None:
            return None  # Another process was first.
        if is_precious and folder.stamp(_ONCE_FILLED) is not None:
            raise SecretsUnusable(
                f"{folder.where(FILE_NAME)} is gone, and with it all that was sealed with it. Restore it from where "
                f"you keep your keys; to begin with a new key instead, remove {folder.where()}"
            )
        return _to_text({1: randomness.token_bytes(KEY_BYTES)})

    folder.change(FILE_NAME, first)
    if is_precious:
        told = b"There was a key here. Keep a copy of it, apart from other backups.\n"
        folder.change(_ONCE_FILLED, lambda text: None if text else told)


def _to_text(keys: Mapping[int, bytes]) -> bytes:
    written = {str(number): b64encode(secret).decode() for number, secret in keys.items()}
    return json.dumps({"format": _FORMAT, "keys": written}, indent=1).encode()


def _load(folder: SecretFolder) -> _Loaded:
    stamp, text = folder.read(FILE_NAME)
    return _Loaded(stamp, _keys(folder, text))


def _keys(folder: SecretFolder, text: bytes) -> Mapping[int, bytes]:
    try:
        return _from_text(text)
    except Exception:  # noqa: BLE001 - whatever is wrong with the text, its words must not reach a log
        raise SecretsUnusable(
            f"{folder.where(FILE_NAME)} holds no keys of this version, or was damaged: restore it from a backup, "
            "or remove it if what was sealed with it may stay unreadable"
        ) from None


def _from_text(text: bytes) -> Mapping[int, bytes]:
    content = json.loads(text)
    keys = {int(number): b64decode(secret, validate=True) for number, secret in content["keys"].items()}
    if content["format"] != _FORMAT or not keys or any(len(secret) != KEY_BYTES for secret in keys.values()):
        raise ValueError("other keys")
    return keys
