"""An example of a payment gateway that a package brings: buyers pay at the sandbox, under another name.

It fills what a gateway must fill, and leaves out what a gateway may. Take it as a beginning of your own: each method's
promise is the docstring of its port, and the suites in tests/contracts/ hold it to them.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
from attrs import field, frozen

from adapters.payments.standard_webhooks import verify
from adapters.settings import Settings
from application.gateways import Gateway
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    NoticeNotGenuine,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    RefundState,
    Sought,
)
from domain.errors import InvalidValue
from domain.ids import PaymentId, RefundId
from domain.money import Money

T = TypeVar("T")

# What the provider's words mean to us. A word that is not here leaves the outcome unknown.
STATES = {
    "open": ChargeState.PENDING,
    "requires_action": ChargeState.REQUIRES_ACTION,
    "captured": ChargeState.CAPTURED,
    "failed": ChargeState.FAILED,
    "expired": ChargeState.FAILED,
    "closed": ChargeState.FAILED,
}
ACCOUNT = "sandbox"


@frozen
class ExampleGateway:
    """PaymentGateway, ChargeReader, RefundSender and NoticeReader."""

    client: httpx.AsyncClient = field(repr=False)
    webhook_url: str
    webhook_secrets: tuple[str, ...] = field(repr=False)
    timeout_s: float = 10.0

    @property
    def name(self) -> str:
        return "example"

    async def aclose(self) -> None:
        """Called when the process ends, if there is one."""
        await self.client.aclose()

    async def open_page(self, order: PaymentOrder) -> PaymentPage:
        body = {
            "payment_id": order.payment_id,
            "amount_minor": order.amount.amount_minor,
            "currency": order.amount.currency,
            "description": order.description,
            "buyer_email": order.buyer_email,
            "return_url": order.return_url,
            "webhook_url": self.webhook_url,
            "expires_at": order.expires_at.isoformat(),
        }
        return await self._ask("POST", "/v1/payments", body, _page)

    async def look_up(self, sought: Sought) -> Charge | None:
        return await self._find(f"/v1/payments/{sought.payment_id}", _charge)

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        body = {
            "refund_id": order.refund_id,
            "payment_id": order.payment_id,
            "payment_reference": order.gateway_reference,
            "amount_minor": order.amount.amount_minor,
            "currency": order.amount.currency,
        }
        return await self._ask("POST", "/v1/refunds", body, _receipt)

    async def look_up_refund(self, order: RefundOrder) -> RefundReceipt | None:
        return await self._find(f"/v1/refunds/{order.refund_id}", _receipt)

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        message_id = verify(self.webhook_secrets, headers, body, at)
        try:
            said = json.loads(body)
            data = said["data"]
            notice = Notice(message_id, said["type"], said["account"], data.get("payment_id"), data.get("refund_id"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise NoticeNotGenuine("signed, but not written as the provider writes") from None
        if notice.account != ACCOUNT:
            raise NoticeNotGenuine("it speaks for another account")
        return notice

    async def _find(self, path: str, read: Callable[[Any], T]) -> T | None:
        try:
            return await self._ask("GET", path, None, read)
        except _NeverHeardOf:
            return None

    async def _ask(self, method: str, path: str, body: Any, read: Callable[[Any], T]) -> T:
        """One call: an answer, a clear no, or GatewayUnavailable for all that leaves the outcome unknown."""
        try:
            async with asyncio.timeout(self.timeout_s):
                answer = await self.client.request(method, path, json=body)
            said = answer.json()
            if answer.is_success:
                return read(said)
            if answer.status_code == HTTPStatus.NOT_FOUND and said["code"].endswith("_not_found"):
                raise _NeverHeardOf(said["message"])
            if answer.status_code in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}:
                raise GatewayRefused(said["message"])
        except (httpx.HTTPError, TimeoutError, InvalidValue, ValueError, KeyError, TypeError) as error:
            # Without the cause, which may hold our key.
            raise GatewayUnavailable(f"no answer that makes sense: {type(error).__name__}") from None
        raise GatewayUnavailable(f"it answered {answer.status_code}")


class _NeverHeardOf(GatewayRefused):
    """The provider itself knows nothing of that name."""


def _page(said: Any) -> PaymentPage:
    return PaymentPage(said["reference"], said["page_url"])


def _charge(said: Any) -> Charge:
    return Charge(
        payment_id=PaymentId(said["payment_id"]),
        gateway_reference=said["reference"],
        state=STATES[said["status"]],
        amount=Money(said["amount_minor"], said["currency"]),
        refunds=tuple(_receipt(refund) for refund in said["refunds"]),
    )


def _receipt(said: Any) -> RefundReceipt:
    return RefundReceipt(
        refund_id=RefundId(said["refund_id"]),
        gateway_reference=said["reference"],
        state=RefundState(said["status"]),
        amount=Money(said["amount_minor"], said["currency"]),
        reason=said["reason"],
    )


def build(settings: Settings) -> Gateway:
    """What the entry point names. Settings of its own a package reads from variables of its own: RELEX_* is taken."""
    client = httpx.AsyncClient(
        base_url=settings.sandbox_url,
        headers={"authorization": f"Bearer {settings.sandbox_api_key}"},
        timeout=10,
        trust_env=False,
    )
    webhook_url = f"{settings.base_url}/api/v1/webhooks/example"
    gateway = ExampleGateway(client, webhook_url, settings.sandbox_webhook_secrets)
    return Gateway(
        gateway.name,
        pages=gateway,
        charges=gateway,
        notices=gateway,
        refunds=gateway,
        partial_refunds=gateway,
        page_origins=frozenset({settings.sandbox_url.rstrip("/")}),
        is_sandbox=True,
    )
