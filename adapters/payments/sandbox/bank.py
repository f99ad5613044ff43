"""The rules of the sandbox's bank: each deed and the notices that it causes are stored together or not at all."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from adapters.payments.sandbox.announcing import Announcing
from adapters.payments.sandbox.fees import dispute_fee
from adapters.payments.sandbox.records import (
    Choice,
    Dispute,
    DisputeStatus,
    Payment,
    PaymentRequest,
    PaymentStatus,
    Refund,
    RefundPlan,
    RefundRequest,
)
from adapters.payments.sandbox.refusals import Conflict, Refused, Unknown
from adapters.payments.sandbox.statement import Place, Statement
from adapters.payments.sandbox.storage import Storage

BATCH_MAX: Final = 100
PAGE_LIFE_MAX: Final = timedelta(days=30)
MOVEMENTS_MAX: Final = 100
"""Refunds of one payment, and disputes about it: so many fit into one answer."""


@frozen
class Bank:
    """Holds the buyers' money that does not exist. Not for two threads at once: see Desk."""

    storage: Storage
    account: str
    random_name: Callable[[], str] = field(default=lambda: secrets.token_hex(16))

    @property
    def announcing(self) -> Announcing:
        return Announcing(self.storage, self.account, self.random_name)

    def open_payment(self, request: PaymentRequest, at: datetime) -> tuple[Statement, bool]:
        """The payment of that id, and whether it is new. The same id with other contents is a Conflict."""
        assert request.payment_id is not None, "an order has an id"
        with self.storage.transaction():
            known = self.storage.payment(request.payment_id)
            if known is not None:
                if known.request != request:
                    raise Conflict("payment_differs", "that payment_id stands for a payment with other contents")
                return self._statement(self._brought_to(known, at)), False
            if not at < request.expires_at <= at + PAGE_LIFE_MAX:
                raise Refused("expires_at_out_of_range", "expires_at must lie ahead, at most 30 days")
            payment = self._new_payment(request, at)
            self.storage.add_payment(payment)
            return self._statement(payment), True

    def take_by_hand(self, amount_minor: int, currency: str, description: str, at: datetime) -> Statement:
        """A captured payment that nobody ordered. Nobody is told: only orders name an address for that."""
        request = PaymentRequest(None, amount_minor, currency, description, "", "", "", at)
        with self.storage.transaction():
            payment = self._new_payment(request, at).captured(at)
            self.storage.add_payment(payment)
            return self._statement(payment)

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

    def capture(self, payment_id: str, amount_minor: int, currency: str, at: datetime) -> Statement:
        """Take the whole of what is set aside. Taken already is as good; any other amount is refused."""
        with self.storage.transaction():
            payment = self._known(payment_id, at)
            if (amount_minor, currency) != (payment.request.amount_minor, payment.request.currency):
                raise Refused("capture_differs", "only the whole amount can be captured")
            return self._taken(payment, at)

    def capture_by_hand(self, reference: str, at: datetime) -> Statement:
        with self.storage.transaction():
            return self._taken(self._referenced(reference, at), at)

    def by_reference(self, reference: str, at: datetime) -> Statement:
        """What the bank itself calls it: not all payments have an id of the caller's."""
        with self.storage.transaction():
            return self._statement(self._referenced(reference, at))

    def latest(self, limit: int) -> Sequence[Statement]:
        """The payments that were opened last, the newest first."""
        return [self._statement(payment) for payment in self.storage.latest_payments(limit)]

    def captured(
        self, start: datetime, end: datetime, after: Place, limit: int
    ) -> tuple[Sequence[Statement], Place | None]:
        """The payments captured from `start` until before `end`, oldest first, and where the next page begins."""
        rows = self.storage.payments_captured(start, end, after, limit + 1)
        page = rows[:limit]
        following = page[-1][0] if len(rows) > len(page) else None
        return [self._statement(payment) for _, payment in page], following

    def give_back(self, request: RefundRequest, plan: RefundPlan, at: datetime) -> tuple[Refund, bool]:
        """The refund of that id, and whether it is new. Never more than was captured, whatever is still pending."""
        assert request.refund_id is not None, "a refund that is asked for has an id"
        assert request.payment_id is not None, "it names its payment"
        with self.storage.transaction():
            known = self.storage.refund(request.refund_id)
            if known is not None:
                if known.request != request:
                    raise Conflict("refund_differs", "that refund_id stands for a refund with other contents")
                return self._settled(known, at), False
            self._check_refund(request, self._known(request.payment_id, at))
            return self._given_back(request, plan, at), True

    def give_back_by_hand(self, reference: str, amount_minor: int, plan: RefundPlan, at: datetime) -> Refund:
        """A refund that somebody starts in the dashboard: it has no id of the caller's."""
        with self.storage.transaction():
            payment = self._referenced(reference, at)
            asked = payment.request
            request = RefundRequest(None, asked.payment_id, reference, amount_minor, asked.currency)
            self._check_refund(request, payment)
            return self._given_back(request, plan, at)

    def open_dispute(self, reference: str, amount_minor: int, reason: str, at: datetime) -> Dispute:
        """The buyer's bank takes that much until it has decided. One dispute at a time."""
        with self.storage.transaction():
            payment = self._referenced(reference, at)
            self._check_left(self._statement(payment), amount_minor)
            fee_minor = dispute_fee(payment.request.currency)
            dispute = Dispute(f"sbx_dsp_{self.random_name()}", reference, amount_minor, reason, fee_minor, at)
            self.storage.add_dispute(dispute)
            self.announcing.dispute(dispute, payment, at)
            return dispute

    def close_dispute(self, reference: str, at: datetime, *, won: bool) -> Dispute:
        """The bank decides on the open dispute about that payment; Conflict if there is none."""
        with self.storage.transaction():
            payment = self._referenced(reference, at)
            dispute = self._statement(payment).open_dispute
            if dispute is None:
                raise Conflict("no_open_dispute", "there is no open dispute about that payment")
            status = DisputeStatus.WON if won else DisputeStatus.LOST
            closed = evolve(dispute, status=status, closed_at=at)
            self.storage.put_dispute(closed)
            self.announcing.dispute(closed, payment, at)
            return closed

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

    def _referenced(self, reference: str, at: datetime) -> Payment:
        payment = self.storage.payment_by_reference(reference)
        if payment is None:
            raise Unknown("payment_not_found", "there is no such payment")
        return self._brought_to(payment, at)

    def _new_payment(self, request: PaymentRequest, at: datetime) -> Payment:
        return Payment(request, f"sbx_pay_{self.random_name()}", self.random_name(), at)

    def _taken(self, payment: Payment, at: datetime) -> Statement:
        if payment.status not in {PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED}:
            raise Conflict("not_authorised", "only what is set aside at the buyer's bank can be captured")
        if payment.status is PaymentStatus.AUTHORISED:
            payment = self._move(payment, payment.captured(at), at)
        return self._statement(payment)

    def _check_refund(self, request: RefundRequest, payment: Payment) -> None:
        if payment.reference != request.payment_reference or payment.request.currency != request.currency:
            raise Refused("refund_mismatch", "payment_reference and currency must be those of the payment")
        self._check_left(self._statement(payment), request.amount_minor)

    def _check_left(self, statement: Statement, amount_minor: int) -> None:
        """Refunds and disputes draw on the same money: together they never take more than was captured."""
        if statement.payment.status is not PaymentStatus.CAPTURED:
            raise Conflict("not_captured", "only captured money can go back")
        if statement.open_dispute is not None:
            raise Conflict("disputed", "nothing goes back while a dispute is open")
        if not 0 < amount_minor <= statement.left_minor:
            raise Refused("more_than_captured", f"at most {statement.left_minor} minor units are left to go back")
        if max(len(statement.refunds), len(statement.disputes)) >= MOVEMENTS_MAX:
            raise Refused("too_many_movements", f"a payment has at most {MOVEMENTS_MAX} refunds, and as many disputes")

    def _given_back(self, request: RefundRequest, plan: RefundPlan, at: datetime) -> Refund:
        settles_at = at + timedelta(seconds=plan.after_s)
        refund = Refund(request, f"sbx_ref_{self.random_name()}", at, settles_at, plan.settles_as)
        self.storage.add_refund(refund)
        settled = self._settled(refund, at)
        if settled is refund:
            self._announce_refund(refund, at)
        return settled

    def _statement(self, payment: Payment) -> Statement:
        kept = self.storage
        return Statement(payment, kept.refunds_of(payment.reference), kept.disputes_of(payment.reference))

    def _brought_to(self, payment: Payment, at: datetime) -> Payment:
        while (following := payment.next_by(at)) is not payment:
            payment = self._move(payment, following, at)
        return payment

    def _move(self, before: Payment, after: Payment, at: datetime) -> Payment:
        if after == before:
            return before
        self.storage.put_payment(after)
        if after.status is not before.status:
            self.announcing.payment(after, at)
        return after

    def _settled(self, refund: Refund, at: datetime) -> Refund:
        settled = refund.next_by(at)
        if settled is refund:
            return refund
        self.storage.put_refund(settled)
        self._announce_refund(settled, at)
        return settled

    def _announce_refund(self, refund: Refund, at: datetime) -> None:
        payment = self.storage.payment_by_reference(refund.request.payment_reference)
        assert payment is not None, "a refund belongs to a payment"
        self.announcing.refund(refund, payment, at)
