"""Buyers at the sandbox's page, and the sandbox's bad days."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
from attrs import frozen

from application.ports.payment_gateway import PaymentPage
from domain.money import Money
from tests.contracts.payment_gateway import Fate
from tests.support.sandbox_provider import API_KEY, SandboxProvider

_FAULTS: Final = {
    Fate.TIMES_OUT: "time_out_before",
    Fate.TIMES_OUT_DONE: "time_out_after",
    Fate.FAILS: "server_error_before",
    Fate.FAILS_DONE: "server_error_after",
    Fate.IS_THROTTLED: "too_many_requests",
    Fate.ANSWERS_NONSENSE_DONE: "garbage_after",
}


@frozen
class SandboxCounterparty:
    """The Counterparty of the contracts, on a running sandbox."""

    provider: SandboxProvider
    client: httpx.AsyncClient

    async def buyer_pays(self, page: PaymentPage) -> None:
        await self._choose(page.url, choice="pay")

    async def buyer_is_declined(self, page: PaymentPage) -> None:
        await self._choose(page.url, choice="decline")

    async def buyer_goes_to_the_bank(self, page: PaymentPage) -> None:
        await self._choose(page.url, choice="three_d_secure")

    async def bank_answers(self, page: PaymentPage, *, approves: bool) -> None:
        await self._choose(f"{page.url}/three-d-secure", choice="approve" if approves else "reject")

    async def bank_captures_late(self, page: PaymentPage) -> None:
        await self._choose(page.url, choice="pay_late", delay_s="0")

    async def next_call(self, fate: Fate) -> None:
        self.provider.faults(request=_FAULTS[fate], hold_s=2)

    async def refunds_go(self, *, pending_s: float = 0.0, fail: bool = False) -> None:
        self.provider.faults(refund_after_s=pending_s, refunds_fail=fail)

    async def takes_by_hand(self, amount: Money) -> str:
        """Somebody else is paid through the same sandbox, under a name that is not one of ours."""
        body = {
            "payment_id": f"desk-{secrets.token_hex(8)}",
            "amount_minor": amount.amount_minor,
            "currency": amount.currency,
            "description": "sold at the desk",
            "buyer_email": "desk@example.org",
            "return_url": "http://127.0.0.1:9/",
            "webhook_url": "http://127.0.0.1:9/",
            "expires_at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat(),
        }
        headers = {"authorization": f"Bearer {API_KEY}"}
        answer = await self.client.post(f"{self.provider.base_url}/v1/payments", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        await self.buyer_pays(PaymentPage(opened["reference"], opened["page_url"]))
        reference: str = opened["reference"]
        return reference

    async def _choose(self, url: str, **form: str) -> None:
        response = await self.client.post(url, data=form)
        assert response.status_code in {303, 409}, response.text  # 409: the page is over, as it should say
