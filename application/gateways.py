"""The payment gateways of this installation, and which one takes which currency."""

from collections.abc import Mapping

from attrs import frozen

from application.errors import NotFound
from application.ports.payment_gateway import (
    Capturer,
    ChargeReader,
    DisputeReader,
    EmbeddedCheckout,
    NoticeReader,
    PageCloser,
    PaymentGateway,
    RefundOrder,
    RefundSender,
    Sought,
    StatementReader,
)
from domain.errors import DomainError
from domain.payment import Payment
from domain.refund import Refund


class NoGateway(DomainError):
    """No payment provider of this installation takes that currency."""

    code = "no_gateway"


@frozen
class Gateway:
    """One gateway and what it can do."""

    name: str
    pages: PaymentGateway
    charges: ChargeReader
    notices: NoticeReader
    refunds: RefundSender | None = None
    """Gives back the whole of a payment."""
    partial_refunds: RefundSender | None = None
    """Gives back a part; None if it can only return the whole."""
    closer: PageCloser | None = None
    capturer: Capturer | None = None
    disputes: DisputeReader | None = None
    statements: StatementReader | None = None
    embedded: EmbeddedCheckout | None = None
    currencies: frozenset[str] | None = None
    """None: all of them."""
    page_origins: frozenset[str] = frozenset()
    """Where its payment pages are, as https://pay.example.com: browsers are told to which sites our forms may lead."""
    is_sandbox: bool = False
    """Whether it only pretends, so that no money moves."""


def sought(payment: Payment) -> Sought:
    """How a gateway is asked about a payment of ours."""
    return Sought(payment.id, payment.gateway_reference, payment.amount, payment.created_at)


def refund_order(refund: Refund, payment: Payment) -> RefundOrder:
    """What a gateway is asked to give back of a payment of ours."""
    return RefundOrder(refund.id, payment.id, payment.gateway_reference, refund.amount)


@frozen
class Gateways:
    """In the order in which they are preferred."""

    known: Mapping[str, Gateway]

    def named(self, name: str) -> Gateway:
        """NotFound if this installation has none of that name."""
        gateway = self.known.get(name)
        if gateway is None:
            raise NotFound(f"no payment gateway {name!r} here")
        return gateway

    def taking(self, currency: str) -> Gateway:
        for gateway in self.known.values():
            if gateway.currencies is None or currency in gateway.currencies:
                return gateway
        raise NoGateway(f"no payment provider of this installation takes {currency}")
