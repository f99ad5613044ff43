"""The bytes of a TicketToken, and its one spelling as text. docs/ticket-token.md shows the same layout as a table."""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from attrs import frozen
from base45 import b45decode, b45encode

from domain.errors import InvalidValue
from domain.ids import ID_BYTES, BookingId, EventId, TicketId, id_bytes, make_id
from domain.ticket_code import CodeKind, CodeMalformed, TicketCode

VERSION: Final = 1
DOOR_BYTES: Final = 38
NONCE_BYTES: Final = 12
SECRET_BYTES: Final = 2 * ID_BYTES
TAG_BYTES: Final = 16
SEALED_BYTES: Final = NONCE_BYTES + SECRET_BYTES + TAG_BYTES
SIGNATURE_BYTES: Final = 64
SIGNED_BYTES: Final = DOOR_BYTES + SEALED_BYTES
TOKEN_BYTES: Final = SIGNED_BYTES + SIGNATURE_BYTES
TOKEN_CHARS: Final = TOKEN_BYTES // 2 * 3

EVENT_TAG_BYTES: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_SECONDS_MAX: Final = 2**32 - 1
_DOOR: Final = struct.Struct(">BBBB8s16sBBII")
_FLAGS: Final = {CodeKind.TICKET: 0, CodeKind.GROUP: 1}
_KINDS: Final = {flags: kind for kind, flags in _FLAGS.items()}
_SUBJECT_PREFIXES: Final = {CodeKind.TICKET: "tkt", CodeKind.GROUP: "bkg"}


@frozen
class DoorPart:
    """What a door may read of a token: enough to decide on entry, and nothing about a person."""

    kind: CodeKind
    signing_key_id: int
    sealing_key_id: int
    event_tag: bytes
    subject: TicketId | BookingId
    admits: int
    generation: int
    valid_from: datetime
    valid_until: datetime

    @classmethod
    def unpack(cls, raw: bytes) -> Self:
        """The door part at the start of a token; CodeMalformed if no code of ours begins like this."""
        version, flags, signing, sealing, tag, subject, admits, generation, start, end = _DOOR.unpack_from(raw)
        if version != VERSION:
            raise CodeMalformed("the code has a format that is not known here")
        kind = _KINDS.get(flags)
        if kind is None or not admits or not generation:
            raise CodeMalformed("the code holds a value that no code of ours holds")
        name = make_id(_SUBJECT_PREFIXES[kind], subject)
        return cls(
            kind=kind,
            signing_key_id=signing,
            sealing_key_id=sealing,
            event_tag=tag,
            subject=TicketId(name) if kind is CodeKind.TICKET else BookingId(name),
            admits=admits,
            generation=generation,
            valid_from=_EPOCH + start * _SECOND,
            valid_until=_EPOCH + end * _SECOND,
        )


def pack_door(code: TicketCode, signing_key_id: int, sealing_key_id: int) -> bytes:
    """The 38 bytes a door reads. A fraction of a second widens the window, so nobody is turned away by rounding."""
    return _DOOR.pack(
        VERSION,
        _FLAGS[code.kind],
        signing_key_id,
        sealing_key_id,
        event_tag(code.event_id),
        bytes_of(_SUBJECT_PREFIXES[code.kind], code.subject),
        code.admits,
        code.generation,
        _seconds((code.valid_from - _EPOCH) // _SECOND),
        _seconds(-((_EPOCH - code.valid_until) // _SECOND)),
    )


def event_tag(event_id: EventId) -> bytes:
    """The part of an event's id that tokens carry: it tells events apart, and proves nothing."""
    return bytes_of("evt", event_id)[:EVENT_TAG_BYTES]


def bytes_of(prefix: str, identifier: str) -> bytes:
    """The 16 bytes of an identifier of that sort. The prefix is not in the token, so it must be the right one."""
    if not identifier.startswith(f"{prefix}_"):
        raise InvalidValue(f"a ticket code needs an identifier that starts with {prefix}_ and not {identifier!r}")
    try:
        return id_bytes(identifier)
    except ValueError as error:
        raise InvalidValue(str(error)) from None


def spell(raw: bytes) -> str:
    """The one spelling of a whole token."""
    assert len(raw) == TOKEN_BYTES, "a token has a fixed length"
    text: str = b45encode(raw).decode("ascii")
    return text


def read(token: str) -> bytes:
    """The bytes of a token; CodeMalformed for every text but the one that `spell` makes."""
    _refuse_other_lengths(token)
    try:
        raw: bytes = b45decode(token)
    except ValueError:
        raise CodeMalformed("the code is not base45") from None
    if len(raw) != TOKEN_BYTES:
        raise CodeMalformed("the code has the wrong length")
    _refuse_other_spellings(token, raw)
    return raw


def _refuse_other_lengths(token: str) -> None:
    # Before decoding, so that a megabyte of text costs nothing.
    if len(token) != TOKEN_CHARS:
        raise CodeMalformed("the code has the wrong length")


def _refuse_other_spellings(token: str, raw: bytes) -> None:
    # Two spellings of one token would look like two tickets to whoever compares texts.
    if spell(raw) != token:
        raise CodeMalformed("the code is not in its one spelling")


def _seconds(since_epoch: int) -> int:
    if not 0 <= since_epoch <= _SECONDS_MAX:
        raise InvalidValue("a ticket code can only be valid between the years 1970 and 2106")
    return since_epoch
