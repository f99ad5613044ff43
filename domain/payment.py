"""Payment: one attempt to pay for a booking through one gateway.

States only move forward, and where they end depends on the set of what the gateway said, not on its order.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.errors import DomainError, NotAllowedNow
from domain.facts import Aggregate
from domain.ids import AccountId, BookingId, DisputeId, EventId, PaymentId
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


class PaymentDisputed(NotAllowedNow):
    """The buyer's bank is asking for the money back: a refund now would give it back twice."""

    code = "payment_disputed"


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
    checkout: tuple[tuple[str, str], ...] = ()
    """Names and values that a page of ours hands to the gateway's script; none if it is paid on the gateway's page."""
    captured_at: datetime | None = None
    quarantined: str = ""
    """Why the gateway's word was not followed; empty if all is well."""
    refunding: Money = field()
    """Our own reserved, pending and succeeded refunds together."""
    outside: Money = field()
    """What was given back by hand in the gateway's dashboard."""
    dispute_ids: tuple[DisputeId, ...] = ()
    disputed: bool = False
    """Whether a dispute is open: nothing is refunded until it is closed."""
    charged_back: Money = field()
    """What lost disputes took."""
    fee: Money | None = None
    """What the gateway kept; None while it has not said."""
    announced: bool = False
    """Whether the gateway ever sent a notice about it."""

    @refunding.default
    def _no_refund(self) -> Money:
        return Money.zero(self.amount.currency)

    @outside.default
    def _nothing_outside(self) -> Money:
        return Money.zero(self.amount.currency)

    @charged_back.default
    def _nothing_charged_back(self) -> Money:
        return Money.zero(self.amount.currency)

    def __attrs_post_init__(self) -> None:
        assert self.refunding.amount_minor >= 0, "refunds are never negative"
        assert self.refunding <= self.amount, "refunds never exceed the payment"

    def submitted(self, gateway_reference: str, page_url: str, at: datetime) -> Self:
        """The gateway opened its page."""
        return evolve(
            self._forward_to(PaymentStatus.SUBMITTED, at), gateway_reference=gateway_reference, page_url=page_url
        )

    def embedded(self, gateway_reference: str, checkout: Mapping[str, str], at: datetime) -> Self:
        """The gateway is ready to be paid inside a page of ours."""
        submitted = self.submitted(gateway_reference, "", at)
        return evolve(submitted, checkout=tuple(sorted(checkout.items())))

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
            return evolve(self, quarantined="") if self.quarantined else self
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
    def is_captured(self) -> bool:
        return self.status is PaymentStatus.CAPTURED

    @property
    def remaining(self) -> Money:
        """What was captured and neither went back nor is on its way back, to the buyer or the buyer's bank."""
        zero = Money.zero(self.amount.currency)
        if not self.is_captured:
            return zero
        # A refund made by hand may overlap one that we have reserved and that will be refused.
        left = self.amount - self.refunding - self.outside - self.charged_back
        return left if left.amount_minor > 0 else zero

    @property
    def is_overdrawn(self) -> bool:
        """Whether the buyer's bank took what was already set aside for going back."""
        return bool(self.charged_back) and not self.refunding + self.outside + self.charged_back <= self.amount

    @property
    def refundable(self) -> Money:
        """What may be refunded now."""
        return Money.zero(self.amount.currency) if self.disputed else self.remaining

    def check_undisputed(self) -> None:
        """PaymentDisputed while a dispute about it is open."""
        if self.disputed:
            raise PaymentDisputed("the payment is disputed: wait until the dispute is won or lost")

    def reserve_refund(self, amount: Money) -> Self:
        """Set an amount aside for going back, before any gateway is asked."""
        self.check_undisputed()
        if not self.refundable:
            raise NothingToRefund(f"payment {self.id} has nothing left to refund")
        if amount.amount_minor <= 0 or not amount <= self.refundable:
            raise RefundTooLarge(f"{amount} cannot be refunded: {self.refundable} remains of {self.amount}")
        return evolve(self, refunding=self.refunding + amount)

    def release_refund(self, amount: Money) -> Self:
        """A refund failed: its amount may be refunded again."""
        return evolve(self, refunding=self.refunding - amount)

    def refunded_outside(self, amount: Money) -> Self:
        """Somebody gave money back in the gateway's dashboard; negative if that failed."""
        return evolve(self, outside=self.outside + amount)

    def contested(self, dispute_ids: Iterable[DisputeId], *, is_open: bool, charged_back: Money) -> Self:
        """Where all disputes about it stand together."""
        return evolve(self, dispute_ids=tuple(dispute_ids), disputed=is_open, charged_back=charged_back)

    def cost(self, fee: Money) -> Self:
        """What the gateway kept, said once."""
        return self if self.fee is not None else evolve(self, fee=fee)

    def forget_page(self) -> Self:
        """Without what the buyer was shown to pay on: a gateway may have written name and address into it."""
        return evolve(self, page_url="", checkout=())
