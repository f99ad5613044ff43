"""SecondFactors: what a person has beside the password, and what was already used of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.account import Account, NotAllowed, Role
from domain.checks import text
from domain.errors import DomainError, InvalidValue, NotAllowedNow
from domain.facts import Aggregate
from domain.guesses import Guesses
from domain.ids import AccountId
from domain.time import is_aware

RECOVERY_CODES: Final = 10
PASSKEYS_MAX: Final = 10
ENROLMENT_TIME: Final = timedelta(minutes=15)


class FactorKind(StrEnum):
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


class FactorRefused(DomainError):
    """It is no second factor of this person, or it was used already."""

    code = "factor_refused"


class LastFactorNeeded(NotAllowedNow):
    """The policy asks this person for a second factor: the last one stays."""

    code = "last_factor_needed"


class FactorExists(NotAllowedNow):
    """There is such a factor already: remove it first."""

    code = "factor_exists"


class SecondFactorNeeded(NotAllowed):
    """Only with a second factor may this person move money."""

    code = "second_factor_needed"


@frozen
class FactorPolicy:
    """Who must have a second factor. `roles` are those from which on it is asked for at every sign-in."""

    roles: frozenset[Role] = frozenset()
    before_money_moves: bool = False
    """Whether organizers need one before they sell for money or give money back."""

    def requires(self, account: Account) -> bool:
        """Whether this person may do nothing without one."""
        return any(account.has(role) for role in self.roles)

    def lacks_factor(self, account: Account) -> bool:
        """Whether this person may do nothing, for there is none."""
        return not account.has_any_factor and self.requires(account)

    def check_before_money(self, account: Account, *, manages: bool = False) -> None:
        """SecondFactorNeeded of an organizer or administrator who has none, and of whoever `manages` the event."""
        moves_money = manages or account.has(Role.ORGANIZER)
        if self.before_money_moves and moves_money and not account.has_any_factor:
            raise SecondFactorNeeded("set up a second factor first, under /me/security: then money may move")


@frozen
class Totp:
    """An authenticator app that has proved itself. `secret` is sealed."""

    secret: bytes = field(repr=False)
    confirmed_at: datetime = field(validator=is_aware)
    last_step: int
    """The latest time step whose code was taken: neither it nor an earlier one is ever taken again."""


@frozen
class PendingTotp:
    """An authenticator app that has yet to show its first code, to the session that asked for it."""

    secret: bytes = field(repr=False)
    session_id: str = field(repr=False)
    expires_at: datetime = field(validator=is_aware)


@frozen
class Passkey:
    """A key pair of which we know the public half."""

    id: str
    credential_id: str
    """As the authenticator calls it, in base64url."""
    public_key: bytes = field(repr=False)
    sign_count: int
    name: str = field(validator=text(60, least=1))
    added_at: datetime = field(validator=is_aware)
    last_used_at: datetime | None = None


@frozen
class SecondFactors(Aggregate):
    """All of one person. Using any of them changes the record, so that nothing is used twice, however fast."""

    id: AccountId
    totp: Totp | None = None
    pending: PendingTotp | None = None
    passkeys: tuple[Passkey, ...] = ()
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)
    """Hashes of those that are left."""
    guesses: Guesses = field(factory=Guesses)
    """Wrong codes in a row, since the account's epoch was `counted_at_epoch`."""
    counted_at_epoch: int = 0

    @property
    def kinds(self) -> tuple[FactorKind, ...]:
        """What can be given at a sign-in."""
        there = ((FactorKind.TOTP, self.totp), (FactorKind.PASSKEY, self.passkeys))
        kinds = tuple(kind for kind, has in there if has)
        return (*kinds, FactorKind.RECOVERY_CODE) if kinds and self.recovery_codes else kinds

    @property
    def exist(self) -> bool:
        """Whether there is any; recovery codes alone are none."""
        return self.totp is not None or bool(self.passkeys)

    def guesses_at(self, epoch: int) -> Guesses:
        return self.guesses if self.counted_at_epoch == epoch else Guesses()

    def check_may_try(self, epoch: int, at: datetime) -> None:
        """SignInLocked while the last wrong code makes others wait, PasswordClosed after a hundred in a row.

        A new password, by the link in a mail, gives new tries.
        """
        guesses = self.guesses_at(epoch)
        guesses.check_open()
        guesses.check_wait(at)

    def tried_wrongly(self, epoch: int, at: datetime) -> Self:
        return evolve(self, guesses=self.guesses_at(epoch).another(at), counted_at_epoch=epoch)

    def begin_totp(self, secret: bytes, session_id: str, at: datetime) -> Self:
        """An app is being set up. It counts for nothing before it shows a code."""
        if self.totp is not None:
            raise FactorExists("there is an authenticator app already: remove it first")
        return evolve(self, pending=PendingTotp(secret, session_id, at + ENROLMENT_TIME))

    def pending_of(self, session_id: str, at: datetime) -> PendingTotp:
        """What this session set up; NotAllowedNow if it did not, or long ago."""
        if self.pending is None or self.pending.session_id != session_id or at >= self.pending.expires_at:
            raise NotAllowedNow("no authenticator app is being set up here: begin again")
        return self.pending

    def confirm_totp(self, step: int, at: datetime) -> Self:
        assert self.pending is not None, "somebody looked at what is pending"
        return evolve(self, totp=Totp(self.pending.secret, at, step), pending=None)

    def use_step(self, step: int) -> Self:
        """Take the code of a time step; FactorRefused of one that was taken, or that lies before one."""
        if self.totp is None or step <= self.totp.last_step:
            raise FactorRefused("this code was used already: wait for the next one")
        return evolve(self, totp=evolve(self.totp, last_step=step), guesses=Guesses())

    def use_recovery_code(self, code_hash: str) -> Self:
        """Take one; it is gone then."""
        if code_hash not in self.recovery_codes or not self.exist:
            raise FactorRefused("this is no recovery code of yours, or it was used already")
        return evolve(
            self, recovery_codes=tuple(code for code in self.recovery_codes if code != code_hash), guesses=Guesses()
        )

    def renew_recovery_codes(self, hashes: tuple[str, ...]) -> Self:
        """Others from now on; the old ones are dead."""
        if not self.exist:
            raise NotAllowedNow("recovery codes stand in for a second factor: set one up first")
        return evolve(self, recovery_codes=hashes)

    def add_passkey(self, passkey: Passkey) -> Self:
        if len(self.passkeys) >= PASSKEYS_MAX:
            raise InvalidValue(f"{PASSKEYS_MAX} passkeys at most: remove one first")
        if any(known.credential_id == passkey.credential_id for known in self.passkeys):
            raise FactorExists("this passkey is known already")
        return evolve(self, passkeys=(*self.passkeys, passkey))

    def passkey(self, credential_id: str) -> Passkey | None:
        return next((known for known in self.passkeys if known.credential_id == credential_id), None)

    def use_passkey(self, credential_id: str, sign_count: int, at: datetime) -> Self:
        """Note the authenticator's own count, by which a copy of it would show."""
        used = tuple(
            evolve(known, sign_count=sign_count, last_used_at=at) if known.credential_id == credential_id else known
            for known in self.passkeys
        )
        return evolve(self, passkeys=used, guesses=Guesses())

    def remove(self, factor_id: str) -> Self:
        """`totp`, or a passkey's id; the same if there is none of that name. Recovery codes go with the last factor."""
        totp = None if factor_id == FactorKind.TOTP else self.totp
        passkeys = tuple(known for known in self.passkeys if known.id != factor_id)
        left = evolve(self, totp=totp, passkeys=passkeys)
        return left if left.exist or not self.exist else evolve(left, recovery_codes=(), pending=None)
