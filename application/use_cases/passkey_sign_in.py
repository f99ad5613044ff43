"""What passkeys are asked to sign, and signing in with one alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from attrs import frozen

from application.access import Actor
from application.errors import EmailNotConfirmed, SignInFailed
from application.factor_check import FactorCheck
from application.factor_records import passkey_claim_id
from application.opening import SOMEWHERE, Opening, Origin, SignedIn, still_open
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.second_factors import Document
from application.records import Challenge, ChallengePurpose
from application.secrets import new_secret, secret_bytes, secret_id
from application.work import Begin, Work, retrying
from domain.account import AccountDisabled, AccountStatus
from domain.errors import NotAllowedNow
from domain.second_factors import SecondFactors

CHALLENGE_LIFE: Final = timedelta(minutes=5)


@frozen
class AskPasskey:
    """Make a challenge: good for one answer, of one session, for five minutes."""

    begin: Begin
    clock: Clock
    randomness: Randomness
    check: FactorCheck

    async def to_register(self, actor: Actor) -> Document:
        """For a new passkey. Whether the session may add one is decided when it comes."""
        async with self.begin() as work:
            account, session = await still_open(work, actor, self.clock.now())
            factors = await work.second_factors.find(account.id) or SecondFactors(account.id)
            challenge = self._new(work, ChallengePurpose.REGISTER, session.id)
            await work.commit()
        known = [passkey.credential_id for passkey in factors.passkeys]
        return self.check.passkeys.creation_options(challenge, account, known)

    async def to_prove(self, actor: Actor) -> Document:
        """For one of the person's own passkeys; NotAllowedNow if there is none."""
        async with self.begin() as work:
            account, session = await still_open(work, actor, self.clock.now())
            factors = await work.second_factors.find(account.id)
            if factors is None or not factors.passkeys:
                raise NotAllowedNow("there is no passkey yet")
            challenge = self._new(work, ChallengePurpose.PROVE, session.id)
            await work.commit()
        known = [passkey.credential_id for passkey in factors.passkeys]
        return self.check.passkeys.request_options(challenge, known, alone=False)

    async def to_sign_in(self) -> Document:
        """For whichever passkey somebody has for this site."""
        async with self.begin() as work:
            challenge = self._new(work, ChallengePurpose.SIGN_IN, "")
            await work.commit()
        return self.check.passkeys.request_options(challenge, (), alone=True)

    def _new(self, work: Work, purpose: ChallengePurpose, session_id: str) -> bytes:
        text = new_secret(self.randomness)
        expires_at = self.clock.now() + CHALLENGE_LIFE
        work.challenges.add(Challenge(secret_id(text), purpose, session_id, expires_at))
        return secret_bytes(text)


@frozen
class SignInByPasskey:
    """Open a session with a passkey that verified its user: something that one has, and something that one knows or is.

    Whatever does not hold gets the same answer.
    """

    begin: Begin
    clock: Clock
    opening: Opening
    check: FactorCheck

    async def __call__(self, answer: Mapping[str, Any], origin: Origin = SOMEWHERE) -> SignedIn:
        return await retrying(lambda: self._once(answer, origin))

    async def _once(self, answer: Mapping[str, Any], origin: Origin) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            challenge = await self.check.take_challenge(work, answer, ChallengePurpose.SIGN_IN, "")
            claim = await work.claims.find(passkey_claim_id(self.check.passkeys.credential_of(answer)))
            account = await work.accounts.find(claim.owner_id) if claim else None
            factors = await work.second_factors.find(claim.owner_id) if claim else None
            used = self.check.passkey_used(factors, answer, challenge, now, alone=True) if factors else None
            if account is None or used is None:
                await work.commit()
                raise SignInFailed("this passkey opens nothing here")
            if account.status is not AccountStatus.ACTIVE:
                raise AccountDisabled("this account was disabled: ask an administrator")
            if account.email_confirmed_at is None:
                raise EmailNotConfirmed("confirm your address first: the link is in the mail that we sent")
            work.second_factors.save(used)
            work.accounts.expect(account)
            signed_in = await self.opening.open(work, account, now, origin)
            await work.commit()
        return signed_in
