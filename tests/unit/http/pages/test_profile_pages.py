"""One's own picture with a browser: sent by a form with a file, seen, and taken off."""

import httpx

from tests.support import pictures
from tests.support.form_browser import FormBrowser
from tests.support.page_audit import faults_of
from tests.support.page_stage import PageStage


async def _send(browser: FormBrowser, picture: bytes) -> httpx.Response:
    """The form with the file, as a browser sends it."""
    browser.response = await browser.client.post("/me/picture", files={"image": ("me.png", picture, "image/png")})
    return browser.response


async def test_a_picture_is_sent_seen_and_taken_off(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    await browser.open("/me")
    assert "Show this picture" in browser.labels
    assert "Show no picture" not in browser.labels

    sent = await _send(browser, pictures.png())
    assert sent.headers["location"] == "/me?done=shown"
    shown = await browser.open(sent.headers["location"])
    assert "Your picture is shown." in shown.text
    assert faults_of(shown.text) == []
    address = shown.text.partition('class="face" src="')[2].partition('"')[0]
    assert (await browser.client.get(address)).status_code == 200
    assert address in (await browser.open("/bookings")).text, "beside the link to the profile"

    await browser.open("/me")
    gone = await browser.open(await browser.press("Show no picture"))
    assert "Your picture is gone." in gone.text
    assert address not in gone.text


async def test_what_is_no_picture_is_refused_with_the_reason(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())

    for wrong in (b"%PDF-1.7", b""):
        answer = await _send(browser, wrong)
        assert answer.status_code == 400
        assert "not a JPEG or PNG" in answer.text
        assert faults_of(answer.text) == []
