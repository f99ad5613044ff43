"""The unit of work: reads for decisions, and one ChangeSet at its end."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from hashlib import sha256
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from attrs import Factory, define, evolve, frozen

from application.access import Actor
from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.counted import GuessCount, KnownDevice, RateCount
from application.errors import AlreadyExists, NotFound, StaleVersion
from application.ids import Ids
from application.kinds import kind_of_type
from application.once import AnsweredAlready, Once
from application.passing import Passing, Point, unwatched
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.store import (
    WRITES_MAX,
    ChangeSet,
    Committed,
    Duplicate,
    Expect,
    Key,
    Outcome,
    Record,
    Refused,
    Stale,
    Store,
)
from application.records import (
    Answer,
    AuditRecord,
    Challenge,
    Claim,
    EventGrant,
    NoticeReceipt,
    OneTimeToken,
    OutboxEntry,
    Session,
)
from application.request import current_request
from domain.account import Account
from domain.admission import Admission
from domain.allotment import Allotment, AllotmentChange, BuyerLimitReached, SoldOut, TakeRefused, is_buyer_limit
from domain.booking import Booking
from domain.booking_outcome import BookingOutcome
from domain.dispute import Dispute
from domain.event import Event
from domain.event_cancellation import EventCancellation
from domain.facts import Aggregate, Fact
from domain.identity_document import IdentityDocument
from domain.ids import AllotmentId
from domain.kyc import KycRequest
from domain.ledger import LedgerTransaction
from domain.payment import Payment
from domain.promo_code import (
    PromoCode,
    PromoCodeLimitReached,
    PromoCodeUsedUp,
    is_promo_buyer_limit,
    is_promo_use,
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


@frozen
class _Audited:
    """A deed that is to be written down with what it changes."""

    actor: Actor
    action: str
    subject: str
    detail: str
    reason: str

    def record(self, record_id: str, at: datetime, before: str, after: str) -> AuditRecord:
        return AuditRecord(
            record_id,
            at,
            self.actor.name,
            self.actor.via,
            self.action,
            self.subject,
            self.detail,
            request_id=current_request.get(),
            on_behalf_of=self.actor.on_behalf_of,
            # The words may name people, and nothing in the audit can ever be erased.
            reason=sha256(self.reason.encode("utf-8", "replace")).hexdigest() if self.reason else "",
            before=before,
            after=after,
        )


Digest = Callable[[Record], str]
"""What a record's stored form comes to, in a few letters."""


def no_digest(_record: Record) -> str:
    """For units of work whose records need no digests."""
    return ""


@define
class _Changes:
    inserts: list[Record] = Factory(list)
    saves: list[Record] = Factory(list)
    deletes: list[Record] = Factory(list)
    expects: list[Expect] = Factory(list)
    allotments: list[Allotment] = Factory(list)
    changes: dict[AllotmentId, AllotmentChange] = Factory(dict)
    facts: list[Fact] = Factory(list)
    audits: list[_Audited] = Factory(list)
    read: dict[str, Record] = Factory(dict)
    """What was read last under each id, for the audit."""

    def digest_before(self, subject: str, digest: Digest) -> str:
        record = self.read.get(subject)
        return "" if record is None else digest(record)

    def digest_after(self, subject: str, digest: Digest) -> str:
        """Empty if the subject itself was not stored."""
        stored = next((record for record in (*self.saves, *self.inserts) if record.id == subject), None)
        return "" if stored is None else digest(stored)


@define(eq=False)
class Records(Generic[R]):
    """The records of one kind, inside a unit of work."""

    _store: Store
    _type: type[R]
    _changes: _Changes

    def key(self, record_id: str) -> Key:
        """The name under which the store knows one."""
        return Key(kind_of_type(self._type).name, record_id)

    async def find(self, record_id: str) -> R | None:
        key = self.key(record_id)
        record = (await self._store.get([key])).get(key)
        if record is not None:
            self._changes.read[record_id] = record
        return record  # type: ignore[return-value]  # a key's kind gives its type

    async def get(self, record_id: str) -> R:
        """NotFound if there is none of that id."""
        record = await self.find(record_id)
        if record is None:
            raise NotFound(f"no such {kind_of_type(self._type).name.replace('_', ' ')}")
        return record

    async def get_all(self, record_ids: Iterable[str]) -> list[R]:
        """Those of these ids that exist, in the order of the ids."""
        keys = [self.key(record_id) for record_id in record_ids]
        found: Any = await self._store.get(keys) if keys else {}
        return [found[key] for key in keys if key in found]

    def add(self, record: R) -> None:
        """Store a new one; AlreadyExists at commit if there is one of its id."""
        self._changes.inserts.append(record)
        self._note_facts(record)

    def save(self, record: R) -> None:
        """Store a changed one; StaleVersion at commit if somebody else changed it since it was read."""
        self._changes.saves.append(record)
        self._note_facts(record)

    def delete(self, record: R) -> None:
        """Remove one; StaleVersion at commit if somebody else changed or removed it since it was read."""
        self._changes.deletes.append(record)

    def expect(self, record: R) -> None:
        """StaleVersion at commit if somebody else changed it since it was read."""
        self._changes.expects.append(Expect(kind_of_type(self._type).name, record.id, record.version))

    def _note_facts(self, record: object) -> None:
        if isinstance(record, Aggregate):
            self._changes.facts.extend(record.facts)


