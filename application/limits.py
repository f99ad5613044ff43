"""What may happen how often: one table, and what counts by it."""

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum, StrEnum, auto
from typing import Final

from attrs import define, field, frozen

from application.access import Actor
from application.errors import StoreUnavailable
from application.ports.limiter import Limiter
from domain.errors import InvalidValue
from domain.rate_limit import Rate

log = logging.getLogger(__name__)


class By(StrEnum):
    """Whose budget it is."""

    SOURCE = "source"
    """The network from which a request comes."""
    PERSON = "person"
    ADDRESS = "address"
    """An e-mail address, whether an account has it or not."""
    KEY = "key"
    """An API key."""


class Reach(Enum):
    PROCESS = auto()
    """Counted in memory: costs nothing, and each server process has a budget of its own."""
    SHARED = auto()
    """Counted in the store, for all processes together: costs a read and a commit."""


class Failing(Enum):
    """What holds while the store does not answer."""

    CLOSED = auto()
    OPEN = auto()


@frozen
class Limit:
    name: str
    by: By
    rate: Rate
    reach: Reach
    failing: Failing = Failing.CLOSED


_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)

SIGN_IN: Final = Limit("sign_in", By.SOURCE, Rate(60, _MINUTE), Reach.SHARED)
SIGN_UP: Final = Limit("sign_up", By.SOURCE, Rate(10, _HOUR), Reach.SHARED)
ASK_FOR_MAIL: Final = Limit("ask_for_mail", By.SOURCE, Rate(30, _HOUR), Reach.SHARED)
"""Links for a new password or a confirmation, whomever they are for."""
USE_LINK: Final = Limit("use_link", By.SOURCE, Rate(30, _MINUTE), Reach.SHARED)
RESET_MAIL: Final = Limit("reset_mail", By.ADDRESS, Rate(3, _HOUR), Reach.SHARED)
CONFIRMATION_MAIL: Final = Limit("confirmation_mail", By.ADDRESS, Rate(3, _HOUR), Reach.SHARED)
MAILED_CODE: Final = Limit("mailed_code", By.ADDRESS, Rate(10, _HOUR), Reach.SHARED)
"""Codes that an identity provider mailed: they are short, and wrong ones count like right ones."""
HOLD: Final = Limit("hold", By.PERSON, Rate(20, _HOUR), Reach.PROCESS)
QUOTE: Final = Limit("quote", By.PERSON, Rate(60, _MINUTE), Reach.PROCESS)
PROMO_CODE: Final = Limit("promo_code", By.PERSON, Rate(10, _HOUR), Reach.SHARED)
"""Wrong ones."""
REFUND: Final = Limit("refund", By.PERSON, Rate(60, _HOUR), Reach.SHARED)
CHECK_IN: Final = Limit("check_in", By.PERSON, Rate(50, _SECOND), Reach.PROCESS)
DOCUMENT: Final = Limit("document", By.PERSON, Rate(20, _HOUR), Reach.SHARED)
"""Identity documents that are handed in."""
UPLOAD: Final = Limit("upload", By.PERSON, Rate(120, _HOUR), Reach.SHARED)
"""Pictures that are decoded, and links by which one may be sent."""
SEND_FILE: Final = Limit("send_file", By.SOURCE, Rate(120, _HOUR), Reach.SHARED)
"""Files that come by such links, where they come to us."""
EXPORT: Final = Limit("export", By.PERSON, Rate(10, _HOUR), Reach.SHARED, Failing.OPEN)
TEAM_INVITATION: Final = Limit("team_invitation", By.PERSON, Rate(50, timedelta(days=1)), Reach.SHARED)
GUEST_HOLD: Final = Limit("guest_hold", By.SOURCE, Rate(20, _HOUR), Reach.SHARED)
GUEST_ADDRESS: Final = Limit("guest_address", By.ADDRESS, Rate(10, _HOUR), Reach.SHARED)
"""Holds for one address without signing in: each sends a mail there."""
GUEST_MAIL: Final = Limit("guest_mail", By.ADDRESS, Rate(3, _HOUR), Reach.SHARED)
LEAKED_KEY: Final = Limit("leaked_key", By.SOURCE, Rate(60, _MINUTE), Reach.SHARED)
"""Reports of keys that were found in public places."""
API_KEY: Final = Limit("api_key", By.KEY, Rate(60, _MINUTE), Reach.PROCESS)

LIMITS: Final[Mapping[str, Limit]] = {
    limit.name: limit
    for limit in (
        SIGN_IN,
        SIGN_UP,
        ASK_FOR_MAIL,
        USE_LINK,
        RESET_MAIL,
        CONFIRMATION_MAIL,
        MAILED_CODE,
        HOLD,
        QUOTE,
        PROMO_CODE,
        REFUND,
        CHECK_IN,
        DOCUMENT,
        UPLOAD,
        SEND_FILE,
        EXPORT,
        TEAM_INVITATION,
        GUEST_HOLD,
        GUEST_ADDRESS,
        GUEST_MAIL,
        LEAKED_KEY,
        API_KEY,
    )
}
_SPANS: Final = {"s": _SECOND, "min": _MINUTE, "h": _HOUR, "d": timedelta(days=1)}
_WORDS: Final = re.compile(r"([a-z_]+)=(?:(\d{1,6})/(s|min|h|d)|(off))")

Rates = Mapping[str, Rate | None]
"""By the name of the limit; None switches it off."""


def rates_of(words: Iterable[str]) -> Rates:
    """What an installation sets otherwise than the table: `hold=50/h`, `export=off`; InvalidValue for other words."""
    rates: dict[str, Rate | None] = {}
    for word in words:
        match = _WORDS.fullmatch(word.strip())
        if match is None or match[1] not in LIMITS:
            raise InvalidValue(f'write it as "hold=50/h" or "hold=off", with one of {", ".join(LIMITS)}')
        rates[match[1]] = None if match[4] else Rate(int(match[2]), _SPANS[match[3]])
    return rates


@define(eq=False)
class Limits:
    """Asks the limiter that a limit is counted by."""

    _here: Limiter
    _shared: Limiter
    _otherwise: Rates = field(factory=dict)

    async def check(self, limit: Limit, key: str) -> None:
        """Count one; LimitReached if that is too often. StoreUnavailable where nobody may pass uncounted."""
        rate = self._otherwise.get(limit.name, limit.rate)
        if rate is None:
            return
        limiter = self._here if limit.reach is Reach.PROCESS else self._shared
        try:
            await limiter.take(f"{limit.name}/{key}", rate)
        except StoreUnavailable:
            if limit.failing is Failing.CLOSED:
                raise
            log.warning("not counted for a limit: the store does not answer", extra={"limit": limit.name})

    async def check_person(self, limit: Limit, actor: Actor) -> None:
        """The same for whoever acts. What acts from inside has no limits."""
        if not actor.is_trusted:
            await self.check(limit, actor.name)
