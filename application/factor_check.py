"""Whether what somebody gives is a second factor of theirs."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen

from application.ports.clock import Clock
from application.ports.second_factors import Passkeys, TotpCodes
from application.ports.vault import SealBroken, Vault
from application.records import ChallengePurpose, Session
from application.secrets import secret_id
from application.work import Work
from domain.account import Account
from domain.errors import DomainError
from domain.facts import FactorChange, SecondFactorsChanged
from domain.ids import ALPHABET, AccountId
from domain.second_factors import FactorRefused, SecondFactors

_RECOVERY_CHARS_MAX: Final = 80
_ALIKE: Final = str.maketrans("ilo", "110")
"""What people write for letters that our alphabet leaves out."""
_WRONG: Final = "this is not right: look again, or take another factor or a recovery code"


@frozen
class Proof:
    """One of the two: a code, of an app or for recovery, or what a passkey signed."""

    code: str = field(default="", repr=False)
    passkey: Mapping[str, Any] | None = field(default=None, repr=False)


def normal_recovery_code(code: str) -> str:
    """The one form of a recovery code; empty for what can be none."""
    if len(code) > _RECOVERY_CHARS_MAX:
        return ""
    letters = unicodedata.normalize("NFKC", code).casefold().translate(_ALIKE)
    return "".join(letter for letter in letters if letter in ALPHABET)


def recovery_code_hash(code: str) -> str:
    """A plain hash is enough: a code has 120 random bits."""
    return sha256(f"recovery code {normal_recovery_code(code)}".encode()).hexdigest()


def totp_name(account_id: AccountId) -> str:
    """What a sealed secret is bound to: it opens for nobody else."""
    return f"totp/{account_id}"


@frozen
class FactorCheck:
    """Takes a second factor, once. Each kind of use changes the record, which no two can do at the same time."""

    clock: Clock
    totp: TotpCodes
    vault: Vault
    passkeys: Passkeys

    async def __call__(self, work: Work, account: Account, session: Session, proof: Proof) -> None:
        """Note the use in `work`, which the caller commits; FactorRefused if it is none.

        A wrong one is counted in a commit of its own. Wrong passwords are counted apart: this one knew it.
        """
        factors = await work.second_factors.find(account.id)
        if factors is None or not factors.exist:
            raise FactorRefused("there is no second factor yet: set one up first")
        factors.check_may_try(account.epoch, self.clock.now())
        used = await self._used(work, factors, session, proof)
        if used is None:
            work.second_factors.save(factors.tried_wrongly(account.epoch, self.clock.now()))
            await work.commit()
            raise FactorRefused(_WRONG)
        work.second_factors.save(used)

    async def _used(self, work: Work, factors: SecondFactors, session: Session, proof: Proof) -> SecondFactors | None:
        now = self.clock.now()
        if proof.passkey is not None:
            challenge = await self.take_challenge(work, proof.passkey, ChallengePurpose.PROVE, session.id)
            return self.passkey_used(factors, proof.passkey, challenge, now, alone=False)
        step = self._step_of(factors, proof.code, now)
        if step is not None:
            return factors.use_step(step)
        code_hash = recovery_code_hash(proof.code)
        if code_hash not in factors.recovery_codes:
            return None
        work.tell(SecondFactorsChanged(now, factors.id, FactorChange.CODE_USED))
        return factors.use_recovery_code(code_hash)

    def _step_of(self, factors: SecondFactors, code: str, now: datetime) -> int | None:
        if factors.totp is None:
            return None
        try:
            secret = self.vault.open(totp_name(factors.id), factors.totp.secret)
        except SealBroken:
            # The key is gone: recovery codes and passkeys still work, and an administrator can remove the app.
            return None
        return self.totp.step_of(secret, code, now.timestamp())

    async def take_challenge(
        self, work: Work, answer: Mapping[str, Any], purpose: ChallengePurpose, session_id: str
    ) -> str:
        """The challenge that is answered, used up by the commit of `work`; FactorRefused if it is not this session's.

        It is used up before anything else is looked at, so that one challenge is good for one try.
        """
        text = self.passkeys.challenge_of(answer)
        challenge = await work.challenges.find(secret_id(text))
        fits = challenge is not None and challenge.purpose is purpose and challenge.session_id == session_id
        if challenge is None or not fits or self.clock.now() >= challenge.expires_at:
            raise FactorRefused("this answers no question of ours, or one that is too old: begin again")
        work.challenges.delete(challenge)
        return text

    def passkey_used(
        self, factors: SecondFactors, answer: Mapping[str, Any], challenge: str, now: datetime, *, alone: bool
    ) -> SecondFactors | None:
        """The factors after this use; None if the signature or anything about it does not hold."""
        try:
            credential_id = self.passkeys.credential_of(answer)
            passkey = factors.passkey(credential_id)
            if passkey is None:
                return None
            count = self.passkeys.used(answer, challenge, passkey, alone=alone)
        except DomainError:
            return None
        return factors.use_passkey(credential_id, count, now)
