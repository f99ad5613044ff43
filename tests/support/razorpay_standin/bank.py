"""Razorpay's rules: what it keeps, what it refuses and in which words, and what buyers and their banks do."""

import secrets
import time
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from attrs import define, field

from tests.support.razorpay_standin.courier import Courier
from tests.support.razorpay_standin.records import Dispute, Link, Order, Payment, Refund

T = TypeVar("T")

QUARTER_OF_AN_HOUR: Final = 900
REFERENCE_LETTERS_MAX: Final = 40
RUPEE: Final = 100
THREE_PLACES: Final = frozenset({"KWD", "BHD", "OMR"})


class Refused(Exception):
    """A verdict, as Razorpay words it."""


def known(records: Mapping[str, T], name: str) -> T:
    if name not in records:
        raise Refused("The id provided does not exist")
    return records[name]


@define
class Bank:
    """Everything of one account. Whoever calls holds the lock of the server."""

    courier: Courier
    links: dict[str, Link] = field(factory=dict)
    orders: dict[str, Order] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    refunds: dict[str, Refund] = field(factory=dict)
    disputes: dict[str, Dispute] = field(factory=dict)
    shifted_s: float = 0.0
    captures: bool = True
    """Whether what a buyer's bank approves is captured by itself, as the dashboard's setting says."""
    refunds_after_s: float = 0.0
    refunds_fail: bool = False
    balance: int = 10**9
    _counter: int = 0

    def now(self) -> float:
        return time.time() + self.shifted_s

    def settle(self) -> None:
        """Do what is due: pages end, refunds arrive or fail."""
        for link in self.links.values():
            if link.status == "created" and 0 < link.asked.get("expire_by", 0) <= self.now():
                link.status = "expired"
                self.tell("payment_link.expired", payment_link=link)
        for refund in self.refunds.values():
            if refund.status == "pending" and refund.settles_at <= self.now():
                payment = self.payments[refund.payment_id]
                refund.status = "failed" if refund.fails else "processed"
                if refund.fails:
                    payment.amount_refunded -= refund.amount
                    payment.status = "captured"
                self.tell(f"refund.{refund.status}", refund=refund, payment=payment)

    def open_link(self, asked: dict[str, Any]) -> Link:
        self._check_amount(asked)
        reference = asked.get("reference_id", "")
        if len(reference) > REFERENCE_LETTERS_MAX:
            raise Refused("reference_id: the length must be no more than 40.")
        if reference and any(link.asked.get("reference_id") == reference for link in self.links.values()):
            raise Refused(
                f"payment link with given reference_id: {reference} already exists. "
                "Please create a payment link with a different reference_id"
            )
        if asked.get("expire_by", 10**10) < self.now() + QUARTER_OF_AN_HOUR:
            raise Refused("expire_by should be at least 15 minutes after current time.")
        link = Link(self._name("plink"), asked["amount"], asked["currency"], int(self.now()), asked)
        self.links[link.id] = link
        return link

    def cancel_link(self, name: str) -> Link:
        link = known(self.links, name)
        if link.status != "created":
            raise Refused(f"Payment Link is already in {link.status} state and cannot be cancelled")
        link.status = "cancelled"
        self.tell("payment_link.cancelled", payment_link=link)
        return link

    def open_order(self, asked: dict[str, Any]) -> Order:
        self._check_amount(asked)
        order = Order(self._name("order"), asked["amount"], asked["currency"], int(self.now()))
        order.receipt, order.notes = asked.get("receipt"), asked.get("notes") or {}
        self.orders[order.id] = order
        return order

    def capture(self, name: str, asked: dict[str, Any]) -> Payment:
        payment = known(self.payments, name)
        if payment.status in {"captured", "refunded"}:
            raise Refused("This payment has already been captured")
        if payment.status != "authorized":
            raise Refused("Only payments which have been authorized and not yet captured can be captured")
        if (asked.get("amount"), asked.get("currency", "INR")) != (payment.amount, payment.currency):
            raise Refused("Capture amount must be equal to the amount authorized")
        self._captured(payment)
        return payment

    def refund(self, name: str, asked: dict[str, Any]) -> Refund:
        payment = known(self.payments, name)
        amount = asked.get("amount", payment.left)
        if payment.status not in {"captured", "refunded"}:
            raise Refused("The payment status should be captured for action to be taken")
        if not payment.left:
            raise Refused("The payment has been fully refunded already")
        if amount > payment.left:
            raise Refused("The total refund amount is greater than the refund payment amount")
        if payment.currency == "INR" and amount < RUPEE:
            raise Refused("The amount must be at least INR 1.00")
        if amount > self.balance:
            raise Refused("Your account does not have enough balance to carry out the refund operation.")
        now = self.now()
        refund = Refund(
            self._name("rfnd"), name, amount, payment.currency, int(now), now + self.refunds_after_s, self.refunds_fail
        )
        refund.receipt, refund.notes = asked.get("receipt"), asked.get("notes") or {}
        self.refunds[refund.id] = refund
        payment.amount_refunded += amount
        payment.status = "captured" if payment.left else "refunded"
        self.tell("refund.created", refund=refund, payment=payment)
        self.settle()
        return refund

    def dispute(self, name: str) -> Dispute:
        payment = known(self.payments, name)
        dispute = Dispute(self._name("disp"), name, payment.amount, payment.currency, int(self.now()))
        self.disputes[dispute.id] = dispute
        self.tell("payment.dispute.created", payment=payment, dispute=dispute)
        return dispute

    def decide(self, dispute: Dispute, status: str) -> None:
        dispute.status = status
        self.tell(f"payment.dispute.{status}", payment=self.payments[dispute.payment_id], dispute=dispute)

    def attempt(self, name: str) -> Payment | None:
        """A buyer begins to pay a link or an order; None if it takes no money any more."""
        self.settle()
        link = self.links.get(name)
        if link is not None and link.status != "created":
            return None
        order = self.order_of(name)
        return None if order.status == "paid" else self.began(order, link)

    def began(self, order: Order, link: Link | None) -> Payment:
        payment = Payment(self._name("pay"), order.amount, order.currency, int(self.now()), order.id)
        # What is noted on a link reaches its payments; what is noted on an order does not.
        payment.notes = order.notes if link is not None else {}
        self.payments[payment.id] = payment
        order.attempts += 1
        order.status = "attempted"
        return payment

    def take_by_hand(self, amount: int, currency: str) -> Payment:
        payment = Payment(self._name("pay"), amount, currency, int(self.now()), status="captured")
        self.payments[payment.id] = payment
        return payment

    def order_of(self, name: str) -> Order:
        """The order behind a link, made when somebody first opens the page."""
        if name in self.orders:
            return self.orders[name]
        link = self.links[name]
        if not link.order_id:
            order = Order(self._name("order"), link.amount, link.currency, int(self.now()))
            order.receipt, order.notes = link.asked.get("reference_id"), link.asked.get("notes") or {}
            self.orders[order.id] = order
            link.order_id = order.id
        return self.orders[link.order_id]

    def authorised(self, payment: Payment) -> None:
        """The buyer's bank says yes, if late then after a no."""
        payment.status = "authorized"
        self.tell("payment.authorized", payment=payment)
        if self.captures:
            self._captured(payment)

    def failed(self, payment: Payment) -> None:
        payment.status = "failed"
        self.tell("payment.failed", payment=payment)

    def _captured(self, payment: Payment) -> None:
        payment.status = "captured"
        self.tell("payment.captured", payment=payment)
        order = self.orders[payment.order_id or ""]
        order.status = "paid"
        self.tell("order.paid", payment=payment, order=order)
        for link in self.links.values():
            if link.order_id == order.id and link.status == "created":
                link.status = "paid"
                self.tell("payment_link.paid", payment_link=link, order=order, payment=payment)

    def tell(self, kind: str, **about: Link | Order | Payment | Refund | Dispute) -> None:
        self.courier.tell(kind, {name: record.entity() for name, record in about.items()}, int(self.now()))

    def _check_amount(self, asked: dict[str, Any]) -> None:
        amount, currency = asked.get("amount"), asked.get("currency", "")
        if not isinstance(amount, int) or amount < 1:
            raise Refused("amount: cannot be blank.")
        if currency == "INR" and amount < RUPEE:
            raise Refused("amount: amount should be minimum 1.00 for INR.")
        if currency in THREE_PLACES and amount % 10:
            raise Refused(f"amount: the last digit must be 0 for {currency}.")

    def _name(self, kind: str) -> str:
        self._counter += 1
        return f"{kind}_{self._counter:06d}{secrets.token_hex(4)}"
