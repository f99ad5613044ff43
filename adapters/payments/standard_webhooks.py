"""Signatures as the Standard Webhooks specification writes them: version v1, HMAC-SHA256."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from application.ports.payment_gateway import NoticeNotGenuine

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # a mark in front of secrets, and none itself
KEY_BYTES_MIN: Final = 24
KEY_BYTES_MAX: Final = 64
TOLERANCE_S: Final = 300
SIGNATURES_MAX: Final = 8
"""A sender in the middle of a rotation signs with two keys; more than a few is noise."""

# No dot, or `a.1` and `2` could be read as `a` and `1.2`: what is signed must have one reading.
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# One spelling only: int() would also take " 1", "1_0" and digits of other scripts.
_TIMESTAMP: Final = re.compile(r"[1-9][0-9]{0,11}")


class BadSecret(ValueError):
    """The text is no webhook secret. The message never repeats it."""


def new_secret(random_bytes: bytes) -> str:
    """The secret `whsec_…` for 24 to 64 random bytes."""
    if not KEY_BYTES_MIN <= len(random_bytes) <= KEY_BYTES_MAX:
        raise BadSecret(f"a webhook secret carries {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode()


def signing_key(secret: str) -> bytes:
    """The key inside a secret; BadSecret if there is none."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret("a webhook secret is whsec_ and base64") from None
    if not secret.startswith(SECRET_PREFIX) or not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise BadSecret(f"a webhook secret is whsec_ and {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes in base64")
    return key


def signed_headers(secret: str, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers that make a message genuine at that instant."""
    timestamp = str(int(at.timestamp()))
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: _signature(signing_key(secret), message_id, timestamp, body),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """The id of a message that one of the secrets signed within the tolerance; NoticeNotGenuine otherwise."""
    message_id = headers.get(ID_HEADER, "")
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    if not _MESSAGE_ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise NoticeNotGenuine("the message does not say which one it is, or when it was sent")
    if not _is_signed(secrets, headers.get(SIGNATURE_HEADER, ""), (message_id, timestamp, body)):
        raise NoticeNotGenuine("no signature of the message holds")
    if abs(at.timestamp() - int(timestamp)) > TOLERANCE_S:
        raise NoticeNotGenuine(f"the message is more than {TOLERANCE_S} s away from our clock")
    return message_id


def _is_signed(secrets: Sequence[str], header: str, message: tuple[str, str, bytes]) -> bool:
    given = header.split(" ")
    if not header.isascii() or len(given) > SIGNATURES_MAX:
        return False
    # The written forms are compared, so that base64 with loose bits at its end does not pass; and all
    # pairs are, so that the time taken tells nothing about which secret is in use.
    pairs = [
        hmac.compare_digest(_signature(signing_key(secret), *message).encode(), one.encode())
        for secret in secrets
        for one in given
    ]
    return any(pairs)


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
