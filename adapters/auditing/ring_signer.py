"""Checkpoints signed by the key of a ring that is used for nothing else."""

from binascii import Error
from collections.abc import Mapping

from attrs import frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.tickets.base64url import from_base64url, to_base64url
from adapters.tickets.key_source import KeySource
from application.ports.audit_witness import Signature


@frozen
class RingSigner:
    """A CheckpointSigner over a key ring of its own: the store, and whoever can write to it, never sees a secret."""

    _keys: KeySource

    def sign(self, content: bytes) -> Signature:
        """See CheckpointSigner."""
        keys = self._keys.keys()
        return Signature(keys.signing_key_id, to_base64url(keys.signing_key.sign(content)))

    def public_keys(self) -> Mapping[int, str]:
        """See CheckpointSigner."""
        return {number: to_base64url(key.public_bytes_raw()) for number, key in self._keys.keys().public_keys.items()}


def holds(public_key: str, content: bytes, signature: str) -> bool:
    """See SignatureCheck."""
    try:
        Ed25519PublicKey.from_public_bytes(from_base64url(public_key)).verify(from_base64url(signature), content)
    except (InvalidSignature, ValueError, Error):
        return False
    return True
