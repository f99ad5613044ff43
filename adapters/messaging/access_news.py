"""What people read when something else opens their account, or nothing any more: a subject, and words."""

from collections.abc import Mapping
from typing import Final

from domain.facts import AccessChange

ACCESS_NEWS: Final[Mapping[AccessChange, tuple[str, str]]] = {
    AccessChange.PASSWORD_CHANGED: (
        "Your password was changed",
        "the password of your account was changed. You were signed out on all other devices, and your API keys ended.",
    ),
    AccessChange.PASSWORD_BY_STAFF: (
        "You were given a temporary password",
        "an administrator replaced your password by a temporary one, which is good for choosing another within a day.",
    ),
    AccessChange.KEY_LEAKED: (
        "One of your API keys was found in public",
        "somebody found the secret of one of your API keys and showed it to us. That key has ended: make a new one.",
    ),
}
