"""What a comparison of our books with a gateway's own list found, and what was decided about it."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.errors import InvalidValue, NotAllowedNow
from domain.ids import FindingId
from domain.time import is_aware


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
    TICKETS_WITHOUT_PAYMENT = "tickets_without_payment"


class FindingStatus(StrEnum):
    OPEN = "open"
    HEALED = "healed"
    """Put right by the program: `decision` says how."""
    DECIDED = "decided"
    """A person has looked, and said what is to be thought of it."""


@frozen
class Finding:
    """One difference. Found again, it is the same finding."""

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

    def healed(self, how: str, at: datetime) -> Self:
        return evolve(self, status=FindingStatus.HEALED, decision=how, decided_by="system", decided_at=at)

    def decide(self, decision: str, by: str, at: datetime) -> Self:
        """What a person makes of it; NotAllowedNow unless it is open."""
        if self.status is not FindingStatus.OPEN:
            raise NotAllowedNow(f"the finding is {self.status}: {self.decision}")
        if not decision.strip():
            raise InvalidValue("say what was decided, for those who look at it later")
        return evolve(self, status=FindingStatus.DECIDED, decision=decision, decided_by=by, decided_at=at)


@frozen
class Reconciliation:
    """One comparison with one gateway. `id` names the gateway and the day, so that a day is compared once by itself."""

    id: str
    gateway: str
    start: datetime = field(validator=is_aware)
    end: datetime = field(validator=is_aware)
    started_at: datetime = field(validator=is_aware)
    finished_at: datetime | None = None
    matched: int = 0
    findings: int = 0
    healed: int = 0
    version: int = 0
