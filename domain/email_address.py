"""Addresses: the one spelling under which somebody is found, and what stands there once they are forgotten."""

from typing import Final

from domain.errors import InvalidValue
from domain.ids import AccountId

EMAIL_MAX: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""
_ERASED_AT: Final = "@deleted.invalid"
"""RFC 2606 keeps that domain from ever existing."""


def canonical_email(text: str) -> str:
    """The one spelling of an address under which an account is found; InvalidValue if it is none.

    Only what a mistyped address can show is checked: whether it exists is proved by the mail that it receives.
    """
    email = text.strip()
    local, at, domain = email.rpartition("@")
    if not at or not local or "." not in domain or len(email) > EMAIL_MAX:
        raise InvalidValue(f"{text!r} is not an e-mail address")
    if any(c.isspace() or not c.isprintable() or c in '<>,;:"()[]\\' for c in email):
        raise InvalidValue(f"{text!r} is not an e-mail address")
    return email.casefold()


def erased_email(account_id: AccountId) -> str:
    """What stands where the address of somebody stood who is forgotten."""
    return f"{account_id}{_ERASED_AT}"


def is_erased_email(email: str) -> bool:
    """Whether there is nobody to write to any more."""
    return email.endswith(_ERASED_AT)
