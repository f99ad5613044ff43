"""Refund: money on its way back to where it came from."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.errors import NotAllowedNow
from domain.facts import Aggregate, RefundReserved, RefundSettled
from domain.ids import BookingId, PaymentId, RefundId, TicketId
from domain.money import Money
from domain.payment import POLL_PAUSES, Payment
from domain.time import is_aware


class RefundStatus(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    RESERVED = "reserved"
    SUBMITTED = "submitted"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"


REFUND_SETTLED: Final = frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.REJECTED})
_OVER: Final = frozenset({RefundStatus.FAILED, RefundStatus.REJECTED})
_FORWARD: Final = {status: rank for rank, status in enumerate(RefundStatus)}


class AlreadyDecided(NotAllowedNow):
    """The refund waits for nobody's approval."""

    code = "already_decided"


@frozen
class Refund(Aggregate):
    """Money on its way back. Its amount is set aside on the payment before any gateway is asked."""

    id: RefundId
    payment_id: PaymentId
    booking_id: BookingId
    gateway: str
    amount: Money
    reason: str
    created_at: datetime = field(validator=is_aware)
    next_poll_at: datetime | None = None
    polls: int = 0
    status: RefundStatus = RefundStatus.RESERVED
    gateway_reference: str = ""
    failure: str = ""
    ticket_ids: tuple[TicketId, ...] = ()
    """The tickets that are withdrawn with it; none if it is a mere amount."""
    proposed_by: str = ""
    """Who asked for it, in the words of the audit."""
    approved_by: str = ""
    outside: bool = False
    """Whether it was started in the gateway's dashboard."""

    @classmethod
    def reserve(
        cls,
        refund_id: RefundId,
        payment: Payment,
        amount: Money,
        reason: str,
        at: datetime,
        *,
        proposed_by: str = "",
        ticket_ids: tuple[TicketId, ...] = (),
    ) -> Self:
        """The intent, to be stored in the same commit as `payment.reserve_refund`."""
        reserved = cls(
            id=refund_id,
            payment_id=payment.id,
            booking_id=payment.booking_id,
            gateway=payment.gateway,
            amount=amount,
            reason=reason,
            created_at=at,
            next_poll_at=at + POLL_PAUSES[0],
            ticket_ids=ticket_ids,
            proposed_by=proposed_by,
        )
        return reserved.telling(RefundReserved(at, refund_id))

    @classmethod
    def found_outside(cls, refund_id: RefundId, payment: Payment, amount: Money, at: datetime) -> Self:
        """One that we did not ask for, as the gateway tells of it."""
        return cls(
            id=refund_id,
            payment_id=payment.id,
            booking_id=payment.booking_id,
            gateway=payment.gateway,
            amount=amount,
            reason="started in the dashboard of the payment provider",
            created_at=at,
            next_poll_at=at + POLL_PAUSES[0],
            status=RefundStatus.SUBMITTED,
            outside=True,
        )

    def for_approval(self) -> Self:
        """The same, not to be sent before a second person has agreed."""
        return evolve(self, status=RefundStatus.AWAITING_APPROVAL, next_poll_at=None, facts=())

    def approve(self, by: str, at: datetime) -> Self:
        """A second person agrees: it is sent."""
        self._check_waits()
        approved = evolve(self, status=RefundStatus.RESERVED, approved_by=by, next_poll_at=at + POLL_PAUSES[0])
        return approved.telling(RefundReserved(at, self.id))

    def reject(self, by: str, why: str, at: datetime) -> Self:
        """A second person says no: its amount is released by the caller."""
        self._check_waits()
        rejected = evolve(self, status=RefundStatus.REJECTED, approved_by=by, failure=why)
        return rejected.telling(RefundSettled(at, self.id))

    def _check_waits(self) -> None:
        if self.status is not RefundStatus.AWAITING_APPROVAL:
            raise AlreadyDecided(f"refund {self.id} is {self.status}: there is nothing to decide")

    def move(self, status: RefundStatus, at: datetime, *, gateway_reference: str = "", failure: str = "") -> Self:
        """Forward only. Failed is final; what had succeeded may still come back from the buyer's bank."""
        if self.status in _OVER or _FORWARD[status] <= _FORWARD[self.status]:
            return self
        moved = evolve(
            self,
            status=status,
            gateway_reference=gateway_reference or self.gateway_reference,
            failure=failure,
            next_poll_at=None if status in REFUND_SETTLED else at + POLL_PAUSES[0],
        )
        return moved.telling(RefundSettled(at, self.id)) if status in REFUND_SETTLED else moved

    def polled(self, at: datetime) -> Self:
        """Asked without news: ask again later. A refund is asked about until it is settled."""
        if self.status in REFUND_SETTLED or self.status is RefundStatus.AWAITING_APPROVAL:
            return self
        pause = POLL_PAUSES[min(self.polls + 1, len(POLL_PAUSES) - 1)]
        return evolve(self, polls=self.polls + 1, next_poll_at=at + pause)

    def forget_words(self) -> Self:
        """Without why, in people's words. What went where, and who agreed, stays."""
        return evolve(self, reason="", failure="")
