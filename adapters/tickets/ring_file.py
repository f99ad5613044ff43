"""A ring as the text of its file."""

import json
from datetime import datetime
from typing import Any, Final

from adapters.tickets.base64url import from_base64url, to_base64url
from adapters.tickets.ring import Ring, RingKey
from application.ports.ticket_codes import KeyPurpose, KeyState
from domain.time import to_utc

_FORMAT: Final = 1
_FIELDS: Final = {"purpose", "id", "state", "created_at", "in_state_since", "public", "secret"}


class NotARing(ValueError):
    """The text is not a ring. What it is instead is not said, since it may hold secrets."""


def to_text(ring: Ring) -> bytes:
    """The text of a ring, secrets included: one that holds no secret would be of no use."""
    keys = [
        {
            "purpose": key.purpose,
            "id": key.id,
            "state": key.state,
            "created_at": key.created_at.isoformat(),
            "in_state_since": key.in_state_since.isoformat(),
            "public": None if key.public is None else to_base64url(key.public),
            "secret": None if key.secret is None else to_base64url(key.secret),
        }
        for key in ring.keys
    ]
    return json.dumps({"format": _FORMAT, "keys": keys}, indent=1).encode()


def from_text(text: bytes) -> Ring:
    """The ring that `to_text` wrote; NotARing for anything else."""
    try:
        return _ring(json.loads(text))
    except Exception:  # noqa: BLE001 - whatever is wrong with the text, its words must not reach a log
        raise NotARing("the file is no key ring of this version, or it was damaged") from None


def _ring(content: dict[str, Any]) -> Ring:
    if content["format"] != _FORMAT:
        raise ValueError("another format")
    return Ring(tuple(_key(record) for record in content["keys"]))


def _key(record: dict[str, Any]) -> RingKey:
    if record.keys() != _FIELDS:
        raise ValueError("other fields")
    return RingKey(
        purpose=KeyPurpose(record["purpose"]),
        id=record["id"],
        state=KeyState(record["state"]),
        created_at=to_utc(datetime.fromisoformat(record["created_at"])),
        in_state_since=to_utc(datetime.fromisoformat(record["in_state_since"])),
        public=None if record["public"] is None else from_base64url(record["public"]),
        secret=None if record["secret"] is None else from_base64url(record["secret"]),
    )
