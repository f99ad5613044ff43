"""Identifiers: a prefix that says what is meant, and 128 random bits that nobody can guess."""

from typing import Final, NewType

AccountId = NewType("AccountId", str)
EventId = NewType("EventId", str)
TicketTypeId = NewType("TicketTypeId", str)
AllotmentId = NewType("AllotmentId", str)
BookingId = NewType("BookingId", str)
TicketId = NewType("TicketId", str)
AdmissionId = NewType("AdmissionId", str)
PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)
PromoCodeId = NewType("PromoCodeId", str)
DisputeId = NewType("DisputeId", str)
FindingId = NewType("FindingId", str)
LedgerId = NewType("LedgerId", str)
KycRequestId = NewType("KycRequestId", str)
KycDocumentId = NewType("KycDocumentId", str)
ApiKeyId = NewType("ApiKeyId", str)

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o or u, so that an identifier survives being read aloud."""

ID_BYTES: Final = 16
ID_LETTERS: Final = 26
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_BITS_OF_PAIRS: Final = range(120, -1, -10)
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}


def make_id(prefix: str, random_bits: bytes) -> str:
    """The identifier `prefix_…` for 16 random bytes."""
    assert len(random_bits) == ID_BYTES, "an identifier carries 128 bits"
    number = int.from_bytes(random_bits, "big")
    # Two letters at a time: an identifier is made for all that is stored.
    return f"{prefix}_" + "".join([_PAIRS[number >> bits & 1023] for bits in _BITS_OF_PAIRS])


def id_bytes(identifier: str) -> bytes:
    """The 16 bytes that an identifier carries; ValueError if it is not one of ours."""
    _, _, body = identifier.partition("_")
    if len(body) != ID_LETTERS or body[0] not in "01234567":
        raise ValueError(f"not an identifier: {identifier!r}")
    number = 0
    for letter in body:
        value = _VALUES.get(letter)
        if value is None:
            raise ValueError(f"not an identifier: {identifier!r}")
        number = number << 5 | value
    return number.to_bytes(ID_BYTES, "big")
