from attrs import evolve, frozen

from application.ports.clock import Clock
from application.work import Begin, retrying
from domain.ids import FindingId
from domain.reconciliation import Difference, Finding


@frozen
class NoteFinding:
    """Keep a difference: the same one, found again, is the same finding."""

    begin: Begin
    clock: Clock

    async def __call__(self, difference: Difference) -> Finding:
        """The finding as it then stands."""
        return await retrying(lambda: self._seen(difference))

    async def healed(self, finding_id: FindingId, how: str) -> Finding:
        """Write down how it was put right."""
        return await retrying(lambda: self._healed(finding_id, how))

    async def _seen(self, difference: Difference) -> Finding:
        now = self.clock.now()
        async with self.begin() as work:
            known = await work.findings.find(difference.finding_id)
            if known is None:
                found = Finding.of(difference, now)
                work.findings.add(found)
            else:
                found = known.seen_again(difference, now)
                if found == known:
                    return known
                work.findings.save(found)
            await work.commit()
        return evolve(found, version=found.version + 1)

    async def _healed(self, finding_id: FindingId, how: str) -> Finding:
        async with self.begin() as work:
            known = await work.findings.get(finding_id)
            healed = known.healed(how, self.clock.now())
            if healed == known:
                return known
            work.findings.save(healed)
            await work.commit()
        return evolve(healed, version=healed.version + 1)
