"""Passkeys, whose library is imported when the first of them is asked for."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from application.ports.second_factors import Document, NewPasskey
from domain.account import Account
from domain.second_factors import Passkey

if TYPE_CHECKING:
    from adapters.identity.webauthn_passkeys import WebauthnPasskeys


@frozen
class LatePasskeys:
    """Passkeys of the one site at `base_url`, called `site` on people's screens.

    What checks them brings parsers of certificates along, of every device that was ever certified: 6 MB and a
    twentieth of a start, which only an installation whose people use passkeys should cost.
    """

    base_url: str
    site: str

    @cached_property
    def _checked(self) -> "WebauthnPasskeys":
        from adapters.identity.webauthn_passkeys import WebauthnPasskeys  # noqa: PLC0415 - only a passkey pays for it

        return WebauthnPasskeys(self.base_url, self.site)

    def creation_options(self, challenge: bytes, account: Account, known: Sequence[str]) -> Document:
        """See Passkeys."""
        return self._checked.creation_options(challenge, account, known)

    def request_options(self, challenge: bytes, known: Sequence[str], *, alone: bool) -> Document:
        """See Passkeys."""
        return self._checked.request_options(challenge, known, alone=alone)

    def challenge_of(self, answer: Document) -> str:
        """See Passkeys."""
        return self._checked.challenge_of(answer)

    def credential_of(self, answer: Document) -> str:
        """See Passkeys."""
        return self._checked.credential_of(answer)

    def made(self, answer: Document, challenge: str) -> NewPasskey:
        """See Passkeys."""
        return self._checked.made(answer, challenge)

    def used(self, answer: Document, challenge: str, passkey: Passkey, *, alone: bool) -> int:
        """See Passkeys."""
        return self._checked.used(answer, challenge, passkey, alone=alone)
