"""Somebody in front of the sandbox's dashboard, with a browser that knows only forms."""

from typing import Self

import httpx
from attrs import frozen

from application.ports.payment_gateway import Charge
from domain.money import Money
from tests.support.form_browser import FormBrowser


@frozen
class SandboxDashboard:
    """The Dashboard of the contracts: each deed is a button pressed on a page."""

    url: str
    browser: FormBrowser

    @classmethod
    async def signed_in(cls, base_url: str, api_key: str, client: httpx.AsyncClient) -> Self:
        """`client` keeps the cookie."""
        dashboard = cls(f"{base_url}/dashboard", FormBrowser(client))
        await dashboard.browser.open(f"{dashboard.url}/sign-in")
        assert await dashboard.browser.press("Sign in", api_key=api_key) == dashboard.url
        return dashboard

    async def refunds_by_hand(self, charge: Charge, amount: Money) -> None:
        await self.press(charge.gateway_reference, "Refund", amount=amount.decimal())

    async def takes_by_hand(self, amount: Money) -> str:
        await self.browser.open(self.url)
        page = await self.browser.press("Take it", amount=amount.decimal(), currency=amount.currency)
        assert page.startswith(f"{self.url}/payments/"), self.browser.response.text
        return page.rpartition("/")[2]

    async def opens_dispute(self, charge: Charge) -> None:
        await self.press(charge.gateway_reference, "Open a dispute")

    async def closes_dispute(self, charge: Charge, *, won: bool) -> None:
        await self.press(charge.gateway_reference, "The seller wins" if won else "The seller loses")

    async def press(self, reference: str, label: str, **filled: str) -> None:
        """A button on the page of that payment, which takes the deed."""
        page = f"{self.url}/payments/{reference}"
        await self.browser.open(page)
        assert await self.browser.press(label, **filled) == page, self.browser.response.text
