"""Counts what happens where it happens: in what was committed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from attrs import frozen
from prometheus_client import Counter

from adapters.monitoring.metrics import BOOKINGS, DOCUMENTS_READ, PAYMENTS, QUARANTINED, REFUNDS, SCANS
from application.ports.store import ChangeSet, Committed, Key, Listing, Outcome, Page, Record, Store
from application.records import AuditRecord, NoticeReceipt
from application.use_cases.read_document import READ_BY_REVIEWER, READ_BY_SUBJECT
from domain.admission import Admission
from domain.allotment import Allotment
from domain.booking import Booking
from domain.ids import AllotmentId
from domain.payment import OPEN, Payment
from domain.refund import REFUND_SETTLED, Refund


@frozen
class CountingStore:
    """A store in front of another, which counts what becomes of bookings, scans and money as it is committed."""

    _store: Store

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        return await self._store.get(keys)

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        return await self._store.allotments(ids)

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        outcomes = await self._store.commit(batch)
        for changes, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Committed):
                _count(changes)
        return outcomes

    async def list(self, listing: Listing) -> Page[Record]:
        return await self._store.list(listing)

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        return await self._store.misfiled(keys)

    async def ping(self) -> None:
        await self._store.ping()

    async def close(self) -> None:
        await self._store.close()


_READER: Final = {READ_BY_REVIEWER: "reviewer", READ_BY_SUBJECT: "subject"}


@lru_cache(1_000)
def _of(counter: Counter, *labels: str) -> Counter:
    """`labels` takes a lock and makes texts of its arguments each time."""
    return counter.labels(*labels)


def _count(changes: ChangeSet) -> None:
    for record in (*changes.inserts, *changes.saves):
        match record:
            case Booking():
                _of(BOOKINGS, record.status).inc()
            case Admission():
                _of(SCANS, record.outcome, _reason(record)).inc()
            case Payment() if record.status not in OPEN and not record.refunding:
                # Once money is going back, the payment is saved again without a new outcome.
                _of(PAYMENTS, record.status).inc()
            case Refund() if not record.version or record.status in REFUND_SETTLED:
                # In between it is saved each time that the gateway was asked.
                _of(REFUNDS, record.status).inc()
            case AuditRecord() if record.action in _READER:
                _of(DOCUMENTS_READ, _READER[record.action]).inc()
            case NoticeReceipt() if record.quarantined:
                _of(QUARANTINED, record.gateway).inc()


def _reason(admission: Admission) -> str:
    """The rule that refused. Words of people are no label: there is no end to them."""
    return admission.reason if admission.outcome == "refused" else ""
