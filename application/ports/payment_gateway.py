"""Ports to the party that moves buyers' money. Small on purpose: a gateway fills those it can."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from domain.ids import PaymentId, RefundId
from domain.money import Money


class GatewayUnavailable(Exception):
    """Nobody knows whether it happened: a time-out, a broken line, a 5xx or 429.

    Ask again with the same key, or look it up; never with a new key, and never take it as a failure.
    """


class GatewayRefused(Exception):
    """The gateway understood and said no for good; no money moved. The message is the gateway's own."""


class NoticeNotGenuine(Exception):
    """A message whose signature does not hold, that is too old or too new, or that speaks for another account:
    it must not be believed or kept.
    """


class ChargeState(StrEnum):
    """Where the gateway says that a payment stands."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    CAPTURED = "captured"
    FAILED = "failed"
    """Declined, expired or abandoned. Some gateways still capture it later."""


@frozen
class PaymentOrder:
    """What we ask a gateway to collect. `payment_id` is our reference and the idempotency key."""

    payment_id: PaymentId
    amount: Money
    description: str
    buyer_email: str
    return_url: str
    expires_at: datetime
    """After this instant the gateway should take no money; it may all the same."""


@frozen
class PaymentPage:
    """Where the buyer pays, and what the gateway calls it."""

    gateway_reference: str
    url: str


@frozen
class Charge:
    """The gateway's truth about one payment."""

    payment_id: PaymentId
    gateway_reference: str
    state: ChargeState
    amount: Money
    """What was captured, or is being asked for."""
    refunded: Money


@frozen
class RefundOrder:
    """What we ask to be given back. `refund_id` is our reference and the idempotency key."""

    refund_id: RefundId
    payment_id: PaymentId
    gateway_reference: str
    amount: Money


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@frozen
class RefundReceipt:
    """The gateway's truth about one refund."""

    refund_id: RefundId
    gateway_reference: str
    state: RefundState
    amount: Money
    reason: str = ""
    """Why it failed, in the gateway's words."""


@frozen
class Notice:
    """A genuine message of the gateway that something changed. What changed is looked up, not believed."""

    id: str
    """The gateway's own id of the message: the same for every delivery of it."""
    kind: str
    account: str
    """Which of the gateway's accounts it speaks for."""
    payment_id: PaymentId | None
    refund_id: RefundId | None


class PaymentGateway(Protocol):
    """Collects money on a page of its own.

    Every call of a gateway may raise GatewayUnavailable or GatewayRefused; an answer that makes no sense is
    GatewayUnavailable, since nobody knows then what happened.
    """

    @property
    def name(self) -> str:
        """The word for it in the settings and in what we store."""

    async def open_page(self, order: PaymentOrder) -> PaymentPage:
        """Open the page where the buyer pays. Repeated with the same payment_id: the same page, never a second.
        The same payment_id for another order is GatewayRefused.
        """

    async def look_up(self, payment_id: PaymentId) -> Charge | None:
        """The truth about a payment by our reference; None if the gateway never heard of it."""


class RefundSender(Protocol):
    """Gives money back."""

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        """Give back. Repeated with the same refund_id: the same refund, never a second.
        More than was captured, pending refunds counted, or the same refund_id for another order is GatewayRefused.
        """

    async def look_up_refund(self, refund_id: RefundId) -> RefundReceipt | None:
        """The truth about a refund by our reference; None if the gateway never heard of it."""


class PageCloser(Protocol):
    """Ends a payment page before its time."""

    async def close_page(self, payment_id: PaymentId) -> None:
        """Take no more money on it. A page already closed, paid or unknown is no error."""


class NoticeReader(Protocol):
    """Tells the gateway's messages from forgeries."""

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """The notice in a raw webhook, verified over the raw bytes; NoticeNotGenuine otherwise,
        and also when it speaks for an account that is not ours. Header names are in lower case.
        """
