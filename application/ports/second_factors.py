"""Ports to what proves, beside a password, that somebody is who they say."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from domain.account import Account
from domain.second_factors import Passkey

Document = Mapping[str, Any]
"""What a browser's passkey functions take and give, as JSON."""


class TotpCodes(Protocol):
    """The codes of authenticator apps (RFC 6238)."""

    def address(self, secret: bytes, label: str) -> str:
        """What an app reads from a QR code."""

    def spelt(self, secret: bytes) -> str:
        """The secret for those who type it."""

    def step_of(self, secret: bytes, code: str, at: float) -> int | None:
        """The time step that a code is of: the present one or one beside it; None if it is of none of these.

        `code` may be spelt with spaces and in digits of any script. `at` is in seconds since 1970.
        """


@frozen
class NewPasskey:
    """What an authenticator tells of a key pair that it made."""

    credential_id: str
    public_key: bytes = field(repr=False)
    sign_count: int


class Passkeys(Protocol):
    """Passkeys (WebAuthn). An answer that is not right in every respect is FactorRefused.

    The site that a passkey is for comes from the settings, and never from what a request says.
    """

    def creation_options(self, challenge: bytes, account: Account, known: Sequence[str]) -> Document:
        """What a browser needs to make a passkey, other than those of the `known` credential ids."""

    def request_options(self, challenge: bytes, known: Sequence[str], *, alone: bool) -> Document:
        """What a browser needs to use one of the `known`, or any if there are none.

        `alone`: it is the only step, so that the authenticator must verify its user.
        """

    def challenge_of(self, answer: Document) -> str:
        """The challenge that an answer says it is for, in base64url."""

    def credential_of(self, answer: Document) -> str:
        """The credential id that an answer says it is of."""

    def made(self, answer: Document, challenge: str) -> NewPasskey:
        """The passkey that was made for this challenge."""

    def used(self, answer: Document, challenge: str, passkey: Passkey, *, alone: bool) -> int:
        """The authenticator's count after it signed this challenge with that passkey."""


class LinkDrawer(Protocol):
    def link_svg(self, text: str) -> bytes:
        """An address as a QR code for screens. InvalidValue if it is too long."""
