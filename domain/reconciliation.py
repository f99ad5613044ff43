"""What a comparison of our books with a gateway's own list found, and what was decided about it."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.errors import InvalidValue, NotAllowedNow
from domain.ids import ID_BYTES, FindingId, make_id
from domain.time import is_aware

LEASE: Final = timedelta(minutes=10)
"""How long a comparison counts as under way since its last sign of life."""
DAY: Final = timedelta(days=1)


class ReconciliationRunning(NotAllowedNow):
    """Somebody else compares that day with that gateway at this moment."""

    code = "reconciliation_running"


class FindingKind(StrEnum):
    MONEY_WITHOUT_BOOKING = "money_without_booking"
    """The gateway took money that carries no reference of ours, or one that we do not know."""
    NOT_CAPTURED_HERE = "not_captured_here"
    """The gateway took money for an attempt that we did not know to be paid."""
    NOT_CAPTURED_THERE = "not_captured_there"
    """We count money that the gateway does not have."""
    AMOUNT_DIFFERS = "amount_differs"
    """Another sum or currency than we asked for."""
    REFUND_DIFFERS = "refund_differs"
    """One side knows of a refund that the other does not."""
    PAYMENT_WITHOUT_TICKETS = "payment_without_tickets"
    """Money that bought nothing, and is not on its way back."""
    TICKETS_WITHOUT_PAYMENT = "tickets_without_payment"
    """A confirmed booking that costs something, for which no money was captured."""


class FindingStatus(StrEnum):
    OPEN = "open"
    HEALED = "healed"
    """Put right by the program: `decision` says how."""
    DECIDED = "decided"
    """A person has looked, and said what is to be thought of it."""


def finding_id(gateway: str, kind: FindingKind, subject: str) -> FindingId:
    """The same for the same difference, however often it is found."""
    return FindingId(make_id("fnd", sha256(f"{gateway}\n{kind}\n{subject}".encode()).digest()[:ID_BYTES]))


@frozen
class Difference:
    """Where our books and theirs disagree, as one comparison sees it."""

    kind: FindingKind
    gateway: str
    """Empty for a booking of ours that names no payment at all."""
    subject: str
    """Our payment or booking or, for what is not ours, the gateway's own name."""
    detail: str

    @property
    def finding_id(self) -> FindingId:
        return finding_id(self.gateway, self.kind, self.subject)


@frozen
class Finding:
    """One difference and what became of it. Found again, it is the same finding."""

    id: FindingId
    kind: FindingKind
    gateway: str
    subject: str
    """Our payment or booking or, for what is not ours, the gateway's own name."""
    detail: str
    found_at: datetime = field(validator=is_aware)
    status: FindingStatus = FindingStatus.OPEN
    decision: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    version: int = 0

    @classmethod
    def of(cls, difference: Difference, at: datetime) -> Self:
        """A difference that was never seen before."""
        kind, gateway, subject = difference.kind, difference.gateway, difference.subject
        return cls(difference.finding_id, kind, gateway, subject, difference.detail, at)

    @property
    def difference(self) -> Difference:
        return Difference(self.kind, self.gateway, self.subject, self.detail)

    def seen_again(self, difference: Difference, at: datetime) -> Self:
        """Still there. What had been put right is open again; what a person has decided stays decided."""
        match self.status:
            case FindingStatus.DECIDED:
                return self
            case FindingStatus.OPEN:
                return evolve(self, detail=difference.detail)
            case FindingStatus.HEALED:
                return evolve(type(self).of(difference, at), version=self.version)

    def healed(self, how: str, at: datetime) -> Self:
        """Put right; what is not open needs no healing."""
        if self.status is not FindingStatus.OPEN:
            return self
        return evolve(self, status=FindingStatus.HEALED, decision=how, decided_by="system", decided_at=at)

    def decide(self, decision: str, by: str, at: datetime) -> Self:
        """What a person makes of it; NotAllowedNow unless it is open."""
        if self.status is not FindingStatus.OPEN:
            raise NotAllowedNow(f"the finding is {self.status}: {self.decision}")
        if not decision.strip():
            raise InvalidValue("say what was decided, for those who look at it later")
        return evolve(self, status=FindingStatus.DECIDED, decision=decision.strip(), decided_by=by, decided_at=at)


@frozen
class Reconciliation:
    """One comparison of one UTC day with one gateway. `id` names both, so that a day is compared once by itself."""

    id: str
    gateway: str
    start: datetime = field(validator=is_aware)
    end: datetime = field(validator=is_aware)
    """Until before this instant: for the day that is under way, the moment when it was compared."""
    started_at: datetime = field(validator=is_aware)
    finished_at: datetime | None = None
    matched: int = 0
    findings: int = 0
    healed: int = 0
    lease_until: datetime | None = None
    """Until then it counts as under way; None once it is over."""
    trouble: str = ""
    """Why it could not be finished; empty if it was, or still may be."""
    version: int = 0

    @classmethod
    def begin(cls, gateway: str, start: datetime, at: datetime) -> Self:
        """Compare the day that starts there, or as much of it as is over."""
        if at <= start:
            raise InvalidValue(f"{start.date()} has not begun")
        return cls(
            id=f"{gateway}/{start.date()}",
            gateway=gateway,
            start=start,
            end=min(start + DAY, at),
            started_at=at,
            lease_until=at + LEASE,
        )

    def begin_anew(self, at: datetime) -> Self:
        """Compare the same day once more; ReconciliationRunning while somebody is at it."""
        if self.lease_until is not None and at < self.lease_until:
            raise ReconciliationRunning(f"{self.id} is being compared: wait until {self.lease_until.isoformat()}")
        return evolve(type(self).begin(self.gateway, self.start, at), version=self.version)

    def counting(self, *, matched: int = 0, findings: int = 0, healed: int = 0) -> Self:
        return evolve(
            self,
            matched=self.matched + matched,
            findings=self.findings + findings,
            healed=self.healed + healed,
        )

    def alive(self, at: datetime) -> Self:
        """A sign of life: nobody else begins with this day for a while."""
        return evolve(self, lease_until=at + LEASE)

    def finish(self, at: datetime) -> Self:
        return evolve(self, finished_at=at, lease_until=None)

    def stop(self, trouble: str) -> Self:
        """It cannot go on; what was found so far stays, and another try begins the day again."""
        return evolve(self, trouble=trouble, lease_until=None)

    @property
    def is_complete(self) -> bool:
        """Whether the whole day was compared to its end."""
        return self.finished_at is not None and self.end - self.start == DAY
