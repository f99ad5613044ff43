"""The bodies that go in and out of the sandbox's JSON API, with their limits."""

from datetime import datetime
from typing import Annotated, Self, TypeVar

import msgspec
from msgspec import Meta, Struct

from adapters.payments.sandbox.bank import Refused, Statement
from adapters.payments.sandbox.records import PaymentRequest, Refund, RefundRequest, RefundStatus
from adapters.payments.sandbox.urls import URL_LENGTH_MAX, is_web_url
from domain.errors import InvalidValue
from domain.money import AMOUNT_MAX, exponent

T = TypeVar("T")

Identifier = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
AmountMinor = Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
Url = Annotated[str, Meta(min_length=1, max_length=URL_LENGTH_MAX)]


class PaymentBody(Struct, frozen=True, forbid_unknown_fields=True):
    payment_id: Identifier
    amount_minor: AmountMinor
    currency: Currency
    description: Annotated[str, Meta(min_length=1, max_length=500)]
    buyer_email: Annotated[str, Meta(min_length=3, max_length=254)]
    return_url: Url
    webhook_url: Url
    expires_at: Annotated[datetime, Meta(tz=True)]

    def request(self) -> PaymentRequest:
        """The request, after what a schema cannot say was checked too."""
        _check_currency(self.currency)
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
        _check_currency(self.currency)
        return RefundRequest(self.refund_id, self.payment_id, self.payment_reference, self.amount_minor, self.currency)


class RefundView(Struct, frozen=True):
    reference: str
    refund_id: str
    payment_id: str
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
    payment_id: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    refunded_minor: int
    refund_pending_minor: int
    refunds: list[RefundView]
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
            statement.given_back(RefundStatus.SUCCEEDED),
            statement.given_back(RefundStatus.PENDING),
            [RefundView.of(refund) for refund in statement.refunds],
            f"{base_url}/pay/{payment.page_token}",
            payment.created_at,
            request.expires_at,
            payment.captured_at,
        )


class PaymentListView(Struct, frozen=True):
    items: list[PaymentView]
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


def _check_currency(currency: str) -> None:
    try:
        exponent(currency)
    except InvalidValue as error:
        raise Refused(error.code, str(error)) from None
