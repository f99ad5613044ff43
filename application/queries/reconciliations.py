"""Comparisons with the gateways' lists, and what they found, for those who look after the money."""

from typing import Any

from attrs import frozen

from application.access import Actor
from application.ports.store import Listing, Page, Store
from application.work import Begin
from domain.account import Role
from domain.reconciliation import Finding, FindingStatus, Reconciliation


@frozen
class Reconciliations:
    """Looks at comparisons and findings, and changes nothing. For administrators."""

    begin: Begin
    store: Store

    async def list(self, actor: Actor, gateway: str, cursor: str | None, limit: int) -> Page[Reconciliation]:
        """The latest first."""
        actor.check(Role.ADMIN)
        index, partition = ("by_gateway", gateway) if gateway else ("everything", "all")
        page: Page[Any] = await self.store.list(
            Listing("reconciliation", index, partition, descending=True, limit=limit, after=cursor)
        )
        return page

    async def findings(self, actor: Actor, status: FindingStatus, cursor: str | None, limit: int) -> Page[Finding]:
        """Those in one state, the oldest first."""
        actor.check(Role.ADMIN)
        page: Page[Any] = await self.store.list(Listing("finding", "by_status", status, limit=limit, after=cursor))
        return page

    async def finding(self, actor: Actor, finding_id: str) -> Finding:
        actor.check(Role.ADMIN)
        return await self.begin().findings.get(finding_id)

    async def open_findings(self) -> int:
        """For monitoring, counted up to a page."""
        return len((await self.store.list(Listing("finding", "by_status", FindingStatus.OPEN))).items)
