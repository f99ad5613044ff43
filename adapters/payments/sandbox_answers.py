"""What the sandbox says, read strictly. Whatever does not fit leaves the outcome unknown."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    DisputeReport,
    DisputeState,
    GatewayUnavailable,
    Notice,
    PaymentPage,
    RefundReceipt,
    RefundState,
    StatementLine,
)
from domain.errors import InvalidValue
from domain.ids import PaymentId, RefundId
from domain.money import AMOUNT_MAX, Money

Text = Annotated[str, Meta(max_length=500)]
Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
AmountMinor = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
PageUrl = Annotated[str, Meta(pattern=r"\Ahttps?://[!-~]+\Z", max_length=2048)]

_STATES: Final = {
    "open": ChargeState.PENDING,
    "requires_action": ChargeState.REQUIRES_ACTION,
    "authorised": ChargeState.AUTHORISED,
    "captured": ChargeState.CAPTURED,
    "failed": ChargeState.FAILED,
    "expired": ChargeState.FAILED,
    "closed": ChargeState.FAILED,
}


class RefundAnswer(Struct, frozen=True):
    reference: Name
    refund_id: Name | None
    status: Literal["pending", "succeeded", "failed"]
    reason: Text
    amount_minor: AmountMinor
    currency: str

    def receipt(self, asked: RefundId) -> RefundReceipt:
        """The receipt, if it is for the refund that was asked for."""
        if self.refund_id != asked:
            raise GatewayUnavailable("the sandbox answered about another refund")
        return self.told()

    def told(self) -> RefundReceipt:
        """The receipt of whatever refund it is."""
        refund_id = None if self.refund_id is None else RefundId(self.refund_id)
        amount = _money(self.amount_minor, self.currency)
        return RefundReceipt(refund_id, self.reference, RefundState(self.status), amount, self.reason)


class PaymentAnswer(Struct, frozen=True):
    reference: Name
    payment_id: Name
    status: Literal["open", "requires_action", "authorised", "captured", "failed", "expired", "closed"]
    amount_minor: AmountMinor
    currency: str
    fee_minor: AmountMinor | None
    refunds: tuple[RefundAnswer, ...]
    disputed: bool
    page_url: PageUrl
    captured_at: Annotated[datetime, Meta(tz=True)] | None = None

    def charge(self, asked: PaymentId) -> Charge:
        """The charge, if it is the one that was asked for."""
        if self.payment_id != asked:
            raise GatewayUnavailable("the sandbox answered about another payment")
        if any(refund.currency != self.currency for refund in self.refunds):
            raise GatewayUnavailable("the sandbox answered with refunds in another currency than was paid")
        charge = Charge(
            payment_id=asked,
            gateway_reference=self.reference,
            state=_STATES[self.status],
            amount=_money(self.amount_minor, self.currency),
            refunds=tuple(refund.told() for refund in self.refunds),
            fee=None if self.fee_minor is None else _money(self.fee_minor, self.currency),
            disputed=self.disputed,
        )
        if not charge.refunded <= charge.amount:
            raise GatewayUnavailable("the sandbox answered with more refunds than was paid")
        return charge

    def page(self) -> PaymentPage:
        return PaymentPage(self.reference, self.page_url)


class DisputeAnswer(Struct, frozen=True):
    reference: Name
    payment_id: Name
    status: Literal["open", "won", "lost"]
    reason: Text
    amount_minor: AmountMinor
    fee_minor: AmountMinor
    currency: str

    def report(self, asked: PaymentId) -> DisputeReport:
        """The report, if it is about the payment that was asked for."""
        if self.payment_id != asked:
            raise GatewayUnavailable("the sandbox answered about another payment")
        amount, fee = _money(self.amount_minor, self.currency), _money(self.fee_minor, self.currency)
        return DisputeReport(self.reference, DisputeState(self.status), amount, self.reason, fee)


class DisputesAnswer(Struct, frozen=True):
    items: tuple[DisputeAnswer, ...]


class StatementLineAnswer(Struct, frozen=True):
    reference: Name
    payment_id: Name | None
    amount_minor: AmountMinor
    refunded_minor: AmountMinor
    currency: str
    captured_at: Annotated[datetime, Meta(tz=True)]

    def line(self, start: datetime, end: datetime) -> StatementLine:
        """The line, if it belongs to the span that was asked for."""
        if not start <= self.captured_at < end:
            raise GatewayUnavailable("the sandbox answered about another time")
        return StatementLine(
            payment_id=None if self.payment_id is None else PaymentId(self.payment_id),
            gateway_reference=self.reference,
            amount=_money(self.amount_minor, self.currency),
            refunded=_money(self.refunded_minor, self.currency),
            captured_at=self.captured_at,
        )


class StatementAnswer(Struct, frozen=True):
    items: tuple[StatementLineAnswer, ...]
    next_cursor: Name | None


class ProblemAnswer(Struct, frozen=True):
    code: Text
    message: Text


class NoticeData(Struct, frozen=True):
    payment_id: Name | None = None
    payment_reference: Name | None = None
    refund_id: Name | None = None


class NoticeBody(Struct, frozen=True):
    type: Annotated[str, Meta(pattern=r"\A[a-z_.]{1,64}\Z")]
    account: Text
    data: NoticeData

    def notice(self, message_id: str) -> Notice:
        payment_id, refund_id = self.data.payment_id, self.data.refund_id
        return Notice(
            id=message_id,
            kind=self.type,
            account=self.account,
            payment_id=None if payment_id is None else PaymentId(payment_id),
            refund_id=None if refund_id is None else RefundId(refund_id),
            payment_reference=self.data.payment_reference or "",
        )


def _money(amount_minor: int, currency: str) -> Money:
    try:
        return Money(amount_minor, currency)
    except InvalidValue:
        raise GatewayUnavailable("the sandbox answered with a currency that we do not know") from None
