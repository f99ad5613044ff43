"""Stripe: its hosted Checkout for taking money, refunds, disputes and its own list of what it took."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

import httpx
import stripe
from attrs import field, frozen

from adapters.payments.stripe_answers import (
    PAYMENT_ID,
    REFUND_ID,
    DisputeAnswer,
    RefundAnswer,
    SessionAnswer,
    TakenAnswer,
    charge_of,
)
from adapters.payments.stripe_line import API_VERSION, BoundedTransport, NeverHeardOf, SavedFailure, StripeLine
from adapters.payments.stripe_money import our_money, stripe_amount
from adapters.payments.stripe_notices import read_event
from adapters.payments.stripe_records import StripeRecords
from adapters.settings import is_loopback
from application.ports.payment_gateway import (
    Charge,
    DisputeReport,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    Sought,
    StatementLine,
)

PAGE_OUTLIVES_HOLD: Final = timedelta(minutes=35)
"""Stripe's pages live for half an hour at least, counted from when it hears of them. Counted from the end of the hold,
it is enough whenever it hears, and though its clock may differ, and the same each time that it is asked: under one key
it takes one order only. The application closes the page when the hold ends.
"""
_KEY: Final = re.compile(r"[rs]k_(live|test)_[A-Za-z0-9_]+", re.ASCII)


class BadKey(ValueError):
    """The text is no secret key of Stripe's. The message never repeats it."""


@frozen
class StripeSettings:
    """Where Stripe is, and the secrets that we share with it."""

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    """All that are accepted: while one is rolled, the old one too."""
    account: str = ""
    """The connected account that the payments are for; empty: the one to which the key belongs."""
    api_base: str = "https://api.stripe.com"
    timeout_s: float = 10.0
    """For a whole call, from its first byte to its last."""
    connect_timeout_s: float = 5.0
    connections_max: int = 20
    page_size: int = 100

    def __attrs_post_init__(self) -> None:
        if not _KEY.fullmatch(self.api_key):
            raise BadKey("an API key of Stripe's is sk_live_…, sk_test_…, rk_live_… or rk_test_…")
        assert self.webhook_secrets, "without a secret no notice could ever be genuine"

    @property
    def is_live(self) -> bool:
        """Whether the key moves money."""
        return self.api_key.startswith(("sk_live_", "rk_live_"))


