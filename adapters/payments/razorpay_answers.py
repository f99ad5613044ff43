"""What Razorpay says, read strictly. Whatever does not fit leaves the outcome unknown."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from adapters.payments.razorpay_amounts import answered
from application.ports.payment_gateway import (
    ChargeState,
    DisputeReport,
    DisputeState,
    RefundReceipt,
    RefundState,
    StatementLine,
)
from domain.ids import PaymentId, RefundId
from domain.money import AMOUNT_MAX, Money

Reference = Annotated[str, Meta(pattern=r"\A[a-z]{2,8}_[A-Za-z0-9]{1,40}\Z")]
AmountMinor = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
UnixTime = Annotated[int, Meta(ge=0, le=4_765_046_400)]
"""No later than what Razorpay itself takes for a time."""
PageUrl = Annotated[str, Meta(pattern=r"\Ahttps?://[!-~]+\Z", max_length=2048)]
Notes = dict[str, Any] | list[Any] | None
"""An empty set of notes is written as a list, or not at all."""

PAYMENT_NOTE: Final = "payment_id"
REFUND_NOTE: Final = "refund_id"
_OURS: Final = re.compile(r"[a-z]{3}_[0-9a-z]{1,36}")
"""Identifiers of ours, unlike what others note for what they sell through the same account."""

_REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "processed": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
}


class PaymentAnswer(Struct, frozen=True):
    """One attempt of a buyer to pay a link or an order."""

    id: Reference
    amount: AmountMinor
    currency: str
    status: Literal["created", "authorized", "captured", "refunded", "failed"]
    created_at: UnixTime
    order_id: str | None = None
    amount_refunded: AmountMinor | None = 0
    fee: AmountMinor | None = None
    base_currency: str | None = None
    notes: Notes = None

    @property
    def money(self) -> Money:
        return answered(self.amount, self.currency)

    @property
    def is_taken(self) -> bool:
        """Whether it took money, though all of it may have gone back."""
        return self.status in {"captured", "refunded"}

    @property
    def kept(self) -> Money | None:
        """What Razorpay keeps of it, tax included; of foreign money it keeps its part in its own."""
        return None if self.fee is None else answered(self.fee, self.base_currency or self.currency)

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.created_at, UTC)

    def line(self) -> StatementLine:
        refunded = answered(self.amount_refunded or 0, self.currency)
        return StatementLine(payment_of(self.notes), self.id, self.money, refunded, self.at)


class PaidAnswer(Struct, frozen=True):
    payment_id: Reference


class LinkAnswer(Struct, frozen=True):
    id: Reference
    amount: AmountMinor
    currency: str
    status: Literal["created", "partially_paid", "paid", "expired", "cancelled"]
    short_url: PageUrl
    reference_id: str | None = None
    order_id: Reference | Literal[""] | None = None
    """Comes with the first buyer who opens the page."""
    payments: tuple[PaidAnswer, ...] | None = None

    @property
    def money(self) -> Money:
        return answered(self.amount, self.currency)

    @property
    def is_over(self) -> bool:
        return self.status in {"expired", "cancelled"}


class LinksAnswer(Struct, frozen=True):
    """This list alone is not called `items`; it must be there, so that a misreading is never taken for an empty one."""

    payment_links: tuple[LinkAnswer, ...]


class OrderAnswer(Struct, frozen=True):
    id: Reference
    amount: AmountMinor
    currency: str
    created_at: UnixTime
    receipt: str | None = None
    notes: Notes = None

    @property
    def money(self) -> Money:
        return answered(self.amount, self.currency)


class RefundAnswer(Struct, frozen=True):
    id: Reference
    payment_id: Reference
    amount: AmountMinor
    currency: str
    status: Literal["pending", "processed", "failed"]
    receipt: str | None = None
    notes: Notes = None

    @property
    def refund_id(self) -> RefundId | None:
        """Ours, if we asked for it."""
        return refund_of(self.notes, self.receipt)

    def received(self) -> RefundReceipt:
        reason = "Razorpay reports that the refund failed" if self.status == "failed" else ""
        state = _REFUND_STATES[self.status]
        return RefundReceipt(self.refund_id, self.id, state, answered(self.amount, self.currency), reason)


class DisputeAnswer(Struct, frozen=True):
    id: Reference
    payment_id: Reference
    amount: AmountMinor
    currency: str
    status: str
    amount_deducted: AmountMinor | None = 0
    reason_code: str | None = None
    reason_description: str | None = None

    @property
    def state(self) -> DisputeState:
        """Closed is what ends without a verdict: whether money was taken then says who has it."""
        match self.status:
            case "won":
                return DisputeState.WON
            case "lost":
                return DisputeState.LOST
            case "closed":
                return DisputeState.LOST if self.amount_deducted else DisputeState.WON
            case _:
                return DisputeState.OPEN

    def report(self) -> DisputeReport:
        reason = self.reason_description or self.reason_code or self.status
        # Nothing is taken before it is lost, and then perhaps less than was contested.
        amount = answered(self.amount_deducted or self.amount, self.currency)
        return DisputeReport(self.id, self.state, amount, reason, withdrawn=self.state is DisputeState.LOST)


def standing(payments: Iterable[PaymentAnswer], *, is_over: bool) -> tuple[ChargeState, PaymentAnswer | None]:
    """Where an order stands by all the attempts to pay it, and the one that decides.

    Money that was taken counts before all else, whatever became of the page: a bank may say yes long after a no.
    """
    by_status = {payment.status: payment for payment in sorted(payments, key=lambda one: one.created_at, reverse=True)}
    for status in ("captured", "refunded"):
        if status in by_status:
            return ChargeState.CAPTURED, by_status[status]
    if "authorized" in by_status:
        return ChargeState.AUTHORISED, by_status["authorized"]
    if is_over:
        return ChargeState.FAILED, None
    if "created" in by_status:
        return ChargeState.REQUIRES_ACTION, None
    return (ChargeState.FAILED, None) if "failed" in by_status else (ChargeState.PENDING, None)


def payment_of(notes: Notes, *names: str | None) -> PaymentId | None:
    """Our reference, as we noted it or named things by it; None for what others of the account sell."""
    found = _first(notes, PAYMENT_NOTE, names)
    return None if found is None else PaymentId(found)


def refund_of(notes: Notes, *names: str | None) -> RefundId | None:
    """The same for a refund."""
    found = _first(notes, REFUND_NOTE, names)
    return None if found is None else RefundId(found)


def _first(notes: Notes, note: str, names: Iterable[str | None]) -> str | None:
    noted = notes.get(note) if isinstance(notes, dict) else None
    return next((name for name in (noted, *names) if isinstance(name, str) and _OURS.fullmatch(name)), None)
