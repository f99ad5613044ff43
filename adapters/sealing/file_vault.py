"""AES-256-GCM under keys in a secret folder, for any number of processes."""

from typing import Final

from attrs import define

from adapters.sealing import aead
from adapters.sealing.file_keyring import FileKeyring
from adapters.secret_folder import SecretFolder
from application.ports.randomness import Randomness
from application.ports.vault import SealBroken

_HEAD_BYTES: Final = 1


def build(folder: SecretFolder, randomness: Randomness) -> "FileVault":
    """The vault of that folder; an empty one gets its first key. SecretsUnusable, with the mend, if others may read it.

    A lost folder costs the look at what was sealed before, and nothing that we live on: so a new key is made quietly.
    """
    return FileVault(randomness, FileKeyring.open(folder, randomness))


@define(eq=False)
class FileVault:
    """A Vault: the newest key seals, every one opens. What is sealed starts with the number of its key."""

    _randomness: Randomness
    _keyring: FileKeyring

    def seal(self, name: str, content: bytes) -> bytes:
        """See Vault."""
        keys = self._keyring.keys()
        number = max(keys)
        return bytes([number]) + aead.sealed(keys[number], name, content, self._randomness)

    def open(self, name: str, sealed: bytes) -> bytes:
        """See Vault."""
        key = self._keyring.find(sealed[0]) if sealed else None
        if key is None:
            raise SealBroken("the key under which it was sealed is not here")
        return aead.opened(key, name, sealed[_HEAD_BYTES:])

    def rotate(self) -> int:
        """Seal with a new key from now on, in every process; its number. What was sealed before stays readable."""
        return self._keyring.add()
