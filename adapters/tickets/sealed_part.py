"""The part of a token that only the server opens: AES-256-CTR, then HMAC-SHA256 over everything before the tag."""

import hmac
from hashlib import sha256
from typing import Final, Self

from attrs import field, frozen
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.tickets.token_layout import DOOR_BYTES, NONCE_BYTES, SEALED_BYTES, SECRET_BYTES, TAG_BYTES
from domain.ticket_code import CodeForged

_KEY_BYTES: Final = 32
_INFO: Final = b"relexbooking ticket seal 1"
_FIRST_BLOCK: Final = bytes(4)
"""The counter behind the nonce starts at zero; a token uses two blocks."""


@frozen
class EventSealKeys:
    """One event's keys under one sealing root.

    They differ for each event, so random nonces need only be rare within one event, and a seal made for one event
    never holds in another, even if their tags were equal.
    """

    _cipher_key: bytes = field(repr=False)
    _mac_key: bytes = field(repr=False)

    @classmethod
    def derive(cls, root: bytes, event: bytes) -> Self:
        """HKDF-SHA256 with the event's 16 bytes as salt, split into the two keys."""
        both = HKDF(algorithm=SHA256(), length=2 * _KEY_BYTES, salt=event, info=_INFO).derive(root)
        return cls(both[:_KEY_BYTES], both[_KEY_BYTES:])

    def seal(self, door: bytes, nonce: bytes, secret: bytes) -> bytes:
        """Nonce, ciphertext and tag, bound to the door part."""
        assert (len(door), len(nonce), len(secret)) == (DOOR_BYTES, NONCE_BYTES, SECRET_BYTES), "lengths are fixed"
        sealed = nonce + self._cipher(nonce, secret)
        return sealed + self._tag(door + sealed)

    def open(self, door: bytes, sealed: bytes) -> bytes:
        """The secret, or CodeForged. Nothing is decrypted before the tag was found right."""
        assert (len(door), len(sealed)) == (DOOR_BYTES, SEALED_BYTES), "lengths are fixed"
        body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        self._check_tag(door + body, tag)
        return self._cipher(body[:NONCE_BYTES], body[NONCE_BYTES:])

    def _check_tag(self, authenticated: bytes, tag: bytes) -> None:
        if not hmac.compare_digest(self._tag(authenticated), tag):
            raise CodeForged("the code's seal does not hold")

    def _tag(self, authenticated: bytes) -> bytes:
        return hmac.digest(self._mac_key, authenticated, sha256)[:TAG_BYTES]

    def _cipher(self, nonce: bytes, text: bytes) -> bytes:
        # Counter mode is its own inverse.
        cipher = Cipher(AES256(self._cipher_key), CTR(nonce + _FIRST_BLOCK)).encryptor()
        return cipher.update(text) + cipher.finalize()
