"""A buyer's whole way by pages, from signing up to the code in the hand."""

import asyncio
import re
from datetime import timedelta

import pytest

from application.access import Actor
from application.ports.payment_gateway import ChargeState
from application.use_cases.create_event import RefundTerms
from application.use_cases.refund_booking import RefundCommand
from domain.account import Role
from domain.booking import BookingStatus
from tests.support.form_browser import FormBrowser
from tests.support.http_stage import BASE_URL
from tests.support.page_stage import PageStage, decoded
from tests.support.world import PASSWORD

EMAIL = "asha@example.com"


def _link(pages: PageStage, email: str = EMAIL) -> str:
    """The address in the last mail."""
    found = re.search(rf"{re.escape(BASE_URL)}(/\S+token=\S+)", _mail_text(pages, email))
    assert found
    return found[1]


def _mail_text(pages: PageStage, email: str) -> str:
    text: str = pages.world.mailbox.to(email)[-1].text.replace("http://127.0.0.1:8000", BASE_URL)
    return text


async def _signs_up(pages: PageStage, browser: FormBrowser) -> None:
    await browser.open("/signup")
    await browser.open(await browser.press("Sign up", name="Asha Rao", email=EMAIL, password=PASSWORD))
    assert "Look into your mailbox" in browser.response.text
    await pages.world.settle()


async def test_from_signing_up_to_the_code_in_the_hand(pages: PageStage) -> None:
    event = await pages.world.event(title="An evening of ragas", currency="INR", price="499.00", category="Music")
    browser = pages.browser()

    await _signs_up(pages, browser)
    await browser.open(_link(pages))
    await browser.open(await browser.press("Confirm my address"))
    assert "Your address is confirmed" in browser.response.text
    assert await browser.press("Sign in", email=EMAIL, password=PASSWORD) == f"{BASE_URL}/"

    await browser.open("/events?words=ragas&place=Pune&category=music")
    assert re.findall(r'href="/events/(evt_\w+)"', browser.response.text) == [event.id]
    assert "499.00 INR" in browser.response.text
    await browser.open(f"/events/{event.id}")
    assert "10 places left" in browser.response.text
    assert "(Asia/Kolkata, UTC+05:30)" in browser.response.text
    quantity = f"n_{event.ticket_types[0].id}"
    booking_url = await browser.press("Hold places", **{quantity: "3"})

    held = await browser.open(booking_url)
    assert "Held, not paid" in held.text
    assert "15 minutes from now" in held.text
    assert "1497.00 INR" in held.text
    assert "http-equiv" not in held.text
    page_url = await browser.press("Pay 1497.00 INR")
    assert page_url.startswith("https://pocket.example/pay/pay_")

    waiting = await browser.open(booking_url)
    assert "We wait to hear from the payment provider" in waiting.text
    assert 'http-equiv="refresh"' in waiting.text
    await pages.pays(page_url)
    paid = await browser.open(booking_url)
    assert "Confirmed" in paid.text
    assert 'http-equiv="refresh"' not in paid.text

    pictures = re.findall(r'<img class="code" src="([^"]+)"', paid.text)
    tokens = [decoded((await browser.open(picture)).content) for picture in pictures]
    booking = (await pages.world.deeds.bookings.mine(await _actor(pages), None, 1)).items[0]
    tickets = await pages.world.tickets(booking)
    assert tokens == [*(ticket.token for ticket in tickets), booking.group_token]

    pages.world.open_doors(event)
    await pages.world.scan(await pages.world.person(Role.ADMIN), event, tokens[0])
    assert "at gate North" in (await browser.open(booking_url)).text
    mine = await browser.open("/bookings")
    assert "An evening of ragas" in mine.text
    await browser.press("Sign out")
    assert (await browser.open("/bookings")).status_code == 303


async def _actor(pages: PageStage) -> Actor:
    return Actor.person(await pages.world.deeds.accounts.show(pages.world.operator, EMAIL))


async def test_a_stranger_signs_in_and_comes_back_to_what_was_chosen(pages: PageStage) -> None:
    event = await pages.world.event()
    buyer = await pages.world.person()
    browser = pages.browser()
    quantity = f"n_{event.ticket_types[0].id}"

    await browser.open(f"/events/{event.id}")
    await browser.open(await browser.press("Sign in to hold places", **{quantity: "4"}))
    back = await browser.press("Sign in", email=buyer.signed_in().email, password=PASSWORD)

    assert back == f"{BASE_URL}/events/{event.id}?{quantity}=4"
    await browser.open(back)
    assert browser.form("Hold places").fields[quantity] == "4"


