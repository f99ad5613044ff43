from attrs import evolve, frozen

from application.access import Actor
from application.errors import SignInFailed, SignInRequired
from application.factor_check import FactorCheck, Proof
from application.guess_guard import Attempt, GuessGuard
from application.opening import Opening, SignedIn, still_open
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper, QuestionKind
from application.records import Asked
from application.use_cases.answer_elsewhere import AnswerElsewhere
from application.work import Begin, retrying
from domain.account import Account, AccountDisabled, AccountStatus
from domain.second_factors import FactorKind, FactorPolicy, SecondFactors


@frozen
class SignInState:
    """How far a sign-in has come."""

    awaits_factor: bool
    must_enrol: bool
    """Whether a second factor must be set up before anything else."""
    kinds: tuple[FactorKind, ...]
    """What can be given."""


def asked_for_code(actor: Actor) -> Asked | None:
    """What an identity provider wants to hear in this second step; None if the factor is one of ours."""
    account, session = actor.recognised()
    is_asked = session.awaits_factor and session.asked is not None and session.asked.kind is QuestionKind.CODE
    return session.asked if is_asked and account.login_id else None


@frozen
class StepUp:
    """Give a password or a second factor in a session that is open: the second step of a sign-in, or to be fresh again.

    The session goes on under a new secret, and the old one is dead.
    """

    begin: Begin
    clock: Clock
    opening: Opening
    check: FactorCheck
    keeper: CredentialKeeper
    elsewhere: AnswerElsewhere
    guard: GuessGuard
    policy: FactorPolicy

    async def state(self, actor: Actor) -> SignInState:
        account, _ = actor.recognised()
        factors = await self.begin().second_factors.find(account.id) or SecondFactors(account.id)
        asks_elsewhere = asked_for_code(actor) is not None
        must_enrol = self.policy.requires(account) and not factors.exist and not asks_elsewhere
        kinds = (FactorKind.TOTP,) if asks_elsewhere else factors.kinds
        return SignInState(actor.halfway is not None, must_enrol, kinds)

    async def with_factor(self, actor: Actor, proof: Proof) -> SignedIn:
        """FactorRefused if it is none, and SignInLocked after too many of those."""
        asked = asked_for_code(actor)
        if asked is not None:
            return await self.elsewhere.with_code(actor, asked, proof.code)
        return await retrying(lambda: self._with_factor(actor, proof))

    async def _with_factor(self, actor: Actor, proof: Proof) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account, session = await still_open(work, actor, now)
            if account.status is not AccountStatus.ACTIVE:
                raise AccountDisabled("this account was disabled: ask an administrator")
            await self.check(work, account, session, proof)
            work.accounts.expect(account)
            signed_in = self.opening.step_up(work, session, account, now)
            await work.commit()
        return signed_in

    async def with_password(self, actor: Actor, password: str, device: str = "") -> SignedIn:
        """Only to be fresh again. Wrong passwords count like those of a sign-in: from a known device, in its budget."""
        known = actor.signed_in()
        attempt = Attempt(known.email, known.id, "", device)
        is_known = await self.guard.admit(attempt)
        check = await self.keeper.check(known.email, known, password)
        # A question comes only after the right password.
        if not check.fits and check.question is None:
            raise SignInFailed("this is not your password")
        if check.person is not None and check.person.login_id != known.login_id:
            raise SignInFailed("this is not your password")
        async with self.guard.turn(attempt):
            return await retrying(lambda: self._fresh(actor, known, attempt if is_known else None))

    async def _fresh(self, actor: Actor, checked: Account, from_known: Attempt | None) -> SignedIn:
        async with self.begin() as work:
            account, session = await still_open(work, actor, self.clock.now())
            if account.epoch != checked.epoch:
                raise SignInRequired("your password was changed meanwhile: sign in again")
            if from_known is None:
                await self.guard.forgive(work, account.email)
            else:
                await self.guard.passed(work, from_known, is_known=True)
            work.accounts.expect(account)
            signed_in = self.opening.step_up(work, session, account, self.clock.now())
            await work.commit()
        return signed_in


@frozen
class FactorList:
    """What a person has, for that person and administrators. Nothing in it can be signed in with."""

    factors: SecondFactors
    required: bool

    @classmethod
    def of(cls, factors: SecondFactors, *, required: bool) -> "FactorList":
        totp = evolve(factors.totp, secret=b"") if factors.totp else None
        passkeys = tuple(evolve(passkey, public_key=b"") for passkey in factors.passkeys)
        return cls(evolve(factors, totp=totp, passkeys=passkeys, pending=None), required)


@frozen
class OwnFactors:
    begin: Begin
    policy: FactorPolicy

    async def __call__(self, actor: Actor) -> FactorList:
        account, _ = actor.recognised()
        if actor.halfway is not None and account.has_any_factor:
            actor.signed_in()  # Only who must set up a first one looks in here between the steps.
        factors = await self.begin().second_factors.find(account.id)
        return FactorList.of(factors or SecondFactors(account.id), required=self.policy.requires(account))
