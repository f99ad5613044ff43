"""Wrong passwords, and how long each makes the next one wait."""

from datetime import datetime, timedelta
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.checks import whole
from domain.errors import DomainError
from domain.rate_limit import LimitReached

FREE_TRIES: Final = 5
LOCK_MAX: Final = timedelta(minutes=15)
CLOSED_AT: Final = 100
"""NIST SP 800-63B-4, section 3.2.2: no more than a hundred wrong tries in a row on one account."""


class SignInLocked(LimitReached):
    """Too many wrong passwords: wait."""

    code = "sign_in_locked"


class PasswordClosed(DomainError):
    """So many wrong passwords that none is looked at any more, until a new one is set through a mail."""

    code = "password_closed"


@frozen
class Guesses:
    """Tries since the last right one. A try is counted before anybody looks whether it is right, so that many at the
    same moment are many.
    """

    wrong: int = field(default=0, validator=whole(0, 1_000_000_000))
    locked_until: datetime | None = None

    @property
    def is_closed(self) -> bool:
        return self.wrong >= CLOSED_AT

    def check_open(self) -> None:
        if self.is_closed:
            raise PasswordClosed("too many wrong passwords: ask for a mail with which you set a new one")

    def check_wait(self, at: datetime) -> None:
        """SignInLocked while the last one makes others wait."""
        # The longest wait also bounds what a clock that was put back can do.
        wait = min(self.locked_until - at, LOCK_MAX) if self.locked_until is not None else timedelta(0)
        if wait > timedelta(0):
            locked = SignInLocked.after(wait)
            raise SignInLocked(f"too many wrong passwords: try again in {locked.wait_s} s", wait)

    def another(self, at: datetime) -> Self:
        """One more. After five free ones each doubles the wait, up to a quarter of an hour."""
        wrong = self.wrong + 1
        if wrong <= FREE_TRIES:
            return evolve(self, wrong=wrong)
        wait = min(LOCK_MAX, timedelta(seconds=2 ** min(wrong - FREE_TRIES, 20)))
        return evolve(self, wrong=wrong, locked_until=at + wait)
