"""Second factors of others, for administrators and operators."""

from attrs import frozen

from application.access import Actor
from application.factor_records import forget_factors
from application.ports.clock import Clock
from application.use_cases.administer_accounts import find_account
from application.use_cases.step_up import FactorList
from application.work import Begin, retrying
from domain.account import TEMPORARY, Role
from domain.facts import FactorChange, SecondFactorsChanged
from domain.second_factors import FactorPolicy, SecondFactors


@frozen
class AdministerFactors:
    """Look at somebody's second factors, and remove all of somebody who lost them."""

    begin: Begin
    clock: Clock
    policy: FactorPolicy

    async def show(self, actor: Actor, wanted: str) -> FactorList:
        actor.check(Role.ADMIN)
        work = self.begin()
        account = await find_account(work, wanted)
        factors = await work.second_factors.find(account.id)
        return FactorList.of(factors or SecondFactors(account.id), required=self.policy.requires(account))

    async def remove(self, actor: Actor, wanted: str) -> FactorList:
        """All of them, of somebody whom one outranks. Every session ends, and the person is told by mail.

        A password too short to stand alone must be replaced with the next sign-in, within a day.
        """
        actor.check(Role.ADMIN)
        return await retrying(lambda: self._remove(actor, wanted))

    async def _remove(self, actor: Actor, wanted: str) -> FactorList:
        async with self.begin() as work:
            account = await find_account(work, wanted)
            if actor.account is not None:
                actor.account.check_may_grant(Role.USER, account)
            if await forget_factors(work, account):
                now = self.clock.now()
                changed = account.second_factors_changed(has_any=False)
                # What was chosen as one of two factors is good for choosing another, and for nothing else.
                work.accounts.save(changed.must_change_by(now + TEMPORARY) if account.password_is_short else changed)
                work.tell(SecondFactorsChanged(now, account.id, FactorChange.REMOVED_BY_STAFF))
                work.audit(actor, f"factors.{FactorChange.REMOVED_BY_STAFF}", account.id)
                await work.commit()
        return FactorList(SecondFactors(account.id), self.policy.requires(account))
