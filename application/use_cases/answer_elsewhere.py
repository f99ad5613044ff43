"""Answers to what an identity provider asks before it lets somebody in."""

from attrs import evolve, frozen

from application.access import Actor
from application.asked_elsewhere import Questions
from application.errors import SignInFailed, SignInRequired
from application.opening import Opening, Origin, SignedIn, as_it_is, still_open
from application.password_policy import is_short
from application.ports.clock import Clock
from application.ports.credentials import KEPT_ELSEWHERE, Check, CredentialKeeper, QuestionKind
from application.records import Asked
from application.work import OVERTAKEN, Begin, retrying
from domain.account import Account, AccountDisabled, AccountStatus
from domain.facts import AccessChange, AccessChanged
from domain.guesses import Guesses
from domain.second_factors import FactorRefused, SecondFactors


@frozen
class AnswerElsewhere:
    """The provider is asked in between two units of work, and never inside one."""

    begin: Begin
    clock: Clock
    keeper: CredentialKeeper
    opening: Opening
    questions: Questions

    async def with_code(self, actor: Actor, asked: Asked, code: str) -> SignedIn:
        """FactorRefused if it is wrong, and SignInLocked after too many of those: they count like wrong factors."""
        account, _ = actor.recognised()
        await retrying(lambda: self._count(account), OVERTAKEN)
        check = await self.keeper.answer(account, self.questions.recall(account.id, asked), code.replace(" ", ""))
        if not check.fits:
            raise FactorRefused("this is not right, or it took too long: look again, or sign in anew")
        _check_is_theirs(account, check)
        return await retrying(lambda: self._open(actor), OVERTAKEN)

    async def _count(self, account: Account) -> None:
        """Before anybody looks at the code, so that many at the same moment are many."""
        now = self.clock.now()
        async with self.begin() as work:
            found = await work.second_factors.find(account.id)
            factors = found or SecondFactors(account.id)
            factors.check_may_try(account.epoch, now)
            counted = factors.tried_wrongly(account.epoch, now)
            (work.second_factors.save if found else work.second_factors.add)(counted)
            await work.commit()

    async def _open(self, actor: Actor) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account, session = await still_open(work, actor, now)
            if account.status is not AccountStatus.ACTIVE:
                raise AccountDisabled("this account was disabled: ask an administrator")
            factors = await work.second_factors.find(account.id)
            if factors is not None:
                work.second_factors.save(evolve(factors, guesses=Guesses()))
            let_in = account.came_in(by_factor=True)
            work.accounts.save(let_in)
            signed_in = self.opening.step_up(work, evolve(session, asked=None), let_in, now)
            await work.commit()
        return signed_in

    async def with_password(self, actor: Actor, asked: Asked, password: str) -> SignedIn:
        """The new password in the place of a temporary one. The provider may ask for a code after that."""
        account, _ = actor.gave_password()
        check = await self.keeper.answer(account, self.questions.recall(account.id, asked), password)
        if not check.fits and check.question is None:
            raise SignInRequired("this took too long: sign in again with the temporary password")
        _check_is_theirs(account, check)
        short = is_short(password)
        return await retrying(lambda: self._changed(actor, check, short=short))

    async def _changed(self, actor: Actor, check: Check, *, short: bool) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            account, session = await as_it_is(work, *actor.gave_password(), now)
            changed = account.set_password(KEPT_ELSEWHERE, is_short=short)
            asked = self.questions.keep(account.id, check.question)
            if asked is not None and asked.kind is QuestionKind.CODE:
                work.sessions.delete(session)
                origin = Origin(session.device, session.source)
                signed_in = await self.opening.open_half(work, changed, now, origin, asked)
            else:
                signed_in = self.opening.step_up(work, evolve(session, asked=None), changed, now)
            work.accounts.save(changed)
            work.tell(AccessChanged(now, account.id, AccessChange.PASSWORD_CHANGED))
            await work.commit()
        return signed_in


def _check_is_theirs(account: Account, check: Check) -> None:
    """Nobody answers for somebody else, whatever the provider makes of it."""
    if check.person is None or check.person.login_id != account.login_id:
        raise SignInFailed("this answer is somebody else's: sign in again")
