"""What the sandbox keeps: payments, refunds, disputes, and the notices it still has to deliver."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, frozen


class PageIsOver(Exception):
    """The payment page has ended, so that nothing can be chosen on it any more."""


class PaymentStatus(StrEnum):
    OPEN = "open"
    REQUIRES_ACTION = "requires_action"
    AUTHORISED = "authorised"
    """Set aside at the buyer's bank; nobody has taken it yet."""
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"
    CLOSED = "closed"


LIVE: Final = frozenset({PaymentStatus.OPEN, PaymentStatus.REQUIRES_ACTION})
SET_ASIDE_FOR: Final = timedelta(days=5)
"""So long a bank keeps money for a seller who does not take it."""


class Choice(StrEnum):
    """What a buyer can do on the page, and on the bank's page behind it."""

    PAY = "pay"
    DECLINE = "decline"
    THREE_D_SECURE = "three_d_secure"
    APPROVE = "approve"
    REJECT = "reject"
    ABANDON = "abandon"
    PAY_LATE = "pay_late"
    AUTHORISE = "authorise"


@frozen
class PaymentRequest:
    """What the caller asked for. The same request again is the same payment; another one is a conflict."""

    payment_id: str | None
    """None: it was taken by hand, in the dashboard. Then there is nobody to return to, and nobody is told."""
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
    authorised_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def due_at(self) -> datetime | None:
        """When it changes by itself."""
        if self.is_live:
            return self.request.expires_at
        if self.status is PaymentStatus.AUTHORISED and self.captures_late_at is None:
            assert self.authorised_at is not None, "what is set aside has been so since some instant"
            return self.authorised_at + SET_ASIDE_FOR
        return self.captures_late_at

    def next_by(self, at: datetime) -> Self:
        """One step that time alone has brought by that instant; itself if there is none."""
        if self.due_at is None or at < self.due_at:
            return self
        if self.is_live:
            return evolve(self, status=PaymentStatus.EXPIRED, reason="nobody paid in time")
        if self.captures_late_at is None:
            return self._failed("the seller did not take the money in time")
        return self.captured(at)

    def close(self) -> Self:
        """No more money. What is only set aside is let go; what is taken stays."""
        if self.status is PaymentStatus.AUTHORISED:
            reason = "the seller let go of what was set aside"
            return evolve(self, status=PaymentStatus.CLOSED, reason=reason, captures_late_at=None)
        if not self.is_live:
            return self
        return evolve(self, status=PaymentStatus.CLOSED, reason="the seller closed the page")

    def choose(self, choice: Choice, at: datetime, delay_s: int = 0) -> Self:
        """What the buyer chose. A captured payment stays as it is; PageIsOver if the choice came too late.

        Captured late, what is set aside stays so until then; everything else counts as failed.
        """
        if self.status is PaymentStatus.CAPTURED or choice is Choice.ABANDON:
            return self
        if choice is Choice.PAY_LATE:
            failed = self._failed("the bank did not answer in time") if self.is_live else self
            return evolve(failed, captures_late_at=at + timedelta(seconds=delay_s))
        if not self.is_live:
            raise PageIsOver(self.reason)
        if choice is Choice.THREE_D_SECURE:
            return evolve(self, status=PaymentStatus.REQUIRES_ACTION)
        if choice is Choice.AUTHORISE:
            return evolve(self, status=PaymentStatus.AUTHORISED, authorised_at=at)
        if choice in {Choice.PAY, Choice.APPROVE}:
            return self.captured(at)
        return self._failed("the bank declined" if choice is Choice.DECLINE else "the buyer failed 3-D Secure")

    def captured(self, at: datetime) -> Self:
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

    refund_id: str | None
    """None: it was started by hand, in the dashboard."""
    payment_id: str | None
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


class DisputeStatus(StrEnum):
    OPEN = "open"
    WON = "won"
    """The seller keeps the money."""
    LOST = "lost"
    """The buyer's bank keeps it."""


@frozen
class Dispute:
    """A buyer asked their bank to take the money back. Its fee is kept, whatever its end."""

    reference: str
    payment_reference: str
    amount_minor: int
    reason: str
    fee_minor: int
    opened_at: datetime
    status: DisputeStatus = DisputeStatus.OPEN
    closed_at: datetime | None = None


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
