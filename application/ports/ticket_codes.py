"""Ports around the QR code: sealing it, drawing it, and the keys that make it ours."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from domain.errors import NotAllowedNow
from domain.ids import EventId
from domain.ticket_code import TicketCode


class TicketSealer(Protocol):
    """Turns a TicketCode into the text of a QR code, and back.

    The text is base45, fits QR version 9 at level M, and has exactly one spelling.
    """

    def seal(self, code: TicketCode) -> str:
        """A new token under the active keys. Two calls differ: keep the first, and never seal
        the same subject and generation again.

        Times are kept in whole seconds: a fraction widens the window. InvalidValue if the code cannot be spelt:
        a time outside 1970 to 2106, an identifier of another sort, a group code for another booking than its own.
        """

    def open(self, token: str, event_id: EventId) -> TicketCode:
        """What the token says, after its signature and seal were verified for this event.

        CodeMalformed, CodeForOtherEvent, CodeKeyRevoked or CodeForged otherwise, checked in that order and
        before anything in the token is believed. Time, generation and use are not checked here. `token` is the
        text exactly as it was scanned: it may hold several spaces in a row, and none may be trimmed or joined.
        """


class QrDrawer(Protocol):
    """Draws a token as a picture: level M for screens, level Q for print, quiet zone of 4 modules.

    Drawing takes tens of milliseconds of pure CPU, so callers on an event loop do it in a pool. The same token always
    gives the same bytes. InvalidValue for a text that a token's QR code cannot hold, or a size outside 1 to 40.
    """

    def png(self, token: str, *, module_px: int = 8, for_print: bool = False) -> bytes:
        """A black and white PNG whose modules are squares of exactly `module_px` pixels."""

    def svg(self, token: str, *, for_print: bool = False) -> bytes:
        """An SVG without a size of its own: one unit is one module."""


class KeyPurpose(StrEnum):
    """What a key is for: signing tokens (Ed25519), or sealing them (AES-256-CTR and HMAC-SHA256)."""

    SIGN = "sign"
    SEAL = "seal"


class KeyState(StrEnum):
    """next: published, not yet used · active: makes new tokens · verify_only: opens old ones · revoked: refused."""

    NEXT = "next"
    ACTIVE = "active"
    VERIFY_ONLY = "verify_only"
    REVOKED = "revoked"


@frozen
class KeyInfo:
    """What may be told of a key. The secret itself never leaves the ring."""

    purpose: KeyPurpose
    id: int
    state: KeyState
    created_at: datetime
    in_state_since: datetime
    public: str | None = None
    """The Ed25519 public key in base64url; None for a sealing key."""


class NoSuchKey(NotAllowedNow):
    """The ring never made a key of that purpose and id."""

    code = "no_such_key"


class KeyIdsUsedUp(NotAllowedNow):
    """All 255 ids of that purpose were given out, and an id is never used twice."""

    code = "key_ids_used_up"


class KeyRing(Protocol):
    """The ticket keys, by purpose and id (1 to 255). Exactly one key of each purpose is active."""

    def list(self) -> Sequence[KeyInfo]:
        """Every key ever made, by purpose and id."""

    def prepare(self, purpose: KeyPurpose, at: datetime) -> KeyInfo:
        """A next key, to be published to the doors before it is used; the one there already is, if there is one."""

    def rotate(self, purpose: KeyPurpose, at: datetime) -> KeyInfo:
        """Activate the next key, or a new one; the one active so far becomes verify_only. Returns the new one."""

    def revoke(self, purpose: KeyPurpose, key_id: int, at: datetime) -> KeyInfo:
        """Refuse all that this key ever made, from now on, and forget its secret: there is no way back.

        The active key is rotated out first. Revoking again changes nothing. NoSuchKey if there is none.
        """
