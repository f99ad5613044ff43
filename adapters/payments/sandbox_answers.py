"""What the sandbox says, read strictly. Whatever does not fit leaves the outcome unknown."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from application.ports.payment_gateway import (
    Charge,
    ChargeState,
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

OUR_PREFIX: Final = "pay_"
_STATES: Final = {
    "open": ChargeState.PENDING,
    "requires_action": ChargeState.REQUIRES_ACTION,
    "captured": ChargeState.CAPTURED,
    "failed": ChargeState.FAILED,
    "expired": ChargeState.FAILED,
    "closed": ChargeState.FAILED,
}


class RefundAnswer(Struct, frozen=True):
    reference: Name
    refund_id: Name
    status: Literal["pending", "succeeded", "failed"]
    reason: Text
    amount_minor: AmountMinor
    currency: str

    def receipt(self, asked: RefundId) -> RefundReceipt:
        """The receipt, if it is for the refund that was asked for."""
        if self.refund_id != asked:
            raise GatewayUnavailable("the sandbox answered about another refund")
        amount = _money(self.amount_minor, self.currency)
        return RefundReceipt(asked, self.reference, RefundState(self.status), amount, self.reason)


class PaymentAnswer(Struct, frozen=True):
    reference: Name
    payment_id: Name
    status: Literal["open", "requires_action", "captured", "failed", "expired", "closed"]
    amount_minor: AmountMinor
    currency: str
    refunds: tuple[RefundAnswer, ...]
    page_url: PageUrl
    captured_at: Annotated[datetime, Meta(tz=True)] | None = None

    def charge(self, asked: PaymentId) -> Charge:
        """The charge, if it is the one that was asked for."""
        if self.payment_id != asked:
            raise GatewayUnavailable("the sandbox answered about another payment")
        return Charge(
            payment_id=asked,
            gateway_reference=self.reference,
            state=_STATES[self.status],
            amount=_money(self.amount_minor, self.currency),
            refunds=tuple(refund.receipt(RefundId(refund.refund_id)) for refund in self.refunds),
        )

    def page(self) -> PaymentPage:
        return PaymentPage(self.reference, self.page_url)

    def line(self) -> StatementLine | None:
        """What it took, if it did."""
        if self.captured_at is None:
            return None
        charge = self.charge(PaymentId(self.payment_id))
        # Others may be paid through the same sandbox: what is not named as we name payments is not ours.
        ours = charge.payment_id if self.payment_id.startswith(OUR_PREFIX) else None
        return StatementLine(ours, charge.gateway_reference, charge.amount, charge.refunded, self.captured_at)


class PaymentListAnswer(Struct, frozen=True):
    items: tuple[PaymentAnswer, ...]
    next_cursor: Name | None


class ProblemAnswer(Struct, frozen=True):
    code: Text
    message: Text


class NoticeData(Struct, frozen=True):
    payment_id: Name | None = None
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
        )


def _money(amount_minor: int, currency: str) -> Money:
    try:
        return Money(amount_minor, currency)
    except InvalidValue:
        raise GatewayUnavailable("the sandbox answered with a currency that we do not know") from None