@frozen
class StripeGateway:
    """Fills the ports of a gateway with Stripe: pages, charges, refunds, closing, notices, disputes and statements.

    Makes one attempt a call: whoever calls knows how long it is worth trying again, and a second attempt inside would
    only hide from them that the outcome of the first is unknown.
    """

    settings: StripeSettings
    records: StripeRecords

    @property
    def name(self) -> str:
        return "stripe"

    @property
    def _line(self) -> StripeLine:
        return self.records.line

    async def aclose(self) -> None:
        """Let the connections go. The gateway is of no use afterwards."""
        await self._line.transport.close_async()

    async def open_page(self, order: PaymentOrder) -> PaymentPage:
        wanted = _session_wanted(order)
        options = {"idempotency_key": order.payment_id}
        try:
            session = await self._line.asked(
                SessionAnswer, lambda: self._line.api.checkout.sessions.create_async(wanted, options)
            )
        except SavedFailure:
            found = await self.records.find_ordered(order)
            if found is None:
                raise
            session = found
        if session.client_reference_id != order.payment_id:
            raise GatewayUnavailable("Stripe answered about another payment")
        if our_money(session.amount_total, session.currency) != order.amount:
            raise GatewayUnavailable("Stripe answered with another amount than was asked")
        if session.url is None:
            raise GatewayUnavailable("the page is over: what became of it can be looked up")
        return PaymentPage(session.id, session.url)

    async def look_up(self, sought: Sought) -> Charge | None:
        session, intent = await self.records.standing(sought)
        if session is None and intent is None:
            return None
        return charge_of(sought.payment_id, session, intent, await self.records.refunds_under(intent))

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        units = stripe_amount(order.amount)
        intent_id = await self.records.intent_id(order.gateway_reference)
        if not intent_id:
            raise GatewayRefused("nothing was paid that could be given back")
        # Stripe may forget a key after a day. What is listed already must not be asked for again.
        made = await self.records.find_refund(intent_id, order.refund_id)
        if made is None:
            made = await self._line.asked(
                RefundAnswer,
                lambda: self._line.api.refunds.create_async(
                    {
                        "payment_intent": intent_id,
                        "amount": units,
                        "metadata": {REFUND_ID: order.refund_id, PAYMENT_ID: order.payment_id},
                    },
                    {"idempotency_key": order.refund_id},
                ),
            )
        receipt = made.receipt()
        if receipt.refund_id != order.refund_id:
            raise GatewayUnavailable("Stripe answered about another refund")
        if receipt.amount != order.amount:
            raise GatewayRefused("that refund was asked for already, with another amount")
        return receipt

    async def look_up_refund(self, order: RefundOrder) -> RefundReceipt | None:
        intent_id = await self.records.intent_id(order.gateway_reference)
        made = await self.records.find_refund(intent_id, order.refund_id) if intent_id else None
        return None if made is None else made.receipt()

    async def close_page(self, sought: Sought) -> None:
        session_id = await self.records.session_id(sought)
        if not session_id:
            return
        try:
            await self._line.asked(SessionAnswer, lambda: self._line.api.checkout.sessions.expire_async(session_id))
        except NeverHeardOf:
            return
        except GatewayRefused:
            # Stripe refuses for every page that is not open. An open one that it does not close is another matter.
            left = await self.records.session(session_id)
            if left is not None and left.status == "open":
                raise

    async def disputes_of(self, sought: Sought) -> Sequence[DisputeReport]:
        intent_id = sought.gateway_reference
        if not intent_id.startswith("pi_"):
            session, _ = await self.records.standing(sought)
            intent_id = session.intent_id if session is not None else ""
        if not intent_id:
            return ()
        disputes = self._line.each(DisputeAnswer, self._line.api.disputes.list_async, {"payment_intent": intent_id})
        try:
            return tuple([dispute.report() async for dispute in disputes])
        except NeverHeardOf:
            return ()

    async def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        # What came to the balance, and not the charges: those of slow methods are made days before they take money.
        # Stripe counts whole seconds, so that "from" and "until before" are both rounded up.
        window = {"gte": ceil(start.timestamp()), "lt": ceil(end.timestamp())}
        for kind in ("charge", "payment"):  # Cards are the first, everything else the second.
            wanted = {"type": kind, "created": window, "expand": ["data.source"]}
            async for taken in self._line.each(TakenAnswer, self._line.api.balance_transactions.list_async, wanted):
                yield taken.line()

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        settings = self.settings
        return read_event(
            headers,
            body,
            at,
            secrets=settings.webhook_secrets,
            account=settings.account,
            is_live=settings.is_live,
        )


def _session_wanted(order: PaymentOrder) -> dict[str, Any]:
    """A page for one order. It must come out the same each time, or Stripe takes it for another order."""
    ours = {PAYMENT_ID: order.payment_id}
    price = {
        "currency": order.amount.currency.lower(),
        "unit_amount": stripe_amount(order.amount),
        "product_data": {"name": order.description},
    }
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        # Prices are what we say, in the currency that we say.
        "adaptive_pricing": {"enabled": False},
        "customer_email": order.buyer_email,
        "success_url": order.return_url,
        "cancel_url": order.return_url,
        "client_reference_id": order.payment_id,
        "metadata": ours,
        "payment_intent_data": {"metadata": ours},
        "expires_at": int((order.expires_at + PAGE_OUTLIVES_HOLD).timestamp()),
    }


def open_stripe_gateway(settings: StripeSettings) -> StripeGateway:
    """A gateway with a connection pool of its own; close it with aclose()."""
    return gateway_over(
        settings,
        httpx.AsyncClient(
            timeout=httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
            limits=httpx.Limits(max_connections=settings.connections_max),
            follow_redirects=False,
            trust_env=not is_loopback(settings.api_base),  # A proxy of the machine's, but not to the machine itself.
        ),
    )


def gateway_over(settings: StripeSettings, connections: httpx.AsyncClient) -> StripeGateway:
    """A gateway over these connections, which it closes with aclose()."""
    # The one switch that Stripe's client has for the whole process only: it would keep an identifier in a file of the
    # user's, and report how long calls took.
    stripe.enable_telemetry = False
    transport = BoundedTransport(connections, settings.timeout_s)
    client = stripe.StripeClient(
        settings.api_key,
        stripe_account=settings.account or None,
        stripe_version=API_VERSION,
        base_addresses={"api": settings.api_base.rstrip("/")},
        max_network_retries=0,
        http_client=transport,
    )
    return StripeGateway(settings, StripeRecords(StripeLine(client, transport, settings.page_size)))
