from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.records import NoticeReceipt, NoticeState
from application.work import Begin, retrying
from domain.account import Role
from domain.facts import NoticeReceived

UNSETTLED: tuple[NoticeState, ...] = (NoticeState.PENDING, NoticeState.QUARANTINED)
"""The states in which a notice has not done what it came for."""


@frozen
class ReplayNotices:
    """Tell of a notice again, so that the gateway is asked anew about what it points to. Twice changes nothing more."""

    begin: Begin
    clock: Clock
    store: Store

    async def one(self, actor: Actor, notice_id: str) -> NoticeReceipt:
        """Whatever became of it before."""
        actor.check(Role.ADMIN)
        return await retrying(lambda: self._once(actor, notice_id))

    async def unsettled(self, actor: Actor, states: Sequence[NoticeState] = UNSETTLED, gateway: str = "") -> int:
        """Every one that was not applied or was set apart; how many there were."""
        actor.check(Role.ADMIN)
        count = 0
        equal = {"gateway": gateway} if gateway else {}
        # Told again, a notice is pending: those are gone through first, so that none is told twice.
        for state in sorted(states, key=UNSETTLED.index):
            listed: Any = every(self.store, Listing("notice", "by_state", state, equal=equal))
            async for receipt in listed:
                # A listing lags: it may have been forgotten meanwhile.
                with suppress(NotFound):
                    await self.one(actor, receipt.id)
                    count += 1
        return count

    async def _once(self, actor: Actor, notice_id: str) -> NoticeReceipt:
        now = self.clock.now()
        async with self.begin() as work:
            receipt = await work.notices.get(notice_id)
            again = receipt.told_again()
            work.notices.save(again)
            work.tell(NoticeReceived(now, receipt.id))
            work.audit(actor, "notice.replay", receipt.id, receipt.kind)
            await work.commit()
        return evolve(again, version=again.version + 1)
