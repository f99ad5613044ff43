"""Ports to the party that moves buyers' money. Small on purpose: a gateway fills those it can."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import field, frozen

from domain.ids import PaymentId, RefundId
from domain.money import Money
from domain.time import is_aware


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
    AUTHORISED = "authorised"
    """The money is set aside at the buyer's bank, and comes only when it is captured."""
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
class Sought:
    """A payment that a gateway is asked about."""

    payment_id: PaymentId
    """Our reference."""
    gateway_reference: str
    """The gateway's name for it; empty if its answer to our order was lost."""
    amount: Money
    created_at: datetime = field(validator=is_aware)
    """When we first ordered it: a gateway that cannot find our reference at once need not look further back."""


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@frozen
class RefundReceipt:
    """The gateway's truth about one refund."""

    refund_id: RefundId | None
    """None: we did not ask for it; somebody started it in the gateway's own dashboard."""
    gateway_reference: str
    state: RefundState
    amount: Money
    reason: str = ""
    """Why it failed, in the gateway's words."""


@frozen
class Charge:
    """The gateway's truth about one payment."""

    payment_id: PaymentId
    gateway_reference: str
    """What the gateway, and its dashboard, call it from now on."""
    state: ChargeState
    amount: Money
    """What was captured, or is being asked for."""
    refunds: tuple[RefundReceipt, ...] = ()
    """Every refund of it that the gateway knows of, whoever asked for it."""
    fee: Money | None = None
    """What the gateway keeps of it; None while it has not said."""
    disputed: bool = False
    """Whether a dispute was ever opened about it: then the DisputeReader knows more."""

    @property
    def refunded(self) -> Money:
        """What went back or is on its way, so that it cannot be refunded again: all but failed refunds."""
        alive = (refund.amount for refund in self.refunds if refund.state is not RefundState.FAILED)
        return Money.total(alive, self.amount.currency)


@frozen
class RefundOrder:
    """What we ask to be given back. `refund_id` is our reference and the idempotency key."""

    refund_id: RefundId
    payment_id: PaymentId
    gateway_reference: str
    """The payment's."""
    amount: Money


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    """The money stays with us, or came back."""
    LOST = "lost"
    """The buyer's bank keeps the money."""


@frozen
class DisputeReport:
    """The gateway's truth about one dispute: a buyer asked their bank to take the money back."""

    gateway_reference: str
    state: DisputeState
    amount: Money
    reason: str
    """In the gateway's words."""
    fee: Money | None = None
    """What the gateway charges for it, whatever its end; None if it has not said."""
    withdrawn: bool = True
    """Whether `amount` was taken out of our balance, given back since or not: some take it only once it is lost."""


@frozen
class StatementLine:
    """One payment that took money, as the gateway's own list has it."""

    payment_id: PaymentId | None
    """None: it carries no reference of ours."""
    gateway_reference: str
    amount: Money
    refunded: Money
    captured_at: datetime = field(validator=is_aware)


@frozen
class EmbeddedOrder:
    """What a page of ours needs to let the buyer pay inside it."""

    gateway_reference: str
    fields: Mapping[str, str]
    """Public values for the gateway's own script."""


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
    payment_reference: str = ""
    """The gateway's name for the payment, for a message that carries no reference of ours."""


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


class ChargeReader(Protocol):
    """Knows where a payment stands."""

    async def look_up(self, sought: Sought) -> Charge | None:
        """The truth about a payment; None if the gateway never heard of it."""


class RefundSender(Protocol):
    """Gives money back."""

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        """Give back. Repeated with the same refund_id: the same refund, never a second.
        More than was captured, pending refunds counted, or the same refund_id for another order is GatewayRefused.
        """

    async def look_up_refund(self, order: RefundOrder) -> RefundReceipt | None:
        """The truth about a refund by our reference; None if the gateway never heard of it."""


class PageCloser(Protocol):
    """Ends a payment page before its time."""

    async def close_page(self, sought: Sought) -> None:
        """Take no more money on it. A page already closed, paid or unknown is no error."""


class Capturer(Protocol):
    """Takes money that is only set aside, for a gateway where that is a step of its own."""

    async def capture(self, sought: Sought) -> Charge:
        """Take it, and say where the payment then stands. Taken already is no error."""


class DisputeReader(Protocol):
    """Knows what buyers contest."""

    async def disputes_of(self, sought: Sought) -> Sequence[DisputeReport]:
        """Every dispute there ever was about a payment."""


class StatementReader(Protocol):
    """Lists what the gateway took, so that our books can be compared with its own."""

    def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        """Every payment that took money from `start` until before `end`, ours or not, each once."""


class EmbeddedCheckout(Protocol):
    """Collects money inside a page of ours, with the gateway's own script."""

    async def open_order(self, order: PaymentOrder) -> EmbeddedOrder:
        """Make what the script needs. Repeated with the same payment_id: the same order, never a second."""

    def check_return(self, sought: Sought, fields: Mapping[str, str]) -> None:
        """NoticeNotGenuine unless the gateway signed what the script gave the page for this very payment.
        What it means is looked up all the same.
        """


class NoticeReader(Protocol):
    """Tells the gateway's messages from forgeries."""

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """The notice in a raw webhook, verified over the raw bytes; NoticeNotGenuine otherwise,
        and also when it speaks for an account that is not ours. Header names are in lower case.
        """
