"""What people read when their second factors change: a subject, and words."""

from collections.abc import Mapping
from typing import Final

from domain.facts import FactorChange

_OUT: Final = "You were signed out on all other devices."

FACTOR_NEWS: Final[Mapping[FactorChange, tuple[str, str]]] = {
    FactorChange.TOTP_ADDED: (
        "An authenticator app was added",
        f"an authenticator app was added to your account: its codes are asked for when you sign in. {_OUT}",
    ),
    FactorChange.TOTP_REMOVED: (
        "Your authenticator app was removed",
        f"the authenticator app of your account was removed: its codes no longer work. {_OUT}",
    ),
    FactorChange.PASSKEY_ADDED: (
        "A passkey was added",
        f"a passkey was added to your account: you can sign in with it. {_OUT}",
    ),
    FactorChange.PASSKEY_REMOVED: (
        "A passkey was removed",
        f"a passkey of your account was removed: it no longer works. {_OUT}",
    ),
    FactorChange.CODES_RENEWED: (
        "You have new recovery codes",
        f"new recovery codes were made for your account: the old ones no longer work. {_OUT}",
    ),
    FactorChange.CODE_USED: (
        "A recovery code was used",
        "one of your recovery codes was used, to sign in or to confirm it. It works only once: make new ones in time.",
    ),
    FactorChange.REMOVED_BY_STAFF: (
        "Your second factors were removed",
        "an administrator removed all second factors of your account, as of somebody who lost them. " + _OUT,
    ),
}
