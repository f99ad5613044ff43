from collections.abc import AsyncIterator

from attrs import frozen

from application import audit_export
from application.access import Actor
from application.audit_chain import HEAD_ID, AuditHead
from application.audit_export import Line
from application.listing import every, pages
from application.ports.audit_witness import CheckpointSigner
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.records import AuditRecord
from application.work import Begin
from domain.account import Role


@frozen
class ExportAudit:
    """Hand out the whole audit, and write down to whom."""

    begin: Begin
    clock: Clock
    store: Store
    signer: CheckpointSigner

    async def __call__(self, actor: Actor) -> AsyncIterator[Line]:
        """The lines of the export, page by page. Nobody gets any before it is on record that they asked."""
        actor.check(Role.SUPERADMIN)
        async with self.begin() as work:
            work.audit(actor, "audit.export", HEAD_ID)
            await work.commit()
        return self._lines()

    async def _lines(self) -> AsyncIterator[Line]:
        head = await self.begin().audit_heads.find(HEAD_ID) or AuditHead()
        yield audit_export.opening(head, self.signer.public_keys(), self.clock.now())
        async for checkpoint in every(self.store, Listing("audit_checkpoint", "everything", "all")):
            if checkpoint.sequence <= head.sequence:
                yield audit_export.checkpoint_line(checkpoint)
        # What is sealed while we read comes with the next export.
        chain = Listing("audit_link", "everything", "all", below=head.sequence + 1)
        async for links in pages(self.store, chain):
            records = await self._records([link.id for link in links])
            for link in links:
                yield audit_export.link_line(link, records.get(link.id))
        async for waiting in pages(self.store, Listing("audit_unsealed", "everything", "all")):
            for record in (await self._records([entry.id for entry in waiting])).values():
                yield audit_export.waiting_line(record)

    async def _records(self, ids: list[str]) -> dict[str, AuditRecord]:
        return {record.id: record for record in await self.begin().audit_records.get_all(ids)}
