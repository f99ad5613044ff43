"""What Stripe says, read strictly. Whatever does not fit leaves the outcome unknown."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adapters.payments.stripe_line import Page
from adapters.payments.stripe_money import our_money
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    DisputeReport,
    DisputeState,
    GatewayUnavailable,
    RefundReceipt,
    RefundState,
    StatementLine,
)
from domain.ids import PaymentId, RefundId
from domain.money import AMOUNT_MAX, Money

PAYMENT_ID: Final = "payment_id"
REFUND_ID: Final = "refund_id"
"""Under these names our references stand in the metadata of what we make."""

_OURS: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_]{1,255}\Z")]
Units = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
Signed = Annotated[int, Meta(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]
Currency = Annotated[str, Meta(pattern=r"\A[a-z]{3}\Z")]
PageUrl = Annotated[str, Meta(pattern=r"\Ahttps?://[!-~]+\Z", max_length=4096)]
Instant = Annotated[int, Meta(ge=0, le=10**11)]

_REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_DISPUTE_STATES: Final = {
    "warning_needs_response": DisputeState.OPEN,
    "warning_under_review": DisputeState.OPEN,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    # An inquiry that ended, and a dispute that was headed off, take no money.
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}

_SETTLED_BY_THE_TRY: Final = {
    "succeeded": ChargeState.CAPTURED,
    "requires_capture": ChargeState.AUTHORISED,
    "processing": ChargeState.PENDING,
    "canceled": ChargeState.FAILED,
}


def reference(metadata: Mapping[str, str] | None, name: str) -> str | None:
    """Our reference in Stripe's metadata, if there is one that could be ours."""
    found = (metadata or {}).get(name, "")
    return found if _OURS.fullmatch(found) else None


class BalanceTransaction(Struct, frozen=True):
    id: Name
    fee: Signed
    currency: Currency

    def kept(self) -> Money | None:
        """What Stripe keeps; None if it is no whole number of the smallest coin, which no book of ours can hold."""
        try:
            return our_money(self.fee, self.currency)
        except GatewayUnavailable:
            return None


class RefundAnswer(Struct, frozen=True):
    id: Name
    amount: Units
    currency: Currency
    status: Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
    payment_intent: Name | None = None
    metadata: Mapping[str, str] | None = None
    failure_reason: str | None = None

    @property
    def refund_id(self) -> RefundId | None:
        ours = reference(self.metadata, REFUND_ID)
        return None if ours is None else RefundId(ours)

    def receipt(self) -> RefundReceipt:
        state = _REFUND_STATES[self.status]
        reason = (self.failure_reason or self.status) if state is RefundState.FAILED else ""
        return RefundReceipt(self.refund_id, self.id, state, our_money(self.amount, self.currency), reason)


class ChargeAnswer(Struct, frozen=True):
    id: Name
    amount: Units
    currency: Currency
    captured: bool
    status: Literal["succeeded", "pending", "failed"]
    amount_captured: Units | None = None
    amount_refunded: Units = 0
    payment_intent: Name | None = None
    metadata: Mapping[str, str] | None = None
    disputed: bool = False
    balance_transaction: BalanceTransaction | Name | None = None
    refunds: Page[RefundAnswer] | None = None

    @property
    def taken(self) -> int:
        """What it took, in Stripe's units."""
        if self.status != "succeeded" or not self.captured:
            return 0
        return self.amount if self.amount_captured is None else self.amount_captured


class IntentAnswer(Struct, frozen=True):
    id: Name
    status: Literal[
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        "canceled",
        "succeeded",
    ]
    amount: Units
    currency: Currency
    amount_received: Units | None = None
    metadata: Mapping[str, str] | None = None
    latest_charge: ChargeAnswer | Name | None = None
    last_payment_error: Mapping[str, object] | None = None

    @property
    def charge(self) -> ChargeAnswer | None:
        return self.latest_charge if isinstance(self.latest_charge, ChargeAnswer) else None

    @property
    def taken(self) -> int:
        if self.amount_received is not None:
            return self.amount_received
        return 0 if self.charge is None else self.charge.taken

    @property
    def is_between(self) -> bool:
        """Whether only its page tells if the buyer may still try."""
        return self.status in {"requires_payment_method", "requires_confirmation", "requires_action"}


class ListedSession(Struct, frozen=True):
    """A page in a list, where pages that are nothing of ours stand too: only what tells them apart is read."""

    id: Name
    client_reference_id: str | None = None


