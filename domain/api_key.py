"""API key: a program that acts for a person, within bounds that the person set."""

from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.checks import text
from domain.errors import InvalidValue, NotAllowedNow
from domain.ids import AccountId, ApiKeyId, EventId
from domain.time import is_aware

NAME_MAX: Final = 60
DAYS_DEFAULT: Final = 90
DAYS_MAX: Final = 365
OVERLAP_HOURS_DEFAULT: Final = 24
OVERLAP_HOURS_MAX: Final = 168


class Scope(StrEnum):
    """What a key may be for. Money, identity checks, accounts and keys are in none: those are for people."""

    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    DOOR = "door"
    REPORTS_READ = "reports:read"


class WhyRevoked(StrEnum):
    BY_OWNER = "by_owner"
    BY_STAFF = "by_staff"
    LEAKED = "leaked"
    """Whoever found its secret in a public place told us."""


class KeyEnded(NotAllowedNow):
    """The key was revoked or has expired: make a new one."""

    code = "api_key_ended"


class RotationRunning(NotAllowedNow):
    """The secret from before the last rotation is still valid: a third at once would end one that is in use."""

    code = "api_key_rotating"


def _some_scopes(_instance: object, _attribute: object, value: tuple[Scope, ...]) -> None:
    if not value or list(value) != sorted(set(value)):
        raise InvalidValue("a key has one scope at least, and each once")


@frozen
class ApiKey:
    """What a program presents, by the hash of its secret. Whatever changes the owner's security ends it."""

    id: ApiKeyId
    account_id: AccountId
    name: str = field(validator=text(NAME_MAX))
    scopes: tuple[Scope, ...] = field(validator=_some_scopes)
    secret_hash: str = field(repr=False)
    epoch: int
    """The account's when it was made: it holds as long as sessions from then do."""
    era: int
    """The installation's when it was made."""
    created_at: datetime = field(validator=is_aware)
    expires_at: datetime = field(validator=is_aware)
    event_id: EventId | None = None
    """The only event that it is for; None: all that the owner may touch."""
    previous_hash: str = field(default="", repr=False)
    """Of the secret before the last rotation."""
    previous_until: datetime | None = None
    used_at: datetime | None = None
    """When it was used last, as far as that was written down."""
    revoked_at: datetime | None = None
    revoked: WhyRevoked | None = None
    version: int = 0

    def used(self, at: datetime) -> Self:
        return evolve(self, used_at=at if self.used_at is None else max(at, self.used_at))

    def is_over(self, at: datetime) -> bool:
        return self.revoked_at is not None or at >= self.expires_at

    def opens(self, secret_hash: str, at: datetime) -> bool:
        """Whether that is its secret, or for a while the one from before."""
        if self.is_over(at):
            return False
        is_previous = self.is_rotating(at) and compare_digest(secret_hash, self.previous_hash)
        return is_previous or compare_digest(secret_hash, self.secret_hash)

    def is_rotating(self, at: datetime) -> bool:
        return self.previous_until is not None and at < self.previous_until

    def rotate(self, secret_hash: str, at: datetime, *, overlap: timedelta, valid: timedelta) -> Self:
        """A new secret with a new term; the old one is good until the overlap or its own term ends."""
        if self.is_over(at):
            raise KeyEnded("this key is over: make a new one")
        if self.is_rotating(at):
            raise RotationRunning(f"the secret before this one is valid until {self.previous_until}: rotate after that")
        return evolve(
            self,
            secret_hash=secret_hash,
            expires_at=at + valid,
            previous_hash=self.secret_hash,
            previous_until=min(at + overlap, self.expires_at),
        )

    def revoke(self, at: datetime, why: WhyRevoked) -> Self:
        """Dead from now on; what is dead stays as it is."""
        return self if self.revoked_at is not None else evolve(self, revoked_at=at, revoked=why)


def term(days: int) -> timedelta:
    """InvalidValue if that is too long, or no time at all."""
    if not 1 <= days <= DAYS_MAX:
        raise InvalidValue(f"a key is valid for 1 to {DAYS_MAX} days")
    return timedelta(days=days)


def overlap(hours: int) -> timedelta:
    if not 0 <= hours <= OVERLAP_HOURS_MAX:
        raise InvalidValue(f"the secret before may stay valid for 0 to {OVERLAP_HOURS_MAX} hours")
    return timedelta(hours=hours)
