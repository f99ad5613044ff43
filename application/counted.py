"""What is counted so that it can be limited, as it is stored. Names are hashes: of an address or a source nothing can
be read here.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Self

from attrs import evolve, field, frozen

from application.records import Stored
from domain.email_address import canonical_email
from domain.errors import InvalidValue
from domain.guesses import Guesses
from domain.ids import AccountId
from domain.time import is_aware

DEVICE_KNOWN: Final = timedelta(days=90)
ADDRESS_KEPT: Final = timedelta(days=90)
SOURCE_KEPT: Final = timedelta(hours=1)


@frozen
class RateCount(Stored):
    """One key of a limit."""

    id: str
    expected_at: datetime = field(validator=is_aware)
    """See Rate. Once it is past, the record says no more than none."""


@frozen
class GuessCount(Stored):
    """Wrong passwords for one address, whether there is an account or not, or from one source."""

    id: str
    guesses: Guesses
    forget_at: datetime | None
    """None for an address that is closed: that does not pass with time."""

    def at(self, instant: datetime) -> Guesses:
        """What still counts."""
        return Guesses() if self.forget_at is not None and self.forget_at <= instant else self.guesses

    def counting(self, guesses: Guesses, forget_at: datetime | None) -> Self:
        return evolve(self, guesses=guesses, forget_at=forget_at)


@frozen
class KnownDevice(Stored):
    """A browser in which somebody has signed in. `id` is the hash of a secret that it keeps.

    Its tries are counted apart, so that strangers who guess cannot keep its person out.
    """

    id: str = field(repr=False)
    account_id: AccountId
    created_at: datetime = field(validator=is_aware)
    expires_at: datetime = field(validator=is_aware)
    guesses: Guesses = field(factory=Guesses)


def counted_id(*words: str) -> str:
    return sha256("\n".join(words).encode(errors="surrogatepass")).hexdigest()


def address_id(email: str) -> str:
    """One name for every spelling of an address, also for what is none."""
    try:
        spelt = canonical_email(email)
    except InvalidValue:
        spelt = email.strip().casefold()
    return counted_id("address", spelt)


def source_id(source: str) -> str:
    return counted_id("source", source)
