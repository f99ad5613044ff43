"""Answers of Stripe's as it writes them, and a gateway that gets them without any network."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
from attrs import evolve

from adapters.payments.stripe_gateway import StripeGateway, StripeSettings, gateway_over
from application.ports.payment_gateway import (
    PaymentOrder,
    RefundOrder,
    Sought,
)
from domain.ids import PaymentId, RefundId
from domain.money import Money

KEY = "sk_test_the_api_key"
SETTINGS = StripeSettings(KEY, ("whsec_1",), api_base="http://stripe", timeout_s=1.0)
PAYMENT = PaymentId("pay_1")
PRICE = Money(1500, "EUR")
ORDER = PaymentOrder(PAYMENT, PRICE, "2 seats", "a@b.c", "http://us/back", datetime(2026, 11, 22, 18, tzinfo=UTC))
SOUGHT = Sought(PAYMENT, "cs_1", PRICE, datetime(2026, 11, 22, 17, 50, tzinfo=UTC))
BY_INTENT = evolve(SOUGHT, gateway_reference="pi_1")
REFUND = RefundOrder(RefundId("ref_1"), PAYMENT, "pi_1", PRICE)
WINDOW = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))

SESSION: dict[str, Any] = {
    "id": "cs_1",
    "object": "checkout.session",
    "status": "open",
    "amount_total": 1500,
    "currency": "eur",
    "client_reference_id": "pay_1",
    "payment_intent": None,
    "url": "https://checkout.stripe.com/c/pay/cs_1",
}
CHARGE: dict[str, Any] = {
    "id": "ch_1",
    "object": "charge",
    "amount": 1500,
    "amount_captured": 1500,
    "amount_refunded": 0,
    "captured": True,
    "currency": "eur",
    "disputed": False,
    "payment_intent": "pi_1",
    "metadata": {"payment_id": "pay_1"},
    "status": "succeeded",
    "balance_transaction": {"id": "txn_1", "object": "balance_transaction", "fee": 62, "currency": "usd"},
    "refunds": {"object": "list", "data": [], "has_more": False, "url": "/v1/charges/ch_1/refunds"},
}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1500,
    "amount_received": 1500,
    "currency": "eur",
    "status": "succeeded",
    "metadata": {"payment_id": "pay_1"},
    "latest_charge": CHARGE,
    "last_payment_error": None,
}
REFUND_ANSWER: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "amount": 1500,
    "currency": "eur",
    "metadata": {"refund_id": "ref_1"},
    "payment_intent": "pi_1",
    "status": "pending",
    "failure_reason": None,
}


def listed(*records: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(records), "has_more": has_more, "url": "/v1/things"}


def gateway(answer: Callable[[httpx.Request], httpx.Response], settings: StripeSettings = SETTINGS) -> StripeGateway:
    return gateway_over(settings, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


def answering(status: int, body: bytes | dict[str, Any]) -> StripeGateway:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return gateway(lambda _: httpx.Response(status, content=content))