class SessionAnswer(Struct, frozen=True):
    id: Name
    status: Literal["open", "complete", "expired"]
    amount_total: Units
    currency: Currency
    client_reference_id: str | None = None
    payment_intent: IntentAnswer | Name | None = None
    url: PageUrl | None = None

    @property
    def intent(self) -> IntentAnswer | None:
        return self.payment_intent if isinstance(self.payment_intent, IntentAnswer) else None

    @property
    def intent_id(self) -> str:
        """Empty before the buyer first tries to pay."""
        if isinstance(self.payment_intent, IntentAnswer):
            return self.payment_intent.id
        return self.payment_intent or ""


class DisputeAnswer(Struct, frozen=True):
    id: Name
    amount: Units
    currency: Currency
    status: str
    reason: str
    balance_transactions: tuple[BalanceTransaction, ...] = ()

    def report(self) -> DisputeReport:
        state = _DISPUTE_STATES.get(self.status)
        if state is None:
            raise GatewayUnavailable("Stripe answered with a state of a dispute that we do not know")
        amount = our_money(self.amount, self.currency)
        is_inquiry = self.status.startswith("warning_") or self.status == "prevented"
        return DisputeReport(self.id, state, amount, self.reason, self._fee(), withdrawn=not is_inquiry)

    def _fee(self) -> Money | None:
        kept = [one.kept() for one in self.balance_transactions]
        known = [fee for fee in kept if fee is not None]
        if not known or len(known) != len(kept) or len({fee.currency for fee in known}) > 1:
            return None
        return Money.total(known, known[0].currency)


class TakenAnswer(Struct, frozen=True):
    """Money that came to the balance, with the charge that brought it."""

    id: Name
    created: Instant
    source: ChargeAnswer

    def line(self) -> StatementLine:
        charge = self.source
        ours = reference(charge.metadata, PAYMENT_ID)
        return StatementLine(
            payment_id=None if ours is None else PaymentId(ours),
            gateway_reference=charge.payment_intent or charge.id,
            amount=our_money(charge.taken, charge.currency),
            refunded=our_money(charge.amount_refunded, charge.currency),
            captured_at=datetime.fromtimestamp(self.created, UTC),
        )


def charge_of(
    asked: PaymentId,
    session: SessionAnswer | None,
    intent: IntentAnswer | None,
    refunds: Sequence[RefundAnswer],
) -> Charge:
    """Where a payment stands by its page and by the buyer's last try at paying there; one of the two is known."""
    if session is not None:
        about = session.client_reference_id
    else:
        about = reference(intent.metadata, PAYMENT_ID) if intent is not None else None
    if about != asked:
        raise GatewayUnavailable("Stripe answered about another payment")
    charge = intent.charge if intent is not None else None
    fee = charge.balance_transaction if charge is not None else None
    return Charge(
        payment_id=asked,
        gateway_reference=_name(session, intent),
        state=_state(session, intent),
        amount=_amount(session, intent),
        refunds=tuple(refund.receipt() for refund in refunds),
        fee=fee.kept() if isinstance(fee, BalanceTransaction) else None,
        disputed=charge is not None and charge.disputed,
    )


def _name(session: SessionAnswer | None, intent: IntentAnswer | None) -> str:
    known = intent or session
    assert known is not None, "whoever asks has found a page or a try at paying"
    return known.id


def _amount(session: SessionAnswer | None, intent: IntentAnswer | None) -> Money:
    if intent is not None and intent.status == "succeeded":
        return our_money(intent.taken, intent.currency)
    if session is not None:
        return our_money(session.amount_total, session.currency)
    assert intent is not None, "whoever asks has found a page or a try at paying"
    return our_money(intent.amount, intent.currency)


def _state(session: SessionAnswer | None, intent: IntentAnswer | None) -> ChargeState:
    if intent is not None and intent.status in _SETTLED_BY_THE_TRY:
        return _SETTLED_BY_THE_TRY[intent.status]
    page = session.status if session is not None else None
    if page == "expired":
        return ChargeState.FAILED
    if intent is None:
        if page == "complete":
            raise GatewayUnavailable("Stripe says that a page is done, and names no payment")
        return ChargeState.PENDING
    if intent.status == "requires_action":
        return ChargeState.REQUIRES_ACTION
    # After a declined card too the buyer may try another, as long as the page is open.
    is_over = page == "complete" or (page is None and bool(intent.last_payment_error))
    return ChargeState.FAILED if is_over and intent.status == "requires_payment_method" else ChargeState.PENDING
