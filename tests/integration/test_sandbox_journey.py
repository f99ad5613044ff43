"""From a buyer's first click to what becomes of the money, on pages, between our real server and the real sandbox."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import httpx
import pytest
from attrs import field, frozen

from adapters.cli.demo_cast import EXHIBITION, PASSWORD
from adapters.settings import Settings
from application.ports.payment_gateway import Charge, ChargeState
from domain.ids import PaymentId
from domain.money import Money
from tests.support.form_browser import FormBrowser
from tests.support.polling import eventually
from tests.support.running_demo import RunningDemo, running_demo
from tests.support.sandbox_dashboard import SandboxDashboard
from tests.support.sandbox_provider import PLAIN

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BUYER, ORGANIZER, DOOR, ADMIN = (f"{name}@demo.example" for name in ("ben", "ravi", "door", "admin"))
PRICE: Final = Money(20_000, "INR")
_numbers = itertools.count(1)


@frozen
class People:
    """Those who take part, each signed in over HTTP."""

    demo: RunningDemo
    client: httpx.AsyncClient
    browser: FormBrowser
    """The buyer's, in front of our pages."""
    dashboard: SandboxDashboard
    tokens: dict[str, str] = field(factory=dict)

    async def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """What our API answers to somebody."""
        if who not in self.tokens:
            signing_in = {"email": who, "password": PASSWORD}
            answer = await self.client.post(f"{self.demo.url}/api/v1/sessions", json=signing_in)
            self.tokens[who] = answer.json()["token"]
            self.client.cookies.clear()  # A browser's session, which would stand in for the next one's.
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        if method == "POST":
            headers["idempotency-key"] = f"key-{next(_numbers)}"
        return (await self.client.request(method, f"{self.demo.url}/api/v1{path}", json=body, headers=headers)).json()

    async def event(self) -> Any:
        """The one whose doors are open now."""
        events = (await self.client.get(f"{self.demo.url}/api/v1/events")).json()["items"]
        [listed] = [event for event in events if event["title"] == EXHIBITION]
        return (await self.client.get(f"{self.demo.url}/api/v1/events/{listed['id']}")).json()


@frozen
class Sold:
    """A ticket that the buyer paid for on the sandbox's page."""

    people: People
    event_id: str
    booking_id: str
    reference: str
    """The sandbox's name for the payment."""

    @classmethod
    async def by_pages(cls, people: People, button: str = "Pay") -> "Sold":
        """From the event's page to the sandbox's and back."""
        event, browser = await people.event(), people.browser
        await browser.open(f"{people.demo.url}/events/{event['id']}")
        booking_url = await browser.press("Hold places", **{f"n_{event['ticket_types'][0]['id']}": "1"})
        await browser.open(booking_url)
        await browser.open(await browser.press(f"Pay {PRICE}"))
        assert str(browser.response.url).startswith(people.demo.sandbox_url)
        reference = re.search(r"sbx_pay_[0-9a-f]+", browser.response.text)
        assert reference
        back = await browser.press(button)
        assert back.startswith(booking_url)
        return cls(people, event["id"], booking_url.rpartition("/")[2].partition("?")[0], reference[0])

    @property
    def charge(self) -> Charge:
        """How somebody in front of the dashboard knows it."""
        return Charge(PaymentId("unknown"), self.reference, ChargeState.CAPTURED, PRICE)

    async def seen_by(self, who: str) -> Any:
        return await self.people.call(who, "GET", f"/bookings/{self.booking_id}")

    async def comes_to(self, phase: str, *tickets: str) -> Any:
        """Wait until the organizer sees it so."""

        def is_so(seen: Any) -> bool:
            return seen["booking"]["phase"] == phase and [each["status"] for each in seen["tickets"]] == list(tickets)

        return await eventually(lambda: self.seen_by(ORGANIZER), is_so)

    async def token(self) -> str:
        [ticket] = (await self.seen_by(BUYER))["tickets"]
        url = f"{self.people.demo.url}/api/v1/tickets/{ticket['id']}/qr.txt"
        headers = {"authorization": f"Bearer {self.people.tokens[BUYER]}"}
        return (await self.people.client.get(url, headers=headers)).text

    async def at_the_door(self, token: str) -> tuple[str, str]:
        scan = {"token": token, "gate": "North", "scan_id": f"scan-{next(_numbers)}"}
        answer = await self.people.call(DOOR, "POST", f"/events/{self.event_id}/scans", scan)
        return answer["outcome"], answer["reason"]

    async def dispute(self) -> Any:
        """What the administrator's list says of it."""
        listed = (await self.people.call(ADMIN, "GET", "/disputes"))["items"]
        [dispute] = [each for each in listed if each["booking_id"] == self.booking_id]
        return dispute


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
async def people(demo: RunningDemo) -> AsyncIterator[People]:
    async with (
        httpx.AsyncClient(verify=PLAIN, trust_env=False, timeout=30) as api,
        httpx.AsyncClient(verify=PLAIN, trust_env=False, timeout=30, headers={"origin": demo.url}) as buying,
        httpx.AsyncClient(verify=PLAIN, trust_env=False, timeout=30) as selling,
    ):
        browser = FormBrowser(buying)
        await browser.open(f"{demo.url}/sign-in")
        await browser.press("Sign in", email=BUYER, password=PASSWORD)
        assert browser.response.status_code == 303, browser.response.text
        dashboard = await SandboxDashboard.signed_in(demo.sandbox_url, Settings().sandbox_api_key, selling)
        yield People(demo, api, browser, dashboard)