@frozen
class _RecordsOf(Generic[R]):
    """Makes the records of one kind when a unit of work is asked for them: most need two or three of all kinds."""

    _type: type[R]

    def __get__(self, work: "Work", _owner: type["Work"]) -> Records[R]:
        return Records(work._store, self._type, work._changes)  # noqa: SLF001 - one mechanism in two classes


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
    _changes: _Changes = Factory(_Changes)

    events = _RecordsOf(Event)
    bookings = _RecordsOf(Booking)
    tickets = _RecordsOf(Ticket)
    admissions = _RecordsOf(Admission)
    payments = _RecordsOf(Payment)
    refunds = _RecordsOf(Refund)
    promo_codes = _RecordsOf(PromoCode)
    disputes = _RecordsOf(Dispute)
    ledger = _RecordsOf(LedgerTransaction)
    event_cancellations = _RecordsOf(EventCancellation)
    booking_outcomes = _RecordsOf(BookingOutcome)
    reconciliations = _RecordsOf(Reconciliation)
    findings = _RecordsOf(Finding)
    accounts = _RecordsOf(Account)
    kyc_requests = _RecordsOf(KycRequest)
    kyc_documents = _RecordsOf(IdentityDocument)
    claims = _RecordsOf(Claim)
    sessions = _RecordsOf(Session)
    tokens = _RecordsOf(OneTimeToken)
    rate_counts = _RecordsOf(RateCount)
    guess_counts = _RecordsOf(GuessCount)
    known_devices = _RecordsOf(KnownDevice)
    challenges = _RecordsOf(Challenge)
    second_factors = _RecordsOf(SecondFactors)
    grants = _RecordsOf(EventGrant)
    outbox = _RecordsOf(OutboxEntry)
    answers = _RecordsOf(Answer)
    notices = _RecordsOf(NoticeReceipt)
    audit_records = _RecordsOf(AuditRecord)
    unsealed = _RecordsOf(UnsealedRecord)
    audit_links = _RecordsOf(AuditLink)
    audit_heads = _RecordsOf(AuditHead)
    audit_checkpoints = _RecordsOf(AuditCheckpoint)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def find_both(
        self, one: Records[R], one_id: str, other: Records[S], other_id: str
    ) -> tuple[R | None, S | None]:
        """One of each, in a single round trip."""
        keys = (one.key(one_id), other.key(other_id))
        found: Any = await self._store.get(keys)
        return found.get(keys[0]), found.get(keys[1])

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
            earlier = self._changes.changes.get(change.allotment_id)
            self._changes.changes[change.allotment_id] = change if earlier is None else _sum(earlier, change)

    def tell(self, fact: Fact) -> None:
        """Store a fact that belongs to no saved aggregate."""
        self._changes.facts.append(fact)

    def audit(self, actor: Actor, action: str, subject: str, detail: str = "", *, reason: str = "") -> None:
        """Write down who did this, in the same commit. `detail` is ours; of a `reason` in people's words, its hash."""
        self._changes.audits.append(_Audited(actor, action, subject, detail, reason))

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
        _check(outcome)
        self._passing(Point.AFTER_COMMIT)
        if any(isinstance(record, OutboxEntry) for record in changes.inserts):
            self._nudge()

    def _change_set(self, now: datetime) -> ChangeSet:
        made = self._changes
        entries = [
            OutboxEntry(self._ids.new("out"), fact, now, now) for fact in made.facts if type(fact) in self._reacted_to
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

    def _audit_record(self, audited: _Audited, now: datetime) -> AuditRecord:
        before = self._changes.digest_before(audited.subject, self._digest)
        after = self._changes.digest_after(audited.subject, self._digest)
        return audited.record(self._ids.new("aud"), now, before, after)


def _sum(one: AllotmentChange, other: AllotmentChange) -> AllotmentChange:
    return evolve(
        other,
        held=one.held + other.held,
        sold=one.sold + other.sold,
        capacity=one.capacity + other.capacity,
        ceiling=other.ceiling if other.ceiling is not None else one.ceiling,
    )


def _check(outcome: Outcome) -> None:
    match outcome:
        case Committed():
            return
        case Refused(allotment):
            raise refusal(allotment)
        case Stale(key):
            raise StaleVersion(f"{key.kind.replace('_', ' ')} {key.id} was changed at the same time: try again")
        case Duplicate(key) if key.kind == "answer":
            raise AnsweredAlready(key.id)
        case Duplicate(key):
            raise AlreadyExists(f"{key.kind.replace('_', ' ')} {key.id} exists already")


def refusal(allotment: Allotment) -> TakeRefused:
    """Why an allotment refused, for people."""
    if is_buyer_limit(allotment.id):
        return BuyerLimitReached(
            f"you hold or own {allotment.taken} of at most {allotment.capacity} tickets of this type"
        )
    if is_promo_use(allotment.id):
        return PromoCodeUsedUp("this promotion code has been used as often as it may be")
    if is_promo_buyer_limit(allotment.id):
        return PromoCodeLimitReached(f"you have used this promotion code {allotment.taken} times, and may no more")
    left = max(allotment.available, 0)
    return SoldOut(f"only {left} left" if left else "sold out")


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
