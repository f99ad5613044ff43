"""The bodies that go in and out of the sandbox's JSON API, with their limits."""

from datetime import datetime
from typing import Annotated, Self, TypeVar

import msgspec
from msgspec import Meta, Struct

from adapters.payments.sandbox.records import Dispute, PaymentRequest, Refund, RefundRequest, RefundStatus
from adapters.payments.sandbox.refusals import Refused
from adapters.payments.sandbox.statement import Statement
from adapters.payments.sandbox.urls import URL_LENGTH_MAX, is_web_url
from domain.errors import InvalidValue
from domain.money import AMOUNT_MAX, exponent

T = TypeVar("T")

Identifier = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
AmountMinor = Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
Url = Annotated[str, Meta(min_length=1, max_length=URL_LENGTH_MAX)]
Instant = Annotated[datetime, Meta(tz=True)]


class PaymentBody(Struct, frozen=True, forbid_unknown_fields=True):
    payment_id: Identifier
    amount_minor: AmountMinor
    currency: Currency
    description: Annotated[str, Meta(min_length=1, max_length=500)]
    buyer_email: Annotated[str, Meta(min_length=3, max_length=254)]
    return_url: Url
    webhook_url: Url
    expires_at: Instant

    def request(self) -> PaymentRequest:
        """The request, after what a schema cannot say was checked too."""
        check_currency(self.currency)
        for name, url in (("return_url", self.return_url), ("webhook_url", self.webhook_url)):
            if not is_web_url(url):
                raise Refused("bad_url", f"{name} must be an absolute http or https address")
        return PaymentRequest(
            self.payment_id,
            self.amount_minor,
            self.currency,
            self.description,
            self.buyer_email,
            self.return_url,
            self.webhook_url,
            self.expires_at,
        )


class RefundBody(Struct, frozen=True, forbid_unknown_fields=True):
    refund_id: Identifier
    payment_id: Identifier
    payment_reference: Identifier
    amount_minor: AmountMinor
    currency: Currency

    def request(self) -> RefundRequest:
        check_currency(self.currency)
        return RefundRequest(self.refund_id, self.payment_id, self.payment_reference, self.amount_minor, self.currency)


class CaptureBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole amount, repeated by the caller, so that no mistake about it takes money."""

    amount_minor: AmountMinor
    currency: Currency


class RefundView(Struct, frozen=True):
    reference: str
    refund_id: str | None
    """None: it was started by hand, in the dashboard."""
    payment_id: str | None
    status: str
    reason: str
    amount_minor: int
    currency: str
    created_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> Self:
        request = refund.request
        return cls(
            refund.reference,
            request.refund_id,
            request.payment_id,
            refund.status.value,
            refund.reason,
            request.amount_minor,
            request.currency,
            refund.created_at,
        )


class PaymentView(Struct, frozen=True):
    reference: str
    payment_id: str | None
    status: str
    reason: str
    amount_minor: int
    currency: str
    fee_minor: int | None
    """What the sandbox keeps; None until there is money."""
    refunded_minor: int
    refund_pending_minor: int
    refunds: list[RefundView]
    disputed: bool
    """Whether a dispute was ever opened."""
    page_url: str
    created_at: datetime
    expires_at: datetime
    captured_at: datetime | None

    @classmethod
    def of(cls, statement: Statement, base_url: str) -> Self:
        payment, request = statement.payment, statement.payment.request
        return cls(
            payment.reference,
            request.payment_id,
            payment.status.value,
            payment.reason,
            request.amount_minor,
            request.currency,
            statement.fee_minor,
            statement.given_back(RefundStatus.SUCCEEDED),
            statement.given_back(RefundStatus.PENDING),
            [RefundView.of(refund) for refund in statement.refunds],
            bool(statement.disputes),
            f"{base_url}/pay/{payment.page_token}",
            payment.created_at,
            request.expires_at,
            payment.captured_at,
        )


class DisputeView(Struct, frozen=True):
    reference: str
    payment_id: str | None
    status: str
    reason: str
    amount_minor: int
    fee_minor: int
    currency: str
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, dispute: Dispute, statement: Statement) -> Self:
        request = statement.payment.request
        return cls(
            dispute.reference,
            request.payment_id,
            dispute.status.value,
            dispute.reason,
            dispute.amount_minor,
            dispute.fee_minor,
            request.currency,
            dispute.opened_at,
            dispute.closed_at,
        )


class DisputesView(Struct, frozen=True):
    items: list[DisputeView]

    @classmethod
    def of(cls, statement: Statement) -> Self:
        return cls([DisputeView.of(dispute, statement) for dispute in statement.disputes])


class StatementLineView(Struct, frozen=True):
    """One captured payment. Short, so that a page of them always fits into one answer."""

    reference: str
    payment_id: str | None
    amount_minor: int
    refunded_minor: int
    """What went back, or is about to."""
    fee_minor: int
    currency: str
    captured_at: datetime

    @classmethod
    def of(cls, statement: Statement) -> Self:
        payment, request, fee_minor = statement.payment, statement.payment.request, statement.fee_minor
        assert payment.captured_at is not None, "only captured payments are lines"
        assert fee_minor is not None, "every captured payment has a fee"
        return cls(
            payment.reference,
            request.payment_id,
            request.amount_minor,
            statement.refunded_minor,
            fee_minor,
            request.currency,
            payment.captured_at,
        )


class StatementView(Struct, frozen=True):
    items: list[StatementLineView]
    next_cursor: str | None


class ProblemView(Struct, frozen=True):
    code: str
    message: str


def decoded(kind: type[T], body: bytes) -> T:
    """A body read strictly. Litestar's own reading would take "1500" for 1500 and a number for an instant."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("invalid_body", str(error)) from None


def instant(name: str, text: str) -> datetime:
    """An instant in a query, as RFC 3339 writes it: with its zone."""
    try:
        read: datetime = msgspec.convert(text, Instant)
    except msgspec.ValidationError:
        raise Refused("bad_instant", f"{name} must be an instant such as 2026-11-22T18:00:00Z") from None
    return read


def check_currency(currency: str) -> None:
    """Refused unless amounts of it have a meaning."""
    try:
        exponent(currency)
    except InvalidValue as error:
        raise Refused(error.code, str(error)) from None
