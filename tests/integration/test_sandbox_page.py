"""A buyer's whole way through the hosted page, with a browser that knows only forms."""

from urllib.parse import urlsplit

import httpx
import pytest
from attrs import evolve

from adapters.payments.sandbox_gateway import SandboxGateway
from application.ports.payment_gateway import ChargeState, PaymentOrder
from tests.contracts.payment_gateway import order, reaches, sought
from tests.integration.sandbox_stage import SandboxStage
from tests.support.form_browser import FormBrowser

BACK = order().return_url


@pytest.mark.anyio
class TestTheHostedPage(SandboxStage):
    @pytest.fixture
    def browser(self, client: httpx.AsyncClient) -> FormBrowser:
        return FormBrowser(client)

    @pytest.fixture
    async def asked(self, gateway: SandboxGateway, browser: FormBrowser) -> PaymentOrder:
        """A payment whose page the browser has opened."""
        asked = order()
        await browser.open((await gateway.open_page(asked)).url)
        return asked

    async def test_paying(self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder) -> None:
        assert "15.00 INR" in browser.response.text
        assert "No money moves" in browser.response.text

        assert await browser.press("Pay") == BACK

        assert browser.response.status_code == 303
        await reaches(gateway, asked, ChargeState.CAPTURED)

    async def test_being_declined(self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder) -> None:
        assert await browser.press("Be declined by the bank") == BACK

        await reaches(gateway, asked, ChargeState.FAILED)

    async def test_leaving_without_paying(
        self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder
    ) -> None:
        page = str(browser.response.url)

        assert await browser.press("Leave without paying") == BACK

        await reaches(gateway, asked, ChargeState.PENDING)
        await browser.open(page)
        assert await browser.press("Pay") == BACK
        await reaches(gateway, asked, ChargeState.CAPTURED)

    @pytest.mark.parametrize(
        ("answer", "end"), [("Yes, approve", ChargeState.CAPTURED), ("No, reject", ChargeState.FAILED)]
    )
    async def test_the_three_d_secure_step(
        self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder, answer: str, end: ChargeState
    ) -> None:
        page = str(browser.response.url)

        bank = await browser.press("Pay with 3-D Secure")

        assert bank == f"{page}/three-d-secure"
        await reaches(gateway, asked, ChargeState.REQUIRES_ACTION)
        await browser.open(bank)
        assert await browser.press(answer) == BACK
        await reaches(gateway, asked, end)

    async def test_paying_late_from_an_open_page(
        self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder
    ) -> None:
        assert await browser.press("Fail now, capture later", delay_s="1") == BACK

        await reaches(gateway, asked, ChargeState.FAILED)
        await reaches(gateway, asked, ChargeState.CAPTURED)

    async def test_money_that_is_only_set_aside_comes_late_or_not_at_all(
        self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder
    ) -> None:
        page = str(browser.response.url)
        assert await browser.press("Authorise only") == BACK
        await reaches(gateway, asked, ChargeState.AUTHORISED)

        await browser.open(page)

        assert "Set aside: 15.00 INR" in browser.response.text
        assert browser.labels == {"Capture later"}
        assert await browser.press("Capture later", delay_s="0") == BACK
        await reaches(gateway, asked, ChargeState.CAPTURED)

    @pytest.mark.parametrize("over", ["declined", "closed", "expired"])
    async def test_paying_late_after_the_page_was_over(
        self, gateway: SandboxGateway, browser: FormBrowser, over: str
    ) -> None:
        asked = order(lives_s=0.3 if over == "expired" else 900)
        page = await gateway.open_page(asked)
        await browser.open(page.url)
        if over == "declined":
            await browser.press("Be declined by the bank")
        elif over == "closed":
            await gateway.close_page(sought(asked))
        await reaches(gateway, asked, ChargeState.FAILED)

        await browser.open(page.url)

        assert browser.labels == {"Fail now, capture later"}
        assert await browser.press("Fail now, capture later", delay_s="0") == BACK
        await reaches(gateway, asked, ChargeState.CAPTURED)

    async def test_a_page_that_is_over_takes_no_money(
        self, gateway: SandboxGateway, browser: FormBrowser, asked: PaymentOrder
    ) -> None:
        await gateway.close_page(sought(asked))

        await browser.press("Pay")

        assert browser.response.status_code == 409
        assert "This payment page is over" in browser.response.text
        await reaches(gateway, asked, ChargeState.FAILED)

    async def test_paying_twice_pays_once(
        self, gateway: SandboxGateway, browser: FormBrowser, client: httpx.AsyncClient, asked: PaymentOrder
    ) -> None:
        page = str(browser.response.url)
        await browser.press("Pay")

        again = await client.post(page, data={"choice": "decline"})

        assert (again.status_code, again.headers["location"]) == (303, BACK)
        await reaches(gateway, asked, ChargeState.CAPTURED)
        assert "This payment is complete" in (await browser.open(page)).text

    async def test_what_the_seller_wrote_is_text_and_nothing_else(
        self, gateway: SandboxGateway, browser: FormBrowser
    ) -> None:
        nasty = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}"""
        asked = evolve(order(), description=nasty, return_url="https://shop.example/back?x='%22%3E&y=1")

        response = await browser.open((await gateway.open_page(asked)).url)

        assert "<script" not in response.text
        assert "<img" not in response.text
        assert "{{7*7}}" in response.text
        assert await browser.press("Pay") == asked.return_url
        over = await browser.open(str(response.url))
        assert 'href="https://shop.example/back?x=&#39;%22%3E&amp;y=1"' in over.text

    async def test_every_page_is_strict(
        self, browser: FormBrowser, client: httpx.AsyncClient, asked: PaymentOrder
    ) -> None:
        page = urlsplit(str(browser.response.url))
        unknown = f"{page.scheme}://{page.netloc}/pay/nobody"

        for response in (browser.response, await client.get(unknown), await client.post(unknown, data={"choice": "x"})):
            policy = response.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src" not in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert response.headers["cache-control"] == "no-store"
            assert response.headers["x-content-type-options"] == "nosniff"
        # Browsers hold the redirect after a form against form-action too.
        assert "form-action 'self' http://127.0.0.1:9;" in browser.response.headers["content-security-policy"]

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"choice": "steal"},
            {"choice": "approve"},
            {"choice": "pay", "return_url": "https://evil.example"},
            {"choice": "pay_late", "delay_s": "-1"},
            {"choice": "pay_late", "delay_s": "86401"},
            {"choice": "pay_late", "delay_s": "soon"},
        ],
    )
    async def test_a_form_of_ones_own_is_refused(
        self,
        gateway: SandboxGateway,
        browser: FormBrowser,
        client: httpx.AsyncClient,
        asked: PaymentOrder,
        form: dict[str, str],
    ) -> None:
        refused = await client.post(str(browser.response.url), data=form)

        assert refused.status_code == 400
        await reaches(gateway, asked, ChargeState.PENDING)
