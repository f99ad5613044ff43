"""Codes of authenticator apps (RFC 6238), by the `cryptography` package."""

import unicodedata
from base64 import b32encode
from hmac import compare_digest
from typing import Final
from urllib.parse import quote

from attrs import frozen
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS: Final = 6
STEP_S: Final = 30
STEPS_ASIDE: Final = 1
"""Clocks differ, and people type slowly."""
_CODE_CHARS_MAX: Final = 40


def normal_code(code: str) -> str:
    """The one form in which codes are compared: digits of any script as those of ASCII, without what stands between."""
    if len(code) > _CODE_CHARS_MAX:
        return ""
    letters = [letter for letter in code if not (letter.isspace() or unicodedata.category(letter) in {"Cf", "Pd"})]
    values = [unicodedata.decimal(letter, None) for letter in letters]
    return "".join(str(value) for value in values) if None not in values and len(values) == DIGITS else ""


@frozen
class AuthenticatorCodes:
    """Six digits every thirty seconds, by HMAC-SHA-1: what all authenticator apps understand."""

    issuer: str

    def address(self, secret: bytes, label: str) -> str:
        """See TotpCodes."""
        name, issuer = quote(f"{self.issuer}:{label}", safe="@"), quote(self.issuer, safe="")
        return f"otpauth://totp/{name}?secret={self.spelt(secret)}&issuer={issuer}"

    def spelt(self, secret: bytes) -> str:
        """See TotpCodes."""
        return b32encode(secret).decode().rstrip("=")

    def step_of(self, secret: bytes, code: str, at: float) -> int | None:
        """See TotpCodes."""
        normal, now = normal_code(code).encode(), int(at) // STEP_S
        codes = TOTP(secret, DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303 - RFC 6238's default
        found = None
        for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
            # All are compared, so that the time taken does not tell which one it was.
            if compare_digest(codes.generate(step * STEP_S), normal):
                found = step
        return found
