"""AES-256-GCM as we use it everywhere: a random nonce in front, and a name to which the text is bound."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.ports.randomness import Randomness
from application.ports.vault import SealBroken

NONCE_BYTES: Final = 12


def sealed(key: bytes, name: str, content: bytes, randomness: Randomness) -> bytes:
    nonce = randomness.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, name.encode())


def opened(key: bytes, name: str, text: bytes) -> bytes:
    """What was sealed; SealBroken if it was changed, or sealed under another key or name."""
    try:
        return AESGCM(key).decrypt(text[:NONCE_BYTES], text[NONCE_BYTES:], name.encode())
    except (InvalidTag, ValueError):
        raise SealBroken("it was changed, or sealed under another key or name") from None
