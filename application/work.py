"""The unit of work: reads for decisions, and one ChangeSet at its end."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from attrs import Factory, define, frozen

from application.access import Actor
from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.changes import Audited, Changes, Digest, no_digest
from application.counted import GuessCount, KnownDevice, RateCount
from application.errors import AlreadyExists, StaleVersion
from application.ids import Ids
from application.installation import INSTALLATION, Installation, era_of
from application.once import Once
from application.passing import Passing, Point, unwatched
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.store import (
    WRITES_MAX,
    ChangeSet,
    Record,
    Store,
)
from application.records import (
    Answer,
    AuditRecord,
    Challenge,
    Claim,
    EventGrant,
    EventInvitation,
    NoticeReceipt,
    OneTimeToken,
    OutboxEntry,
    Session,
)
from application.records_of_kind import Records, RecordsOf
from application.refusals import check
from domain.account import Account
from domain.admission import Admission
from domain.allotment import Allotment, AllotmentChange
from domain.api_key import ApiKey
from domain.booking import Booking
from domain.booking_outcome import BookingOutcome
from domain.consent import Consent
from domain.dispute import Dispute
from domain.erasure import Erasure
from domain.event import Event
from domain.event_cancellation import EventCancellation
from domain.facts import Fact, StandingChanged
from domain.identity_document import IdentityDocument
from domain.ids import AllotmentId
from domain.kyc import KycRequest
from domain.ledger import LedgerTransaction
from domain.payment import Payment
from domain.promo_code import (
    PromoCode,
)
from domain.reconciliation import Finding, Reconciliation
from domain.refund import Refund
from domain.second_factors import SecondFactors
from domain.ticket import Ticket

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record)
T = TypeVar("T")

STALE_TRIES: Final = 8
"""How often a decision is made anew when somebody else was faster."""


@define(eq=False)
class Work:
    """Everything that one use case changes, committed all or not at all. Leaving without commit discards it."""

    _store: Store
    _clock: Clock
    _ids: Ids
    _reacted_to: frozenset[type[Fact]]
    _passing: Passing
    _nudge: Callable[[], None]
    _digest: Digest = no_digest
    _changes: Changes = Factory(Changes)

    events = RecordsOf(Event)
    bookings = RecordsOf(Booking)
    tickets = RecordsOf(Ticket)
    admissions = RecordsOf(Admission)
    payments = RecordsOf(Payment)
    refunds = RecordsOf(Refund)
    promo_codes = RecordsOf(PromoCode)
    disputes = RecordsOf(Dispute)
    ledger = RecordsOf(LedgerTransaction)
    event_cancellations = RecordsOf(EventCancellation)
    booking_outcomes = RecordsOf(BookingOutcome)
    reconciliations = RecordsOf(Reconciliation)
    findings = RecordsOf(Finding)
    accounts = RecordsOf(Account)
    erasures = RecordsOf(Erasure)
    consents = RecordsOf(Consent)
    kyc_requests = RecordsOf(KycRequest)
    kyc_documents = RecordsOf(IdentityDocument)
    claims = RecordsOf(Claim)
    sessions = RecordsOf(Session)
    installations = RecordsOf(Installation)
    api_keys = RecordsOf(ApiKey)
    tokens = RecordsOf(OneTimeToken)
    rate_counts = RecordsOf(RateCount)
    guess_counts = RecordsOf(GuessCount)
    known_devices = RecordsOf(KnownDevice)
    challenges = RecordsOf(Challenge)
    second_factors = RecordsOf(SecondFactors)
    invitations = RecordsOf(EventInvitation)
    grants = RecordsOf(EventGrant)
    outbox = RecordsOf(OutboxEntry)
    answers = RecordsOf(Answer)
    notices = RecordsOf(NoticeReceipt)
    audit_records = RecordsOf(AuditRecord)
    unsealed = RecordsOf(UnsealedRecord)
    audit_links = RecordsOf(AuditLink)
    audit_heads = RecordsOf(AuditHead)
    audit_checkpoints = RecordsOf(AuditCheckpoint)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def of_type(self, record_type: type[R]) -> Records[R]:
        return Records(self._store, record_type, self._changes)

    async def find_both(
        self, one: Records[R], one_id: str, other: Records[S], other_id: str
    ) -> tuple[R | None, S | None]:
        """One of each, in a single round trip."""
        keys = (one.key(one_id), other.key(other_id))
        found: Any = await self._store.get(keys)
        self._changes.read.update({record.id: record for record in found.values()})
        return found.get(keys[0]), found.get(keys[1])

    async def find_in_its_era(
        self, one: Records[R], one_id: str, other: Records[S], other_id: str
    ) -> tuple[R | None, S | None, int]:
        """One of each, and the installation's era, in a single round trip."""
        keys = (one.key(one_id), other.key(other_id), self.installations.key(INSTALLATION))
        found: Any = await self._store.get(keys)
        return found.get(keys[0]), found.get(keys[1]), era_of(found.get(keys[2]))

    async def era(self) -> int:
        return era_of(await self.installations.find(INSTALLATION))

    async def allotments(self, ids: Iterable[AllotmentId]) -> list[Allotment]:
        """The counts as they stand, of those that exist, in the order of the ids."""
        wanted = list(ids)
        found = await self._store.allotments(wanted)
        return [found[allotment_id] for allotment_id in wanted if allotment_id in found]

    def open_allotment(self, allotment: Allotment) -> None:
        self._changes.allotments.append(allotment)

    def change(self, *changes: AllotmentChange) -> None:
        """Take, sell or give back what is counted; TakeRefused at commit, and which of them `refusal` says."""
        for change in changes:
            self._changes.change(change)

    def tell(self, fact: Fact) -> None:
        """Store a fact that belongs to no saved aggregate."""
        self._changes.facts.append(fact)

    def audit(self, actor: Actor, action: str, subject: str, detail: str = "", *, reason: str = "") -> None:
        """Write down who did this, in the same commit. `detail` is ours; of a `reason` in people's words, its hash."""
        self._changes.audits.append(Audited(actor, action, subject, detail, reason))

    def answer(self, once: Once | None, result: Any) -> None:
        """Keep what is answered, so that a repeated request gets the same; AnsweredAlready at commit if it has."""
        if once is not None:
            self._changes.inserts.append(once.answer(result, self._clock.now()))

    async def commit(self) -> None:
        """Store it all, or raise and store nothing."""
        now = self._clock.now()
        changes = self._change_set(now)
        if not changes.size:
            return
        assert changes.size <= WRITES_MAX, f"{changes.size} writes at once are more than a store takes"
        self._passing(Point.BEFORE_COMMIT)
        [outcome] = await self._store.commit([changes])
        check(outcome)
        self._passing(Point.AFTER_COMMIT)
        if any(isinstance(record, OutboxEntry) for record in changes.inserts):
            self._nudge()

    def _change_set(self, now: datetime) -> ChangeSet:
        made = self._changes
        followed = made.changed_standing(now) if StandingChanged in self._reacted_to else ()
        entries = [
            OutboxEntry(self._ids.new("out"), fact, now, now)
            for fact in (*made.facts, *followed)
            if type(fact) in self._reacted_to
        ]
        audits = [self._audit_record(audited, now) for audited in made.audits]
        waiting = [UnsealedRecord(id=record.id, at=record.at) for record in audits]
        return ChangeSet(
            inserts=(*made.inserts, *entries, *audits, *waiting),
            saves=tuple(made.saves),
            deletes=tuple(made.deletes),
            expects=tuple(made.expects),
            allotments=tuple(made.allotments),
            changes=tuple(made.changes.values()),
        )

    def _audit_record(self, audited: Audited, now: datetime) -> AuditRecord:
        before = self._changes.digest_before(audited.subject, self._digest)
        after = self._changes.digest_after(audited.subject, self._digest)
        return audited.record(self._ids.new("aud"), now, before, after)


class Begin(Protocol):
    """Opens a unit of work."""

    def __call__(self) -> Work: ...


@frozen
class Beginning:
    """Opens units of work on one store. `nudge` is called when a commit left something for the relay."""

    store: Store
    clock: Clock
    randomness: Randomness
    reacted_to: frozenset[type[Fact]] = frozenset()
    passing: Passing = unwatched
    nudge: Callable[[], None] = lambda: None
    digest: Digest = no_digest

    def __call__(self) -> Work:
        ids = Ids(self.randomness)
        return Work(self.store, self.clock, ids, self.reacted_to, self.passing, self.nudge, self.digest)


OVERTAKEN: Final = (StaleVersion, AlreadyExists)
"""Somebody was faster, for a deed that names what it adds after its cause: then theirs is there, or changed ours."""


async def retrying(deed: Callable[[], Awaitable[T]], when: tuple[type[Exception], ...] = (StaleVersion,)) -> T:
    """Decide anew, a bounded number of times, when somebody else changed what the decision was based on."""
    for _ in range(STALE_TRIES - 1):
        try:
            return await deed()
        except when:
            continue
    return await deed()
