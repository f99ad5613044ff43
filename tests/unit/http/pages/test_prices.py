"""What something costs, on the pages of a buyer without JavaScript."""

import pytest

from domain.tax import TaxRate
from tests.support.http_stage import BASE_URL
from tests.support.page_stage import PageStage


async def test_a_buyer_looks_at_the_price_with_a_code_and_books_at_it(pages: PageStage) -> None:
    world = pages.world
    event = await world.event(price="118.00", currency="INR", tax=TaxRate("GST", 1_800))
    promo = await world.promo_code(event, percent=50, uses_max=1)
    buyer = await world.person()
    browser = await pages.signed_in(buyer)
    quantity = {f"n_{event.ticket_types[0].id}": "2"}

    await browser.open(f"/events/{event.id}")
    assert "Prices include GST 18 %." in browser.response.text
    await browser.press("Show the price", promo_code="early-20", **quantity)

    assert browser.response.status_code == 200
    for words in ("-118.00 INR", "GST 18 % included", "18.00 INR", 'value="early-20"'):
        assert words in browser.response.text
    assert await world.uses(promo) == (0, 0)

    booking_page = await browser.open(await browser.press("Hold places"))
    assert await world.uses(promo) == (1, 0)
    for words in ("Promotion code EARLY-20", "-118.00 INR", "GST 18 % included", "Pay 118.00 INR"):
        assert words in booking_page.text

    await browser.open(f"/events/{event.id}")
    await browser.press("Show the price", promo_code="early-20", **quantity)
    assert browser.response.status_code == 409
    assert "This promotion code has been used as often as it may be." in browser.response.text


@pytest.mark.parametrize("typed", ["NOBODYS", "<script>alert(1)</script>", "\u202eEARLY", '"><b>'])
async def test_a_wrong_code_is_told_and_kept_in_the_field(pages: PageStage, typed: str) -> None:
    event, buyer = await pages.world.event(), await pages.world.person()
    browser = await pages.signed_in(buyer)

    for button in ("Show the price", "Hold places"):
        await browser.open(f"/events/{event.id}")
        await browser.press(button, promo_code=typed)
        assert browser.response.status_code == 400
        assert "There is no such promotion code for this event." in browser.response.text
        assert browser.form("Hold places").fields["promo_code"] == typed
        assert typed not in browser.response.text or "<" not in typed


async def test_a_stranger_signs_in_and_finds_the_code_again(pages: PageStage) -> None:
    event = await pages.world.event()
    for button in ("Show the price", "Sign in to hold places"):
        browser = pages.browser()
        await browser.open(f"/events/{event.id}")
        sent_to = await browser.press(button, promo_code="EARLY-20")

        assert sent_to.startswith(f"{BASE_URL}/sign-in?")
        assert "promo_code%3DEARLY-20" in sent_to


async def test_an_event_without_tax_says_nothing_of_any(pages: PageStage) -> None:
    event = await pages.world.event(tax=TaxRate("GST", 0))

    assert "GST" not in (await pages.browser().open(f"/events/{event.id}")).text
