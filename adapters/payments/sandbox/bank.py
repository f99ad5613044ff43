"""The rules of the sandbox's bank: each deed and the notices that it causes are stored together or not at all."""

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from attrs import field, frozen

from adapters.payments.sandbox.records import (
    Choice,
    Delivery,
    Payment,
    PaymentRequest,
    PaymentStatus,
    Refund,
    RefundPlan,
    RefundRequest,
    RefundStatus,
)
from adapters.payments.sandbox.storage import Storage

PAGE_SIZE_MAX: Final = 100
BATCH_MAX: Final = 100
PAGE_LIFE_MAX: Final = timedelta(days=30)

_KINDS: Final = {
    PaymentStatus.REQUIRES_ACTION: "payment.requires_action",
    PaymentStatus.CAPTURED: "payment.captured",
    PaymentStatus.FAILED: "payment.failed",
    PaymentStatus.EXPIRED: "payment.expired",
    PaymentStatus.CLOSED: "payment.expired",
}


class Refused(Exception):
    """The bank says no, with a stable code for programs and words for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unknown(Refused):
    """Nothing here has that name."""


class Conflict(Refused):
    """The name is taken by something else, or its state does not allow it."""


@frozen
class Statement:
    """A payment and what became of its money."""

    payment: Payment
    refunds: Sequence[Refund] = ()

    def given_back(self, status: RefundStatus) -> int:
        """The sum of its refunds of that status, in minor units."""
        return sum(refund.request.amount_minor for refund in self.refunds if refund.status is status)


@frozen
class Bank:
    """Holds the buyers' money that does not exist. Not for two threads at once: see Desk."""

    storage: Storage
    account: str
    random_name: Callable[[], str] = field(default=lambda: secrets.token_hex(16))

    def open_payment(self, request: PaymentRequest, at: datetime) -> tuple[Statement, bool]:
        """The payment of that id, and whether it is new. The same id with other contents is a Conflict."""
        with self.storage.transaction():
            known = self.storage.payment(request.payment_id)
            if known is not None:
                if known.request != request:
                    raise Conflict("payment_differs", "that payment_id stands for a payment with other contents")
                return self._statement(self._brought_to(known, at)), False
            if not at < request.expires_at <= at + PAGE_LIFE_MAX:
                raise Refused("expires_at_out_of_range", "expires_at must lie ahead, at most 30 days")
            payment = Payment(request, f"sbx_pay_{self.random_name()}", self.random_name(), at)
            self.storage.add_payment(payment)
            return self._statement(payment), True

    def payment(self, payment_id: str, at: datetime) -> Statement:
        with self.storage.transaction():
            return self._statement(self._known(payment_id, at))

    def page(self, page_token: str, at: datetime) -> Payment:
        """The payment whose page that is."""
        with self.storage.transaction():
            return self._page(page_token, at)

    def choose(self, page_token: str, choice: Choice, at: datetime, delay_s: int = 0) -> Payment:
        """Do what the buyer chose on the page. PageIsOver leaves everything as it is."""
        with self.storage.transaction():
            payment = self._page(page_token, at)
            return self._move(payment, payment.choose(choice, at, delay_s), at)

    def close_payment(self, payment_id: str, at: datetime) -> Statement:
        """Take no more money. A payment that is over already stays as it is."""
        with self.storage.transaction():
            payment = self._known(payment_id, at)
            return self._statement(self._move(payment, payment.close(), at))

    def payments_of(self, day: date, after: int) -> tuple[Sequence[Statement], int | None]:
        """The payments that were opened on that day in UTC, a page at a time, and where the next page begins."""
        since = datetime.combine(day, time(), UTC)
        rows = self.storage.payments_created(since, since + timedelta(days=1), after, PAGE_SIZE_MAX + 1)
        page = rows[:PAGE_SIZE_MAX]
        following = page[-1][0] if len(rows) > len(page) else None
        return [self._statement(payment) for _, payment in page], following

    def give_back(self, request: RefundRequest, plan: RefundPlan, at: datetime) -> tuple[Refund, bool]:
        """The refund of that id, and whether it is new. Never more than was captured, whatever is still pending."""
        with self.storage.transaction():
            known = self.storage.refund(request.refund_id)
            if known is not None:
                if known.request != request:
                    raise Conflict("refund_differs", "that refund_id stands for a refund with other contents")
                return self._settled(known, at), False
            self._check_refund(request, self._known(request.payment_id, at))
            settles_at = at + timedelta(seconds=plan.after_s)
            refund = Refund(request, f"sbx_ref_{self.random_name()}", at, settles_at, plan.settles_as)
            self.storage.add_refund(refund)
            return self._settled(refund, at), True

    def refund(self, refund_id: str, at: datetime) -> Refund:
        with self.storage.transaction():
            refund = self.storage.refund(refund_id)
            if refund is None:
                raise Unknown("refund_not_found", "there is no such refund")
            return self._settled(refund, at)

    def settle_due(self, at: datetime) -> int:
        """Bring about what time alone brings: expiries, late captures, refunds. Returns how many were looked at."""
        with self.storage.transaction():
            payments = self.storage.due_payments(at, BATCH_MAX)
            for payment in payments:
                self._brought_to(payment, at)
            refunds = self.storage.due_refunds(at, BATCH_MAX)
            for refund in refunds:
                self._settled(refund, at)
        return len(payments) + len(refunds)

    def _page(self, page_token: str, at: datetime) -> Payment:
        payment = self.storage.payment_by_token(page_token)
        if payment is None:
            raise Unknown("page_not_found", "there is no such payment page")
        return self._brought_to(payment, at)

    def _known(self, payment_id: str, at: datetime) -> Payment:
        payment = self.storage.payment(payment_id)
        if payment is None:
            raise Unknown("payment_not_found", "there is no such payment")
        return self._brought_to(payment, at)

    def _check_refund(self, request: RefundRequest, payment: Payment) -> None:
        if payment.reference != request.payment_reference or payment.request.currency != request.currency:
            raise Refused("refund_mismatch", "payment_reference and currency must be those of the payment")
        if payment.status is not PaymentStatus.CAPTURED:
            raise Conflict("not_captured", "only captured money can be given back")
        statement = self._statement(payment)
        taken = statement.given_back(RefundStatus.SUCCEEDED) + statement.given_back(RefundStatus.PENDING)
        left = payment.request.amount_minor - taken
        if request.amount_minor > left:
            raise Refused("more_than_captured", f"at most {left} minor units are left to give back")

    def _statement(self, payment: Payment) -> Statement:
        return Statement(payment, self.storage.refunds_of(payment.request.payment_id))

    def _brought_to(self, payment: Payment, at: datetime) -> Payment:
        while (following := payment.next_by(at)) is not payment:
            payment = self._move(payment, following, at)
        return payment

    def _move(self, before: Payment, after: Payment, at: datetime) -> Payment:
        if after == before:
            return before
        self.storage.put_payment(after)
        if after.status is not before.status:
            self._announce(_KINDS[after.status], after, None, at)
        return after

    def _settled(self, refund: Refund, at: datetime) -> Refund:
        settled = refund.next_by(at)
        if settled is refund:
            return refund
        self.storage.put_refund(settled)
        payment = self.storage.payment(refund.request.payment_id)
        assert payment is not None, "a refund belongs to a payment"
        self._announce(f"refund.{settled.status}", payment, settled, at)
        return settled

    def _announce(self, kind: str, payment: Payment, refund: Refund | None, at: datetime) -> None:
        # References and the kind: whoever hears it looks the truth up, so that neither order nor age matters.
        data: dict[str, str | int] = {
            "payment_id": payment.request.payment_id,
            "payment_reference": payment.reference,
            "amount_minor": (refund or payment).request.amount_minor,
            "currency": payment.request.currency,
        }
        if refund is not None:
            data |= {"refund_id": refund.request.refund_id, "refund_reference": refund.reference}
        body = {"type": kind, "timestamp": at.isoformat(), "account": self.account, "data": data}
        self.storage.put_delivery(
            Delivery(f"sbx_msg_{self.random_name()}", payment.request.webhook_url, json.dumps(body), due_at=at)
        )
