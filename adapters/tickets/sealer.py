"""TicketTokens: sealed for the server, signed for the doors."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from attrs import field, frozen

from adapters.tickets import door, token_layout
from adapters.tickets.key_source import KeySource
from adapters.tickets.sealed_part import EventSealKeys
from adapters.tickets.token_layout import DOOR_BYTES, NONCE_BYTES, SIGNED_BYTES
from application.ports.randomness import Randomness
from application.ports.ticket_codes import TicketSealer
from domain.errors import InvalidValue
from domain.ids import ID_BYTES, AccountId, BookingId, EventId, make_id
from domain.ticket_code import CodeForged, CodeKeyRevoked, CodeKind, TicketCode

EVENTS_CACHED_MAX: Final = 256
"""Derived keys are kept for that many events; deriving them again costs a few microseconds."""

_Derive = Callable[[bytes, bytes], EventSealKeys]


def build(keys: KeySource, randomness: Randomness) -> TicketSealer:
    """A sealer over these keys. It may be shared between threads."""
    return Ed25519TicketSealer(keys, randomness)


@frozen
class Ed25519TicketSealer:
    """Seals with AES-256-CTR and HMAC-SHA256, and signs the whole with Ed25519."""

    _keys: KeySource
    _randomness: Randomness
    _derive: _Derive = field(init=False, repr=False, eq=False)

    @_derive.default
    def _derive_with_cache(self) -> _Derive:
        # Keyed by the root itself and not by its id: a restored ring may hold another root under the same id.
        return lru_cache(EVENTS_CACHED_MAX)(EventSealKeys.derive)

    def seal(self, code: TicketCode) -> str:
        """See TicketSealer."""
        _check_group(code)
        keys = self._keys.keys()
        door_part = token_layout.pack_door(code, keys.signing_key_id, keys.sealing_key_id)
        secret = token_layout.bytes_of("bkg", code.booking_id) + token_layout.bytes_of("acc", code.account_id)
        seal_keys = self._derive(keys.sealing_roots[keys.sealing_key_id], token_layout.bytes_of("evt", code.event_id))
        signed = door_part + seal_keys.seal(door_part, self._randomness.token_bytes(NONCE_BYTES), secret)
        return token_layout.spell(signed + keys.signing_key.sign(signed))

    def open(self, token: str, event_id: EventId) -> TicketCode:
        """See TicketSealer. The cheap refusals come first; nothing is decrypted before both proofs hold."""
        try:
            return self._opened(token, event_id)
        except CodeKeyRevoked:
            if not self._keys.look_again():
                raise
            return self._opened(token, event_id)

    def _opened(self, token: str, event_id: EventId) -> TicketCode:
        keys = self._keys.keys()
        signed = door.verify(token, event_id, keys.public_keys, keys.sealing_roots)
        root = keys.sealing_roots[signed.door.sealing_key_id]
        seal_keys = self._derive(root, token_layout.bytes_of("evt", event_id))
        secret = seal_keys.open(signed.raw[:DOOR_BYTES], signed.raw[DOOR_BYTES:SIGNED_BYTES])
        code = TicketCode(
            kind=signed.door.kind,
            event_id=event_id,
            subject=signed.door.subject,
            admits=signed.door.admits,
            generation=signed.door.generation,
            valid_from=signed.door.valid_from,
            valid_until=signed.door.valid_until,
            booking_id=BookingId(make_id("bkg", secret[:ID_BYTES])),
            account_id=AccountId(make_id("acc", secret[ID_BYTES:])),
        )
        try:
            _check_group(code)
        except InvalidValue:
            raise CodeForged("the code's two parts do not belong together") from None
        return code


def _check_group(code: TicketCode) -> None:
    if code.kind is CodeKind.GROUP and code.subject != code.booking_id:
        raise InvalidValue(f"a group code's subject is its booking {code.booking_id} and not {code.subject}")
