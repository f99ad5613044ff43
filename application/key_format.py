"""How an API key is spelt: `rlx_`, whose it is, which it is, the secret itself, and a checksum.

One prefix, one length and a checksum let scanners find keys in public places and pass over what only looks like one.
A mistyped key is refused without asking the store.
"""

from typing import Final
from zlib import crc32

from attrs import field, frozen

from application.ports.randomness import Randomness
from application.secrets import secret_id
from domain.ids import ALPHABET, ID_BYTES, ID_LETTERS, AccountId, ApiKeyId, make_id

PREFIX: Final = "rlx_"
_SECRET_LETTERS: Final = 2 * ID_LETTERS
"""256 random bits."""
_CHECK_LETTERS: Final = 7
"""32 bits of a CRC, five in a letter."""
_ACCOUNT_END: Final = len(PREFIX) + ID_LETTERS
_KEY_END: Final = _ACCOUNT_END + ID_LETTERS
KEY_LENGTH: Final = _KEY_END + _SECRET_LETTERS + _CHECK_LETTERS
PATTERN: Final = rf"{PREFIX}[0-9a-hjkmnp-tv-z]{{{KEY_LENGTH - len(PREFIX)}}}"
"""For scanners. What fits it and has the right checksum was made here, or somewhere like here."""


@frozen
class PresentedKey:
    """A well-formed key. Whether there is such a one, the store knows."""

    account_id: AccountId
    key_id: ApiKeyId
    secret_hash: str = field(repr=False)


def new_key(randomness: Randomness, account_id: AccountId, key_id: ApiKeyId) -> str:
    """A new secret for that key."""
    halves = (make_id("", randomness.token_bytes(ID_BYTES))[1:] for _ in range(2))
    text = PREFIX + account_id.removeprefix("acc_") + key_id.removeprefix("key_") + "".join(halves)
    return text + checksum(text)


def read_key(text: str) -> PresentedKey | None:
    """What a key says of itself; None if it is mistyped, cut off or nothing like a key."""
    if len(text) != KEY_LENGTH or not looks_like_key(text) or not text.isascii():
        return None
    if checksum(text[:-_CHECK_LETTERS]) != text[-_CHECK_LETTERS:]:
        return None
    account_id = AccountId(f"acc_{text[len(PREFIX) : _ACCOUNT_END]}")
    return PresentedKey(account_id, ApiKeyId(f"key_{text[_ACCOUNT_END:_KEY_END]}"), secret_id(text))


def looks_like_key(text: str) -> bool:
    """Whether it is meant as a key and not as a session."""
    return text.startswith(PREFIX)


def checksum(text: str) -> str:
    """CRC-32 (ISO 3309) of all that stands before it, in seven letters."""
    number = crc32(text.encode())
    return "".join(ALPHABET[number >> bits & 31] for bits in range(30, -1, -5))
