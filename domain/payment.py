"""Payment: one attempt to pay for a booking through one gateway. Refund: money on its way back.

States only move forward, and where they end depends on the set of what the gateway said, not on its order.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.errors import DomainError
from domain.facts import Aggregate, RefundReserved, RefundSettled
from domain.ids import AccountId, BookingId, EventId, PaymentId, RefundId
from domain.money import Money
from domain.time import is_aware

POLL_PAUSES: Final = tuple(timedelta(minutes=m) for m in (2, 5, 15, 60, 360))
"""How long to wait for a notice before asking the gateway; the last pause repeats."""
POLL_FOR: Final = timedelta(days=5)
"""How long an attempt is asked about that took no money, failed ones too: gateways are known to capture so late."""


class PaymentStatus(StrEnum):
    CREATED = "created"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    CAPTURED = "captured"


_FORWARD: Final = {status: rank for rank, status in enumerate(PaymentStatus)}
"""The order in which a payment may move; failed before captured, since money may come late."""

OPEN: Final = frozenset(PaymentStatus) - {PaymentStatus.FAILED, PaymentStatus.CAPTURED}


class WrongAmount(DomainError):
    """The gateway speaks of another amount or currency than we asked for: nothing moves until a person looks."""

    code = "wrong_amount"


class RefundTooLarge(DomainError):
    """More than what remains of the payment."""

    code = "refund_too_large"


class NothingToRefund(DomainError):
    """No money was captured, or all of it went back already."""

    code = "nothing_to_refund"


@frozen
class Payment(Aggregate):
    """One attempt. Reserved refunds (pending or succeeded) never exceed what was captured."""

    id: PaymentId
    booking_id: BookingId
    event_id: EventId
    buyer_id: AccountId
    gateway: str
    amount: Money
    created_at: datetime = field(validator=is_aware)
    page_expires_at: datetime = field(validator=is_aware)
    next_poll_at: datetime | None = None
    polls: int = 0
    status: PaymentStatus = PaymentStatus.CREATED
    gateway_reference: str = ""
    page_url: str = ""
    captured_at: datetime | None = None
    quarantined: str = ""
    """Why the gateway's word was not followed; empty if all is well."""
    refunding: Money = field()
    """Reserved, pending and succeeded refunds together."""

    @refunding.default
    def _no_refund(self) -> Money:
        return Money.zero(self.amount.currency)

    def __attrs_post_init__(self) -> None:
        assert self.refunding.amount_minor >= 0, "refunds are never negative"
        assert self.refunding <= self.amount, "refunds never exceed the payment"

    def submitted(self, gateway_reference: str, page_url: str, at: datetime) -> Self:
        """The gateway opened its page."""
        return evolve(
            self._forward_to(PaymentStatus.SUBMITTED, at), gateway_reference=gateway_reference, page_url=page_url
        )

    def unknown(self, at: datetime) -> Self:
        """Nobody knows whether the gateway heard us."""
        return self._forward_to(PaymentStatus.UNKNOWN, at)

    def requires_action(self, at: datetime) -> Self:
        return self._forward_to(PaymentStatus.REQUIRES_ACTION, at)

    def failed(self, at: datetime) -> Self:
        return self._forward_to(PaymentStatus.FAILED, at)

    def captured(self, amount: Money, at: datetime, gateway_reference: str = "") -> Self:
        """The money is there. Legal once from every state, failed included."""
        if amount != self.amount:
            raise WrongAmount(f"payment {self.id} asked for {self.amount}, but the gateway took {amount}")
        if self.status is PaymentStatus.CAPTURED:
            return self
        moved = self._forward_to(PaymentStatus.CAPTURED, at)
        reference = gateway_reference or self.gateway_reference
        return evolve(moved, captured_at=at, gateway_reference=reference, quarantined="")

    def quarantine(self, why: str) -> Self:
        """The gateway says what cannot be: nothing moves, and it is asked about until a person has looked."""
        return evolve(self, quarantined=why)

    def _forward_to(self, status: PaymentStatus, at: datetime) -> Self:
        if _FORWARD[status] <= _FORWARD[self.status]:
            return self
        ask_at = None if status is PaymentStatus.CAPTURED else at + POLL_PAUSES[0]
        return evolve(self, status=status, next_poll_at=ask_at)

    def polled(self, at: datetime, *, no_money: bool) -> Self:
        """Asked without news: ask again later.

        `no_money` says that the gateway answered, and that it has taken none. Only such an answer ends the asking, once
        nothing can come any more; silence never does, for an unknown outcome is not a failure.
        """
        if self.status is PaymentStatus.CAPTURED:
            return self
        if no_money and at - self.created_at > POLL_FOR:
            return evolve(self.failed(at), next_poll_at=None)
        pause = POLL_PAUSES[min(self.polls + 1, len(POLL_PAUSES) - 1)]
        return evolve(self, polls=self.polls + 1, next_poll_at=at + pause)

    @property
    def refundable(self) -> Money:
        """What was captured and is not on its way back."""
        if self.status is not PaymentStatus.CAPTURED:
            return Money.zero(self.amount.currency)
        return self.amount - self.refunding

    def reserve_refund(self, amount: Money) -> Self:
        """Set an amount aside for going back, before any gateway is asked."""
        if not self.refundable:
            raise NothingToRefund(f"payment {self.id} has nothing left to refund")
        if amount.amount_minor <= 0 or not amount <= self.refundable:
            raise RefundTooLarge(f"{amount} cannot be refunded: {self.refundable} remains of {self.amount}")
        return evolve(self, refunding=self.refunding + amount)

    def release_refund(self, amount: Money) -> Self:
        """A refund failed: its amount may be refunded again."""
        return evolve(self, refunding=self.refunding - amount)


class RefundStatus(StrEnum):
    RESERVED = "reserved"
    SUBMITTED = "submitted"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


REFUND_SETTLED: Final = frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED})
_REFUND_FORWARD: Final = {status: rank for rank, status in enumerate(RefundStatus)}


@frozen
class Refund(Aggregate):
    """Money on its way back to where it came from."""

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

    @classmethod
    def reserve(cls, refund_id: RefundId, payment: Payment, amount: Money, reason: str, at: datetime) -> Self:
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
        )
        return reserved.telling(RefundReserved(at, refund_id))

    def move(self, status: RefundStatus, at: datetime, *, gateway_reference: str = "", failure: str = "") -> Self:
        """Forward only. Succeeded and failed are final."""
        if self.status in REFUND_SETTLED or _REFUND_FORWARD[status] <= _REFUND_FORWARD[self.status]:
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
        if self.status in REFUND_SETTLED:
            return self
        pause = POLL_PAUSES[min(self.polls + 1, len(POLL_PAUSES) - 1)]
        return evolve(self, polls=self.polls + 1, next_poll_at=at + pause)