async def test_what_is_paid_on_the_sandboxs_page_is_confirmed_and_seen_by_all(people: People) -> None:
    sold = await Sold.by_pages(people)

    await sold.comes_to("confirmed", "valid")

    for who in (BUYER, ORGANIZER, ADMIN):
        [payment] = (await sold.seen_by(who))["payments"]
        assert (payment["phase"], payment["amount"]["amount_minor"]) == ("captured", PRICE.amount_minor)
    assert "Confirmed" in (await people.browser.open(f"{people.demo.url}/bookings/{sold.booking_id}")).text
    assert await sold.at_the_door(await sold.token()) == ("admitted", "")


async def test_what_is_only_set_aside_is_taken_by_our_server(people: People) -> None:
    sold = await Sold.by_pages(people, "Authorise only")

    await sold.comes_to("confirmed", "valid")

    await people.dashboard.browser.open(f"{people.dashboard.url}/payments/{sold.reference}")
    assert "Capture it" not in people.dashboard.browser.labels
    assert "<dd>captured</dd>" in people.dashboard.browser.response.text


async def test_a_disputed_ticket_is_refused_at_the_door_and_admitted_once_the_dispute_is_won(people: People) -> None:
    sold = await Sold.by_pages(people)
    await sold.comes_to("confirmed", "valid")
    token = await sold.token()

    await people.dashboard.opens_dispute(sold.charge)
    await sold.comes_to("confirmed", "blocked")

    assert await sold.at_the_door(token) == ("refused", "ticket_blocked")
    asked = await people.call(ORGANIZER, "POST", f"/bookings/{sold.booking_id}/refunds", {"reason": "asked for"})
    assert asked["code"] == "payment_disputed"
    dispute = await sold.dispute()
    assert (dispute["status"], dispute["amount"]["amount_minor"]) == ("open", PRICE.amount_minor)
    assert dispute["fee"]["amount"] == "15.00"
    page = await people.browser.open(f"{people.demo.url}/bookings/{sold.booking_id}")
    assert "Blocked while its payment is disputed" in page.text

    await people.dashboard.closes_dispute(sold.charge, won=True)
    await sold.comes_to("confirmed", "valid")

    assert (await sold.dispute())["status"] == "won"
    assert await sold.at_the_door(token) == ("admitted", "")


async def test_a_lost_dispute_ends_the_booking(people: People) -> None:
    sold = await Sold.by_pages(people)
    await sold.comes_to("confirmed", "valid")
    token = await sold.token()

    await people.dashboard.opens_dispute(sold.charge)
    await people.dashboard.closes_dispute(sold.charge, won=False)
    await sold.comes_to("cancelled", "void")

    assert (await sold.dispute())["status"] == "lost"
    assert (await sold.at_the_door(token))[0] == "refused"


async def test_refunds_by_hand_are_recorded_and_end_the_booking_when_all_is_back(people: People) -> None:
    sold = await Sold.by_pages(people)
    await sold.comes_to("confirmed", "valid")

    await people.dashboard.refunds_by_hand(sold.charge, Money(5_000, "INR"))
    seen = await eventually(lambda: sold.seen_by(ORGANIZER), lambda seen: bool(seen["refunds"]))

    [refund] = seen["refunds"]
    assert (refund["by_hand"], refund["status"], refund["amount"]["amount"]) == (True, "succeeded", "50.00")
    assert seen["booking"]["phase"] == "confirmed"

    await people.dashboard.refunds_by_hand(sold.charge, Money(15_000, "INR"))
    ended = await sold.comes_to("cancelled", "void")

    assert sorted(each["amount"]["amount"] for each in ended["refunds"]) == ["150.00", "50.00"]
    page = await people.browser.open(f"{people.demo.url}/bookings/{sold.booking_id}")
    assert "given back in the dashboard of the payment provider" in page.text


async def test_the_demonstration_says_where_the_dashboard_is(demo: RunningDemo, people: People) -> None:
    said = demo.log.read_text()

    assert f"{demo.sandbox_url}/dashboard" in said
    assert Settings().sandbox_api_key in said
