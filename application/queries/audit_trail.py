"""Who did what, for those who look after an installation, and whether anybody has meddled with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import Factory, define, frozen

from application.access import Actor
from application.audit_chain import HEAD_ID, SEALED_WITHIN, AuditCheckpoint, AuditHead, AuditLink
from application.chain_walk import NOWHERE, ChainBroken, ChainWalk, Verdict, check_agree, checked, missing_aside
from application.kind import bound
from application.listing import every, pages
from application.ports.audit_witness import CheckpointSigner, SignatureCheck, Witness
from application.ports.clock import Clock
from application.ports.store import Key, Listing, Page, Store
from application.records import AuditRecord
from application.work import Begin
from domain.account import Role


@frozen
class AuditFilter:
    """Which records are wanted; all of them without."""

    actor: str = ""
    subject: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def listing(self, cursor: str | None, limit: int) -> Listing:
        """The newest first, by the narrowest index."""
        index, partition, equal = "everything", "all", {"action": self.action} if self.action else {}
        if self.subject:
            index, partition = "by_subject", self.subject
            equal |= {"actor": self.actor} if self.actor else {}
        elif self.actor:
            index, partition = "by_actor", self.actor
        return Listing(
            "audit",
            index,
            partition,
            least=bound(self.since),
            below=bound(self.until),
            descending=True,
            equal=equal,
            limit=limit,
            after=cursor,
        )


@frozen
class SealedRecord:
    record: AuditRecord
    link: AuditLink | None
    """Its place in the chain; None while it waits for one."""


@frozen
class AuditStanding:
    """How much waits to be sealed, counted up to a page."""

    waiting: int
    oldest_waiting_s: float


@frozen
class AuditTrail:
    """Looks at the audit, and changes nothing."""

    begin: Begin
    clock: Clock
    store: Store
    signer: CheckpointSigner
    witness: Witness
    holds: SignatureCheck

    async def list(self, actor: Actor, wanted: AuditFilter, cursor: str | None, limit: int) -> Page[SealedRecord]:
        """The newest first."""
        actor.check(Role.SUPERADMIN)
        page: Page[Any] = await self.store.list(wanted.listing(cursor, limit))
        found = await self.begin().audit_links.get_all([record.id for record in page.items])
        links = {link.id: link for link in found}
        return Page(tuple(SealedRecord(r, links.get(r.id)) for r in page.items), page.next_cursor)

    async def show(self, actor: Actor, record_id: str) -> SealedRecord:
        actor.check(Role.SUPERADMIN)
        work = self.begin()
        record, link = await work.find_both(work.audit_records, record_id, work.audit_links, record_id)
        return SealedRecord(record or await work.audit_records.get(record_id), link)

    async def standing(self) -> AuditStanding:
        """For monitoring: one page, however much there is."""
        page: Page[Any] = await self.store.list(Listing("audit_unsealed", "everything", "all"))
        oldest = min((entry.at for entry in page.items), default=self.clock.now())
        return AuditStanding(len(page.items), (self.clock.now() - oldest).total_seconds())

    async def verify(self, actor: Actor, progress: Callable[[int], None] = lambda _: None) -> Verdict:
        """Walk all of it, and say where it is first broken. Others may go on meanwhile."""
        actor.check(Role.SUPERADMIN)
        look = _Look(self, progress)
        broken = ChainBroken(0, "")
        try:
            await look.at_everything()
        except ChainBroken as found:
            broken = found
        standing = await self.standing()
        return Verdict(
            look.walk.sequence,
            len(look.walk.checkpoints),
            min(max(look.walk.checkpoints, default=0), look.walk.sequence),
            standing.waiting,
            standing.oldest_waiting_s,
            broken.sequence,
            broken.why,
        )


@define
class _Look:
    """One walk through the store. It reads that which promises more before that which must keep it."""

    trail: AuditTrail
    progress: Callable[[int], None]
    walk: ChainWalk = Factory(ChainWalk)

    async def at_everything(self) -> None:
        trail = self.trail
        witnessed = checked(await trail.witness.read(), trail.signer.public_keys(), trail.holds)
        listed = [c async for c in every(trail.store, Listing("audit_checkpoint", "everything", "all"))]
        stored = checked(listed, trail.signer.public_keys(), trail.holds)
        self.walk = ChainWalk(stored | witnessed)
        check_agree(stored, witnessed)
        self._check_put_aside(listed, witnessed)
        before = await self._head()
        await self._links(before)
        await self._check_nothing_follows()
        await self._records()

    def _check_put_aside(self, stored: Sequence[AuditCheckpoint], witnessed: Mapping[int, AuditCheckpoint]) -> None:
        missing = missing_aside(stored, witnessed)
        if missing is not None and self.trail.clock.now() - missing.at > SEALED_WITHIN:
            number = missing.sequence
            raise ChainBroken(number, f"the second place has lost, or never got, the checkpoint of link {number}")

    async def _head(self) -> AuditHead:
        return await self.trail.begin().audit_heads.find(HEAD_ID) or AuditHead()

    async def _links(self, head: AuditHead) -> None:
        links = Listing("audit_link", "everything", "all")
        async for page in pages(self.trail.store, links):
            found = await self.trail.begin().audit_records.get_all([link.id for link in page])
            records = {record.id: record for record in found}
            misfiled = await self._misfiled(records)
            for link in page:
                self.walk.step(link, records.get(link.id))
                self._check_filed(link.id, link.sequence, misfiled)
                if link.sequence == head.sequence and link.hash != head.hash:
                    raise ChainBroken(link.sequence, f"the head of the chain names another link {link.sequence}")
            self.progress(self.walk.sequence)
        self.walk.end()
        if self.walk.sequence < head.sequence:
            missing = self.walk.sequence + 1
            raise ChainBroken(missing, f"the chain ends at link {missing - 1}, and its head says {head.sequence}")

    async def _misfiled(self, ids: Iterable[str]) -> frozenset[str]:
        """No hash covers by what lists find a record: who hides one from them leaves it as it was sealed."""
        return frozenset(key.id for key in await self.trail.store.misfiled([Key("audit", one) for one in ids]))

    def _check_filed(self, record_id: str, number: int, misfiled: frozenset[str]) -> None:
        if record_id in misfiled:
            raise ChainBroken(number, f"lists look for the record {record_id} where it does not belong")

    async def _check_nothing_follows(self) -> None:
        head = await self._head()
        if head.sequence < self.walk.sequence:
            number = head.sequence + 1
            raise ChainBroken(number, f"link {number} was added behind the head of the chain")

    async def _records(self) -> None:
        """Each record is sealed, or waits, and not for long."""
        async for page in pages(self.trail.store, Listing("audit", "everything", "all")):
            work = self.trail.begin()
            ids = [record.id for record in page]
            # Sealing turns the second into the first: read in this order, at least one of both is seen.
            waiting = {entry.id for entry in await work.unsealed.get_all(ids)}
            sealed = {link.id for link in await work.audit_links.get_all(ids)}
            for record_id in ids:
                if record_id not in sealed:
                    self._check_waits(record_id, is_waiting=record_id in waiting)
            self._check_late(record for record in page if record.id not in sealed)
        await self._check_queue()

    def _check_waits(self, record_id: str, *, is_waiting: bool) -> None:
        if not is_waiting:
            raise ChainBroken(0, f"the record {record_id} is not in the chain, and does not wait for its place either")

    def _check_late(self, records: Iterable[AuditRecord]) -> None:
        # By the record's own time: that of the queue could be set to one that never comes.
        for record in records:
            if self.trail.clock.now() - record.at > SEALED_WITHIN:
                since = f"{record.at:%Y-%m-%d %H:%M} UTC"
                raise ChainBroken(0, f"the record {record.id} has waited for its place since {since}")

    async def _check_queue(self) -> None:
        async for page in pages(self.trail.store, Listing("audit_unsealed", "everything", "all")):
            work = self.trail.begin()
            # What left the queue since it was listed is in the chain by now.
            ids = [entry.id for entry in await work.unsealed.get_all([listed.id for listed in page])]
            there = {record.id for record in await work.audit_records.get_all(ids)}
            gone = next((record_id for record_id in ids if record_id not in there), None)
            if gone is not None:
                raise ChainBroken(0, f"the record {gone} was removed before it had its place")
            misfiled = await self._misfiled(there)
            for record_id in ids:
                self._check_filed(record_id, NOWHERE, misfiled)
