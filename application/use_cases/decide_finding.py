from attrs import evolve, frozen

from application.access import Actor
from application.ports.clock import Clock
from application.work import Begin, retrying
from domain.account import Role
from domain.reconciliation import Finding


@frozen
class DecideFinding:
    """An administrator says what is to be thought of a difference that nothing healed. It moves no money."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, finding_id: str, decision: str) -> Finding:
        """NotAllowedNow unless it is open, InvalidValue without words."""
        actor.check(Role.ADMIN)
        return await retrying(lambda: self._once(actor, finding_id, decision))

    async def _once(self, actor: Actor, finding_id: str, decision: str) -> Finding:
        async with self.begin() as work:
            finding = await work.findings.get(finding_id)
            decided = finding.decide(decision, actor.name, self.clock.now())
            work.findings.save(decided)
            work.audit(actor, "finding.decide", finding.id, finding.kind)
            await work.commit()
        return evolve(decided, version=decided.version + 1)
