"""What the sandbox keeps: payments, refunds, and the notices it still has to deliver."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, frozen


class PageIsOver(Exception):
    """The payment page has ended, so that nothing can be chosen on it any more."""


class PaymentStatus(StrEnum):
    OPEN = "open"
    REQUIRES_ACTION = "requires_action"
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"
    CLOSED = "closed"


LIVE: Final = frozenset({PaymentStatus.OPEN, PaymentStatus.REQUIRES_ACTION})


class Choice(StrEnum):
    """What a buyer can do on the page, and on the bank's page behind it."""

    PAY = "pay"
    DECLINE = "decline"
    THREE_D_SECURE = "three_d_secure"
    APPROVE = "approve"
    REJECT = "reject"
    ABANDON = "abandon"
    PAY_LATE = "pay_late"


@frozen
class PaymentRequest:
    """What the caller asked for. The same request again is the same payment; another one is a conflict."""

    payment_id: str
    amount_minor: int
    currency: str
    description: str
    buyer_email: str
    return_url: str
    webhook_url: str
    expires_at: datetime


@frozen
class Payment:
    """One payment, which only ever moves forward; captured is final, and reachable from everywhere."""

    request: PaymentRequest
    reference: str
    page_token: str
    created_at: datetime
    status: PaymentStatus = PaymentStatus.OPEN
    reason: str = ""
    captured_at: datetime | None = None
    captures_late_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def due_at(self) -> datetime | None:
        """When it changes by itself."""
        return self.request.expires_at if self.is_live else self.captures_late_at

    def next_by(self, at: datetime) -> Self:
        """One step that time alone has brought by that instant; itself if there is none."""
        if self.due_at is None or at < self.due_at:
            return self
        if self.is_live:
            return evolve(self, status=PaymentStatus.EXPIRED, reason="nobody paid in time")
        return self._captured(at)

    def close(self) -> Self:
        if not self.is_live:
            return self
        return evolve(self, status=PaymentStatus.CLOSED, reason="the seller closed the page")

    def choose(self, choice: Choice, at: datetime, delay_s: int = 0) -> Self:
        """What the buyer chose. A captured payment stays as it is; PageIsOver if the choice came too late."""
        if self.status is PaymentStatus.CAPTURED or choice is Choice.ABANDON:
            return self
        if choice is Choice.PAY_LATE:
            failed = self._failed("the bank did not answer in time") if self.is_live else self
            return evolve(failed, captures_late_at=at + timedelta(seconds=delay_s))
        if not self.is_live:
            raise PageIsOver(self.reason)
        if choice is Choice.THREE_D_SECURE:
            return evolve(self, status=PaymentStatus.REQUIRES_ACTION)
        if choice in {Choice.PAY, Choice.APPROVE}:
            return self._captured(at)
        return self._failed("the bank declined" if choice is Choice.DECLINE else "the buyer failed 3-D Secure")

    def _captured(self, at: datetime) -> Self:
        return evolve(self, status=PaymentStatus.CAPTURED, reason="", captured_at=at, captures_late_at=None)

    def _failed(self, reason: str) -> Self:
        return evolve(self, status=PaymentStatus.FAILED, reason=reason)


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@frozen
class RefundRequest:
    """What the caller wants given back, under the caller's own id."""

    refund_id: str
    payment_id: str
    payment_reference: str
    amount_minor: int
    currency: str


@frozen
class RefundPlan:
    """How the next refunds go: at once and well, unless a test wants otherwise."""

    after_s: float = 0.0
    settles_as: RefundStatus = RefundStatus.SUCCEEDED


@frozen
class Refund:
    """Money on its way back."""

    request: RefundRequest
    reference: str
    created_at: datetime
    settles_at: datetime
    settles_as: RefundStatus
    status: RefundStatus = RefundStatus.PENDING
    reason: str = ""

    @property
    def due_at(self) -> datetime | None:
        return self.settles_at if self.status is RefundStatus.PENDING else None

    def next_by(self, at: datetime) -> Self:
        """Settled, if its time has come by that instant."""
        if self.due_at is None or at < self.due_at:
            return self
        reason = "the buyer's bank sent it back" if self.settles_as is RefundStatus.FAILED else ""
        return evolve(self, status=self.settles_as, reason=reason)


@frozen
class Delivery:
    """One notice on its way. Kept until the receiver said 2xx or all tries are used up."""

    message_id: str
    url: str
    body: str
    due_at: datetime | None
    """None once nothing more will be sent."""
    tries: int = 0
    outcome: str = ""
    """What became of the last try, for people who look."""
