"""Passkeys (WebAuthn), checked by the `webauthn` package."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from attrs import field, frozen
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from application.ports.second_factors import Document, NewPasskey
from domain.account import Account
from domain.second_factors import FactorRefused, Passkey

T = TypeVar("T")

TIMEOUT_MS: Final = 300_000
CREDENTIAL_ID_CHARS_MAX: Final = 1_400
"""1,023 bytes in base64url, which the standard allows, and some."""


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _held(check: Callable[[], T]) -> T:
    """What a check finds; FactorRefused whatever it stumbles over, for all of it came from outside."""
    try:
        return check()
    except FactorRefused:
        raise
    except Exception:  # noqa: BLE001 - the library decodes before it checks, and its decoders raise of all sorts
        raise FactorRefused("this passkey's answer does not hold: try again") from None


def _origin(base_url: str) -> str:
    return base_url.rstrip("/")


@frozen
class WebauthnPasskeys:
    """Passkeys of the one site at `base_url`, called `site` on people's screens."""

    base_url: str = field(converter=_origin)
    site: str

    @property
    def _host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    def creation_options(self, challenge: bytes, account: Account, known: Sequence[str]) -> Document:
        """See Passkeys."""
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=self.site,
            user_name=account.email,
            user_id=account.id.encode(),
            user_display_name=account.name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
            exclude_credentials=_described(known),
        )
        return options_to_json_dict(options)

    def request_options(self, challenge: bytes, known: Sequence[str], *, alone: bool) -> Document:
        """See Passkeys."""
        wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
        options = generate_authentication_options(
            rp_id=self._host,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_described(known),
            user_verification=wanted,
        )
        return options_to_json_dict(options)

    def challenge_of(self, answer: Document) -> str:
        """See Passkeys."""
        return _held(lambda: _challenge_of(answer))

    def credential_of(self, answer: Document) -> str:
        """See Passkeys."""
        credential_id = answer.get("id")
        if not isinstance(credential_id, str) or not 0 < len(credential_id) <= CREDENTIAL_ID_CHARS_MAX:
            raise FactorRefused("this passkey's answer names no passkey")
        return credential_id

    def made(self, answer: Document, challenge: str) -> NewPasskey:
        """See Passkeys."""
        found = _held(
            lambda: verify_registration_response(
                credential=dict(answer),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self.base_url,
            )
        )
        return NewPasskey(_text(found.credential_id), found.credential_public_key, found.sign_count)

    def used(self, answer: Document, challenge: str, passkey: Passkey, *, alone: bool) -> int:
        """See Passkeys."""
        found = _held(
            lambda: verify_authentication_response(
                credential=dict(answer),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self.base_url,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=alone,
            )
        )
        return found.new_sign_count


def _challenge_of(answer: Document) -> str:
    told: Any = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
    challenge = told["challenge"]
    if not isinstance(challenge, str):
        raise TypeError("a challenge is a text")
    # The one spelling that we gave it, whatever padding came back.
    return _text(base64url_to_bytes(challenge))


def _described(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential_id)) for credential_id in known]
