"""Secrets that people carry: session cookies, links in mails. Only their hashes are stored."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from application.ports.randomness import Randomness

SECRET_BYTES = 32


def new_secret(randomness: Randomness) -> str:
    """256 random bits in base64url."""
    return urlsafe_b64encode(randomness.token_bytes(SECRET_BYTES)).decode().rstrip("=")


def secret_bytes(secret: str) -> bytes:
    """The random bits of such a secret."""
    return urlsafe_b64decode(secret + "=" * (-len(secret) % 4))


def secret_id(secret: str) -> str:
    """The name under which a secret's record is stored. The secret has 256 random bits: a plain hash is enough."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()
