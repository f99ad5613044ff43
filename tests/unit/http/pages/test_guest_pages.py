"""Buying on the pages without an account, and without JavaScript."""

from tests.support.mailed_links import link_in
from tests.support.page_stage import PageStage

GUEST = "gina@example.com"


async def test_a_guest_chooses_books_pays_and_comes_back_by_the_link_of_the_mail(pages: PageStage) -> None:
    event = await pages.world.event()
    browser, kind = pages.browser(), event.ticket_types[0].id

    await browser.open(f"/events/{event.id}")
    await browser.press("Book without an account", **{f"n_{kind}": "2"})
    booked = await browser.press("Hold places", name="Gina", email=GUEST)
    await browser.open(booked)
    await pages.pays(await browser.press("Pay 50.00 EUR"))
    assert "Confirmed" in (await browser.open(booked)).text
    await browser.press("Close it on this device")
    assert (await browser.open(booked)).status_code == 303

    other = pages.browser()
    await other.open("/guest")
    await other.press("Send me a link", email=GUEST)
    await pages.world.settle()
    await other.open(f"/guest/open?token={link_in(pages.world, GUEST, 'guest/open')}")
    assert (await pages.browser().open(booked)).status_code == 303, "looking at the link opens nothing"
    mine = await other.press("Open my bookings")

    assert event.title in (await other.open(mine)).text
    assert "Confirmed" in (await other.open(booked)).text
    assert (await other.open("/me")).headers["location"].startswith("/sign-in")


async def test_the_form_sent_twice_is_one_booking(pages: PageStage) -> None:
    event = await pages.world.event()
    browser, kind = pages.browser(), event.ticket_types[0].id
    await browser.open(f"/events/{event.id}")
    await browser.press("Book without an account", **{f"n_{kind}": "1"})
    form = browser.response

    first = await browser.press("Hold places", name="Gina", email=GUEST)
    browser.response = form
    again = await browser.press("Hold places", name="Gina", email=GUEST)

    assert first == again


async def test_what_is_wrong_is_said_beside_what_was_typed(pages: PageStage) -> None:
    event = await pages.world.event()
    browser, kind = pages.browser(), event.ticket_types[0].id
    await browser.open(f"/events/{event.id}")
    await browser.press("Book without an account", **{f"n_{kind}": "2"})

    await browser.press("Hold places", name="Gina <b>", email="no address")

    assert browser.response.status_code == 400
    assert "Gina &lt;b&gt;" in browser.response.text
    assert "is not an e-mail address" in browser.response.text
    await browser.press("Hold places", name="Gina", email=GUEST)
    assert browser.response.status_code == 303


async def test_a_link_that_was_used_offers_another(pages: PageStage) -> None:
    browser = pages.browser()
    await browser.open("/guest/open?token=nothing")

    await browser.press("Open my bookings")

    assert browser.response.status_code == 400
    assert "Send me a link" in browser.response.text
