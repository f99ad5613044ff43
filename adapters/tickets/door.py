"""What a door checks with public keys alone, and therefore also without a network."""

from collections.abc import Collection, Iterable, Mapping

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.tickets import token_layout
from adapters.tickets.base64url import from_base64url
from adapters.tickets.token_layout import SIGNED_BYTES, DoorPart
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyState
from domain.ids import EventId
from domain.ticket_code import CodeForged, CodeForOtherEvent, CodeKeyRevoked


@frozen
class SignedToken:
    """A token whose signature holds: its readable part, and its bytes for whoever can open the rest."""

    door: DoorPart
    raw: bytes = field(repr=False)


def verify_door_part(
    token: str,
    event_id: EventId,
    public_keys: Mapping[int, Ed25519PublicKey],
    sealing_key_ids: Collection[int] | None = None,
) -> DoorPart:
    """The readable part of a token that was signed for this event with one of these keys.

    CodeMalformed, CodeForOtherEvent, CodeKeyRevoked or CodeForged otherwise, checked in that order. A door that was
    told which sealing keys stand also refuses the tokens of those withdrawn. What it cannot see is whether the
    sealed part is ours, nor time, generation and use: those are its caller's to check.
    """
    return verify(token, event_id, public_keys, sealing_key_ids).door


def verify(
    token: str,
    event_id: EventId,
    public_keys: Mapping[int, Ed25519PublicKey],
    sealing_key_ids: Collection[int] | None = None,
) -> SignedToken:
    """The same checks, for the server, which goes on to the sealed part."""
    raw = token_layout.read(token)
    door = DoorPart.unpack(raw)
    _check_event(door, event_id)
    public_key = public_keys.get(door.signing_key_id)
    if public_key is None or (sealing_key_ids is not None and door.sealing_key_id not in sealing_key_ids):
        raise CodeKeyRevoked("the code was made with a key that is unknown or withdrawn")
    _check_signature(public_key, raw)
    return SignedToken(door, raw)


def public_keys(infos: Iterable[KeyInfo]) -> dict[int, Ed25519PublicKey]:
    """The signing keys that a door accepts, from what may be told of the ring: all but those withdrawn."""
    return {
        info.id: Ed25519PublicKey.from_public_bytes(from_base64url(info.public))
        for info in infos
        if info.purpose is KeyPurpose.SIGN and info.state is not KeyState.REVOKED and info.public is not None
    }


def sealing_key_ids(infos: Iterable[KeyInfo]) -> frozenset[int]:
    """The sealing keys whose tokens a door accepts."""
    return frozenset(
        info.id for info in infos if info.purpose is KeyPurpose.SEAL and info.state is not KeyState.REVOKED
    )


def _check_event(door: DoorPart, event_id: EventId) -> None:
    if door.event_tag != token_layout.event_tag(event_id):
        raise CodeForOtherEvent("the code belongs to another event")


def _check_signature(public_key: Ed25519PublicKey, raw: bytes) -> None:
    try:
        public_key.verify(raw[SIGNED_BYTES:], raw[:SIGNED_BYTES])
    except InvalidSignature:
        raise CodeForged("the code's signature does not hold") from None
