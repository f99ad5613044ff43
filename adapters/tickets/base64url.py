"""Base64url without padding: how keys are written down."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def to_base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes; ValueError if it is not what `to_base64url` writes."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(raw) != text:
        raise ValueError("not base64url")
    return raw
