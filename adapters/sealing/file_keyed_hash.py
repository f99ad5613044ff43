"""HMAC-SHA256 under a key in a secret folder."""

import hmac
from hashlib import sha256

from attrs import define

from adapters.sealing.file_keyring import FileKeyring
from adapters.secret_folder import SecretFolder
from application.ports.randomness import Randomness


def build(folder: SecretFolder, randomness: Randomness) -> "FileKeyedHash":
    """The hash of that folder; an empty one gets its key. SecretsUnusable if it is gone or others may look."""
    return FileKeyedHash(FileKeyring.open(folder, randomness, is_precious=True))


@define(eq=False)
class FileKeyedHash:
    """A KeyedHash. Its key never changes: with another one, nothing that was named before is found again."""

    _keyring: FileKeyring

    def of(self, purpose: str, text: str) -> str:
        """See KeyedHash."""
        keys = self._keyring.keys()
        key = hmac.digest(keys[min(keys)], b"purpose|" + purpose.encode(), sha256)
        return hmac.new(key, text.encode(), sha256).hexdigest()
