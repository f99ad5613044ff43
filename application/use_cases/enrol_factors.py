"""Setting up and taking away one's own second factors. Each change ends every other session of the account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, field, frozen

from application.access import Actor
from application.errors import AlreadyExists, NotFound
from application.factor_check import FactorCheck, recovery_code_hash, totp_name
from application.factor_records import passkey_claim_id, release_passkeys, store_factors
from application.ids import Ids
from application.opening import Opening, SignedIn, still_open
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.records import ChallengePurpose, Claim, Session
from application.work import Begin, Work, retrying
from domain.account import Account
from domain.facts import FactorChange, SecondFactorsChanged
from domain.ids import make_id
from domain.second_factors import (
    RECOVERY_CODES,
    FactorExists,
    FactorKind,
    FactorPolicy,
    FactorRefused,
    LastFactorNeeded,
    Passkey,
    SecondFactors,
)

SECRET_BYTES: Final = 20
"""As long as the hash that the codes are made with, which RFC 4226 recommends."""
_CODE_BYTES: Final = 16
_CODE_LETTERS: Final = 24
"""Of 32 letters each: 120 bits."""
_GROUP: Final = 6


@frozen
class NewTotp:
    """What an authenticator app is given, until it has shown a first code."""

    address: str = field(repr=False)
    spelt: str = field(repr=False)


@frozen
class Enrolled:
    """The session that goes on, and recovery codes where new ones were made: they are told this once."""

    signed_in: SignedIn
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@frozen
class EnrolFactors:
    """Only a fresh session may, or one that stopped at the second step because there is no factor yet."""

    begin: Begin
    clock: Clock
    ids: Ids
    randomness: Randomness
    opening: Opening
    check: FactorCheck
    policy: FactorPolicy

    async def begin_totp(self, actor: Actor) -> NewTotp:
        """A secret for an app. What was begun before is forgotten."""
        return await retrying(lambda: self._begin_totp(actor))

    async def _begin_totp(self, actor: Actor) -> NewTotp:
        now = self.clock.now()
        async with self.begin() as work:
            account, session, factors = await self._may_change(work, actor, now)
            secret = self.randomness.token_bytes(SECRET_BYTES)
            sealed = self.check.vault.seal(totp_name(account.id), secret)
            store_factors(work, factors.begin_totp(sealed, session.id, now))
            await work.commit()
        return self._told(account, secret)

    async def pending_totp(self, actor: Actor) -> NewTotp:
        """What this session has begun."""
        now = self.clock.now()
        account, session, factors = await self._may_change(self.begin(), actor, now)
        pending = factors.pending_of(session.id, now)
        return self._told(account, self.check.vault.open(totp_name(account.id), pending.secret))

    def _told(self, account: Account, secret: bytes) -> NewTotp:
        return NewTotp(self.check.totp.address(secret, account.email), self.check.totp.spelt(secret))

    async def confirm_totp(self, actor: Actor, code: str) -> Enrolled:
        """The app shows its first code: from now on it counts."""
        return await retrying(lambda: self._confirm_totp(actor, code))

    async def _confirm_totp(self, actor: Actor, code: str) -> Enrolled:
        now = self.clock.now()
        async with self.begin() as work:
            account, session, factors = await self._may_change(work, actor, now)
            pending = factors.pending_of(session.id, now)
            secret = self.check.vault.open(totp_name(account.id), pending.secret)
            step = self.check.totp.step_of(secret, code, now.timestamp())
            if step is None:
                raise FactorRefused("this is not the code that the app shows now: is the clock of its device right?")
            change = _Change(account, session, factors.confirm_totp(step, now), FactorChange.TOTP_ADDED)
            return await self._commit(work, change, now)

    async def add_passkey(self, actor: Actor, name: str, answer: Mapping[str, Any]) -> Enrolled:
        """A passkey that was made for a challenge of this session."""
        return await retrying(lambda: self._add_passkey(actor, name, answer))

    async def _add_passkey(self, actor: Actor, name: str, answer: Mapping[str, Any]) -> Enrolled:
        now = self.clock.now()
        async with self.begin() as work:
            account, session, factors = await self._may_change(work, actor, now)
            challenge = await self.check.take_challenge(work, answer, ChallengePurpose.REGISTER, session.id)
            made = self.check.passkeys.made(answer, challenge)
            passkey = Passkey(self.ids.new("pky"), made.credential_id, made.public_key, made.sign_count, name, now)
            work.claims.add(Claim(passkey_claim_id(passkey.credential_id), account.id))
            change = _Change(account, session, factors.add_passkey(passkey), FactorChange.PASSKEY_ADDED)
            try:
                return await self._commit(work, change, now)
            except AlreadyExists:
                raise FactorExists("this passkey is known already") from None

    async def remove(self, actor: Actor, factor_id: str) -> SignedIn:
        """`totp`, or the id of a passkey. LastFactorNeeded if the policy asks for one and this is the last."""
        return await retrying(lambda: self._remove(actor, factor_id))

    async def _remove(self, actor: Actor, factor_id: str) -> SignedIn:
        now = self.clock.now()
        actor.signed_in()
        async with self.begin() as work:
            account, session, factors = await self._may_change(work, actor, now)
            left = factors.remove(factor_id)
            if left == factors:
                raise NotFound("no such factor")
            if not left.exist and self.policy.requires(account):
                raise LastFactorNeeded("your role needs a second factor: set up another one before you remove this one")
            if not left.exist and account.password_is_short:
                raise LastFactorNeeded("your password is too short to stand alone: choose a longer one first")
            await release_passkeys(work, factors, left)
            is_totp = factor_id == FactorKind.TOTP
            told = FactorChange.TOTP_REMOVED if is_totp else FactorChange.PASSKEY_REMOVED
            return (await self._commit(work, _Change(account, session, left, told), now)).signed_in

    async def renew_recovery_codes(self, actor: Actor) -> Enrolled:
        """Ten others; those from before are dead."""
        return await retrying(lambda: self._renew(actor))

    async def _renew(self, actor: Actor) -> Enrolled:
        now = self.clock.now()
        actor.signed_in()
        async with self.begin() as work:
            account, session, factors = await self._may_change(work, actor, now)
            emptied = factors.renew_recovery_codes(())
            return await self._commit(work, _Change(account, session, emptied, FactorChange.CODES_RENEWED), now)

    async def _may_change(self, work: Work, actor: Actor, now: datetime) -> tuple[Account, Session, SecondFactors]:
        """Whose factors these are; FreshSignInRequired or SecondFactorRequired of who may not change them now."""
        account, session = await still_open(work, actor, now)
        if actor.halfway is None:
            evolve(actor, session=session).check_fresh(now)
        elif account.has_any_factor:
            actor.signed_in()  # A password alone adds no factor to those there are: that would make it enough.
        return account, session, await work.second_factors.find(account.id) or SecondFactors(account.id)

    async def _commit(self, work: Work, change: "_Change", now: datetime) -> Enrolled:
        """Store the factors, end all sessions but this, and tell the person."""
        factors, codes = change.factors, tuple[str, ...]()
        if factors.exist and not factors.recovery_codes:
            codes = tuple(self._new_code() for _ in range(RECOVERY_CODES))
            factors = factors.renew_recovery_codes(tuple(map(recovery_code_hash, codes)))
        store_factors(work, factors)
        account = change.account.second_factors_changed(has_any=factors.exist)
        work.accounts.save(account)
        signed_in = self.opening.step_up(work, change.session, account, now)
        work.tell(SecondFactorsChanged(now, account.id, change.told))
        work.audit(Actor.person(account), f"factors.{change.told}", account.id)
        await work.commit()
        return Enrolled(signed_in, codes)

    def _new_code(self) -> str:
        letters = make_id("", self.randomness.token_bytes(_CODE_BYTES))[-_CODE_LETTERS:]
        return "-".join(letters[start : start + _GROUP] for start in range(0, _CODE_LETTERS, _GROUP))


@frozen
class _Change:
    account: Account
    session: Session
    factors: SecondFactors
    told: FactorChange
