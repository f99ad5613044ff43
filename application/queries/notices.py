"""What the gateways told us, and what became of it, for those who look after the money."""

from datetime import datetime
from typing import Any

from attrs import frozen

from application.access import Actor
from application.kind import bound
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.ports.vault import SealBroken, Vault
from application.records import NoticeReceipt, NoticeState
from application.redaction import without_secrets
from application.work import Begin
from domain.account import Role


@frozen
class NoticeFilter:
    """Which notices are wanted; all of them without."""

    gateway: str = ""
    state: NoticeState | None = None
    since: datetime | None = None
    until: datetime | None = None


@frozen
class NoticeInFull:
    receipt: NoticeReceipt
    body: Any
    """The gateway's own words without their secrets; a text in parentheses where there is nothing to show."""


@frozen
class NoticeStanding:
    """How much waits, each counted up to a page."""

    pending: int
    quarantined: int
    oldest_pending_s: float
    """How long ago the oldest came that is not applied; zero if there is none."""


@frozen
class Notices:
    """Looks into the inbox, and changes nothing. For administrators."""

    begin: Begin
    clock: Clock
    store: Store
    vault: Vault

    async def list(self, actor: Actor, wanted: NoticeFilter, cursor: str | None, limit: int) -> Page[NoticeReceipt]:
        """The newest first, without their bodies."""
        actor.check(Role.ADMIN)
        index, partition, equal = "everything", "all", {}
        if wanted.state is not None:
            index, partition = "by_state", str(wanted.state)
            equal = {"gateway": wanted.gateway} if wanted.gateway else {}
        elif wanted.gateway:
            index, partition = "by_gateway", wanted.gateway
        page: Page[Any] = await self.store.list(
            Listing(
                "notice",
                index,
                partition,
                least=bound(wanted.since),
                below=bound(wanted.until),
                descending=True,
                equal=equal,
                limit=limit,
                after=cursor,
            )
        )
        return page

    async def show(self, actor: Actor, notice_id: str) -> NoticeInFull:
        """One, with what the gateway said."""
        actor.check(Role.ADMIN)
        receipt = await self.begin().notices.get(notice_id)
        if not receipt.body:
            return NoticeInFull(receipt, "(forgotten)")
        try:
            return NoticeInFull(receipt, without_secrets(self.vault.open(receipt.id, receipt.body)))
        except SealBroken as error:
            return NoticeInFull(receipt, f"({error})")

    async def standing(self) -> NoticeStanding:
        """For monitoring: one page for each state, however much there is."""
        pending: Page[Any] = await self.store.list(Listing("notice", "by_state", NoticeState.PENDING))
        apart: Page[Any] = await self.store.list(Listing("notice", "by_state", NoticeState.QUARANTINED))
        oldest = min((receipt.received_at for receipt in pending.items), default=self.clock.now())
        return NoticeStanding(len(pending.items), len(apart.items), (self.clock.now() - oldest).total_seconds())
