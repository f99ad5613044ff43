"""Buyers at the sandbox's page, and the sandbox's bad days."""

from typing import Final

import httpx
from attrs import frozen

from application.ports.payment_gateway import PaymentPage
from tests.contracts.payment_gateway import Fate
from tests.support.patience import HANGS_S
from tests.support.sandbox_provider import SandboxProvider

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

    async def buyer_leaves_it_authorised(self, page: PaymentPage) -> None:
        await self._choose(page.url, choice="authorise")

    async def bank_captures_late(self, page: PaymentPage) -> None:
        await self._choose(page.url, choice="pay_late", delay_s="0")

    async def next_call(self, fate: Fate) -> None:
        self.provider.faults(request=_FAULTS[fate], hold_s=HANGS_S)

    async def refunds_go(self, *, pending_s: float = 0.0, fail: bool = False) -> None:
        self.provider.faults(refund_after_s=pending_s, refunds_fail=fail)

    async def _choose(self, url: str, **form: str) -> None:
        response = await self.client.post(url, data=form)
        assert response.status_code in {303, 409}, response.text  # 409: the page is over, as it should say