async def test_a_double_click_holds_once_and_another_choice_is_another_request(pages: PageStage) -> None:
    event = await pages.world.event()
    browser = await pages.signed_in(await pages.world.person())
    await browser.open(f"/events/{event.id}")
    form = browser.form("Hold places")
    quantity = f"n_{event.ticket_types[0].id}"

    async def send(count: str) -> str:
        answer = await pages.clients[-1].post(form.action, data={**form.fields, quantity: count})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    first, second = await asyncio.gather(send("2"), send("2"))
    assert first == second == await send("2")
    assert await send("3") != first
    [places] = (await pages.world.deeds.events.show(pages.world.operator, event.id)).allotments
    assert places.held == 5


async def test_paying_twice_leads_to_one_page(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event()
    booking = await pages.world.hold(buyer, event)
    browser = await pages.signed_in(buyer)
    await browser.open(f"/bookings/{booking.id}")

    async def press() -> str:
        answer = await pages.clients[-1].post(f"/bookings/{booking.id}/pay", data={})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    addresses = {*await asyncio.gather(press(), press()), await press()}

    assert len(addresses) == 1
    assert len(pages.world.bank.charges) == 1


async def test_a_declined_payment_is_tried_again(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event()
    booking = await pages.world.hold(buyer, event)
    browser = await pages.signed_in(buyer)
    await browser.open(f"/bookings/{booking.id}")
    first = await browser.press("Pay 25.00 EUR")
    payment = await pages.world.deeds.bookings.latest_payment(buyer, booking.id)
    await pages.world.bank_says(payment, ChargeState.FAILED)

    declined = await browser.open(f"/bookings/{booking.id}")

    assert "no money was taken" in declined.text
    assert await browser.press("Pay 25.00 EUR") != first


async def test_places_are_given_up(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event()
    booking = await pages.world.hold(buyer, event)
    browser = await pages.signed_in(buyer)
    await browser.open(f"/bookings/{booking.id}")

    await browser.open(await browser.press("Give up these places"))

    assert "This booking is cancelled" in browser.response.text
    assert (await pages.world.booking(booking)).status is BookingStatus.CANCELLED
    assert browser.labels == {"Sign out"}


async def test_a_lapsed_hold_says_so_and_cannot_be_paid(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event()
    booking = await pages.world.hold(buyer, event)
    browser = await pages.signed_in(buyer)
    await browser.open(f"/bookings/{booking.id}")
    pages.world.clock.advance(timedelta(minutes=15))

    await browser.open(await browser.press("Pay 25.00 EUR"))

    assert "free for others again" in browser.response.text
    assert browser.labels == {"Sign out"}


async def test_late_money_goes_back_and_the_buyer_is_told(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event(capacity=1)
    booking = await pages.world.hold(buyer, event)
    payment = await pages.world.start_payment(buyer, booking)
    pages.world.clock.advance(timedelta(minutes=16))
    await pages.world.buy(await pages.world.person(), event)
    await pages.world.bank_says(payment, ChargeState.CAPTURED)
    browser = await pages.signed_in(buyer)

    page = await browser.open(f"/bookings/{booking.id}")

    assert "25.00 EUR was sent back" in page.text


async def test_who_waits_looks_again_only_for_a_while(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event()
    booking = await pages.world.hold(buyer, event)
    await pages.world.start_payment(buyer, booking)
    browser = await pages.signed_in(buyer)
    url, looks = f"/bookings/{booking.id}", 0

    while found := re.search(r'http-equiv="refresh" content="\d+; url=([^"]+)"', (await browser.open(url)).text):
        url, looks = found[1], looks + 1

    assert looks == 20
    assert "Look again" in browser.response.text


async def test_a_provider_that_does_not_answer_is_no_dead_end(pages: PageStage) -> None:
    buyer, event = await pages.world.person(), await pages.world.event()
    booking = await pages.world.hold(buyer, event)
    browser = await pages.signed_in(buyer)
    await browser.open(f"/bookings/{booking.id}")
    pages.world.bank.down = True

    await browser.press("Pay 25.00 EUR")

    assert browser.response.status_code == 503
    assert "did not answer: try again in a moment." in browser.response.text
    pages.world.bank.down = False
    assert (await browser.press("Pay 25.00 EUR")).startswith("https://pocket.example/")


async def test_when_places_go_meanwhile_the_event_page_says_so(pages: PageStage) -> None:
    event = await pages.world.event(capacity=3)
    browser = await pages.signed_in(await pages.world.person())
    await browser.open(f"/events/{event.id}")
    await pages.world.hold(await pages.world.person(), event, 2)

    await browser.press("Hold places", **{f"n_{event.ticket_types[0].id}": "2"})

    assert browser.response.status_code == 409
    assert 'role="alert"' in browser.response.text
    assert "1 place left" in browser.response.text


@pytest.mark.parametrize("quantity", ["0", "", "x", "-1", "\u0663", "21", "1.5", "99999999999999999999"])
async def test_what_is_no_number_of_tickets_holds_nothing(pages: PageStage, quantity: str) -> None:
    event = await pages.world.event(capacity=100)
    browser = await pages.signed_in(await pages.world.person())
    await browser.open(f"/events/{event.id}")

    await browser.press("Hold places", **{f"n_{event.ticket_types[0].id}": quantity})

    assert browser.response.status_code == 400
    [places] = (await pages.world.deeds.events.show(pages.world.operator, event.id)).allotments
    assert places.held == 0


async def test_a_forgotten_password_is_set_anew(pages: PageStage) -> None:
    browser = pages.browser()
    await _signs_up(pages, browser)
    await browser.open("/forgot-password")
    await browser.press("Send me the link", email=EMAIL)
    await pages.world.settle()
    await browser.open(_link(pages))

    await browser.press("Set the password", password="short")
    assert browser.response.status_code == 400
    await browser.open(await browser.press("Set the password", password="another horse, another staple"))

    assert "Your new password is set" in browser.response.text
    await browser.press("Sign in", email=EMAIL, password=PASSWORD)
    assert browser.response.status_code == 400
    await browser.press("Sign in", email=EMAIL, password="another horse, another staple")
    assert browser.response.status_code == 303


async def test_an_address_that_is_not_confirmed_gets_a_new_link(pages: PageStage) -> None:
    browser = pages.browser()
    await _signs_up(pages, browser)
    await browser.open("/sign-in")
    await browser.press("Sign in", email=EMAIL, password=PASSWORD)
    assert browser.response.status_code == 403
    assert 'href="/confirm-email"' in browser.response.text

    await browser.open("/confirm-email")
    await browser.press("Send a new link", email=EMAIL)
    await pages.world.settle()
    await browser.open(_link(pages))
    link = str(browser.response.url)
    assert await browser.press("Confirm my address") == f"{BASE_URL}/sign-in?done=confirmed"

    await browser.open(link)
    await browser.press("Confirm my address")
    assert browser.response.status_code == 400
    assert browser.labels == {"Send a new link"}


async def test_a_profile_is_changed(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    await browser.open("/me")

    await browser.open(await browser.press("Save", name="Asha R. Rao", phone="+91 98765 43210"))

    assert "Your profile is saved." in browser.response.text
    assert browser.form("Save").fields == {"name": "Asha R. Rao", "phone": "+91 98765 43210"}
    await browser.press("Save", name="")
    assert browser.response.status_code == 400


async def test_days_are_those_of_the_place_and_pages_go_on(pages: PageStage) -> None:
    # Two in the morning in Kolkata is still the day before in UTC.
    owner = await pages.world.organizer()
    night = await pages.world.event(owner, in_hours=56.5 - 12 + 24, title="Night")
    for number in range(13):
        await pages.world.event(owner, in_hours=300 + number, title=f"Many {number}")
    browser = pages.browser()
    day = "2026-11-25"

    assert night.schedule.starts_at.date().isoformat() == "2026-11-25"
    assert "Night" in (await browser.open(f"/events?from={day}&to={day}")).text
    assert "Night" not in (await browser.open("/events?from=2026-11-26&to=2026-11-27")).text
    first = (await browser.open("/events?words=many")).text
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await browser.open(following.replace("&amp;", "&"))).text
    assert (first.count('class="event"'), second.count('class="event"')) == (12, 1)
    assert "First page" in second


async def test_a_buyer_gives_a_booking_up_for_what_was_promised(pages: PageStage) -> None:
    organizer = await pages.world.organizer()
    event = await pages.world.event(organizer, refund_policy=RefundTerms(until_hours=24, percent=90, fee="1.00"))
    buyer = await pages.world.person(email=EMAIL)
    booking = await pages.world.buy(buyer, event, 2)
    browser = await pages.signed_in(buyer)

    shown = await browser.open(f"/bookings/{booking.id}")
    assert "44.00 EUR" in shown.text
    assert "6.00 EUR is kept" in shown.text
    # The organizer refunds a part meanwhile: what the page said is no longer so.
    await pages.world.deeds.refund_booking(organizer, RefundCommand(booking.id, "a broken seat", "10.00"))
    await browser.press("Give up all tickets for 44.00 EUR")
    assert browser.response.status_code == 409
    assert "By now 34.00 EUR goes back" in browser.response.text

    await browser.open(await browser.press("Give up all tickets for 34.00 EUR"))

    assert "Cancelled" in browser.response.text
    assert "34.00 EUR is being sent back" in browser.response.text
    assert "You cannot come?" not in browser.response.text


async def test_without_a_promise_nothing_is_offered(pages: PageStage) -> None:
    buyer = await pages.world.person(email=EMAIL)
    booking = await pages.world.buy(buyer, await pages.world.event())
    browser = await pages.signed_in(buyer)

    await browser.open(f"/bookings/{booking.id}")

    assert "You cannot come?" not in browser.response.text
