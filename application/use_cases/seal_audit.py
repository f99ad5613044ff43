"""Give audit records their places in the chain, and sign its end from time to time."""

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import evolve, frozen

from application.audit_chain import HEAD_ID, AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.canonical import NotCanonical
from application.listing import every, pages
from application.ports.audit_witness import CheckpointSigner, Witness
from application.ports.clock import Clock
from application.ports.store import WRITES_MAX, Listing, Store
from application.records import AuditRecord
from application.work import OVERTAKEN, Begin, Work, retrying

log = logging.getLogger(__name__)

SEALED_AT_ONCE: Final = (WRITES_MAX - 1) // 2
"""Each takes a link more and a place in the queue less; and all together one head."""


@frozen
class SealAudit:
    """Any number of processes may seal at once: each batch is added to the head that it was made for, or not at all."""

    begin: Begin
    clock: Clock
    store: Store

    async def __call__(self) -> int:
        """How many records were sealed."""
        queue = Listing("audit_unsealed", "everything", "all", limit=SEALED_AT_ONCE)
        sealed = 0
        async for page in pages(self.store, queue):
            sealed += await self._batch([waiting.id for waiting in page])
        return sealed

    async def _batch(self, ids: Sequence[str]) -> int:
        try:
            return await retrying(lambda: self._once(ids), OVERTAKEN)
        except OVERTAKEN:
            return 0  # Others are at it; what they leave comes with the next turn.

    async def _once(self, ids: Sequence[str]) -> int:
        async with self.begin() as work:
            head = await work.audit_heads.find(HEAD_ID)
            waiting = await work.unsealed.get_all(ids)
            links = _links(head or AuditHead(), await self._records(work, waiting), self.clock)
            if not links:
                return 0
            sealed = {link.id for link in links}
            for link in links:
                work.audit_links.add(link)
            for entry in waiting:
                if entry.id in sealed:
                    work.unsealed.delete(entry)
            _store_head(work, head, links)
            await work.commit()
        return len(links)

    async def _records(self, work: Work, waiting: Sequence[UnsealedRecord]) -> list[AuditRecord]:
        """Those that can be sealed, in the order of the queue. The others stay there, for `audit verify` to find."""
        ids = [entry.id for entry in waiting]
        records = {record.id: record for record in await work.audit_records.get_all(ids)}
        twice = {link.id for link in await work.audit_links.get_all(ids)}
        for record_id in ids:
            if record_id not in records or record_id in twice:
                log.critical(
                    "an audit record was meddled with: run `relexbooking audit verify`",
                    extra={"audit_record": record_id},
                )
        return [records[record_id] for record_id in ids if record_id in records and record_id not in twice]


def _links(head: AuditHead, records: Iterable[AuditRecord], clock: Clock) -> list[AuditLink]:
    links: list[AuditLink] = []
    sequence, previous, now = head.sequence, head.hash, clock.now()
    for record in records:
        try:
            link = AuditLink.after(sequence, previous, record, now)
        except NotCanonical:
            log.critical(
                "an audit record cannot be sealed: run `relexbooking audit verify`", extra={"audit_record": record.id}
            )
            continue
        links.append(link)
        sequence, previous = link.sequence, link.hash
    return links


def _store_head(work: Work, head: AuditHead | None, links: Iterable[AuditLink]) -> None:
    grown = head or AuditHead()
    for link in links:
        grown = grown.grown(link)
    if head is None:
        work.audit_heads.add(grown)
    else:
        work.audit_heads.save(grown)


@frozen
class SignCheckpoint:
    """Sign the end of the chain every 1,000 links or five minutes, and put what was signed into a second place."""

    begin: Begin
    clock: Clock
    store: Store
    signer: CheckpointSigner
    witness: Witness

    async def __call__(self) -> int:
        """How many checkpoints were signed."""
        signed = await self._sign()
        await self._publish()
        return signed

    async def _sign(self) -> int:
        try:
            return await self._once()
        except OVERTAKEN:
            return 0  # Somebody else signed one, or added to the chain: look again the next time.

    async def _once(self) -> int:
        async with self.begin() as work:
            head = await work.audit_heads.find(HEAD_ID)
            now = self.clock.now()
            if head is None or not head.is_checkpoint_due(now):
                return 0
            bare = AuditCheckpoint.of(head, now)
            key_id, signature = self.signer.sign(bare.content)
            work.audit_checkpoints.add(evolve(bare, key_id=key_id, signature=signature))
            work.audit_heads.save(evolve(head, checkpointed=head.sequence, open_since=None))
            await work.commit()
        return 1

    async def _publish(self) -> None:
        """From the store, so that one killed in between is made up for by whoever comes next, on each machine."""
        least = await self.witness.last() + 1
        listing = Listing("audit_checkpoint", "everything", "all", least=least)
        async for checkpoint in every(self.store, listing):
            await self.witness.append(checkpoint)
