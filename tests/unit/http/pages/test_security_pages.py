"""Second factors on our pages, in a browser without scripts."""

import re
from datetime import timedelta

import httpx

from tests.support.form_browser import FormBrowser
from tests.support.page_audit import faults_of
from tests.support.page_stage import PageStage
from tests.support.second_steps import code_of
from tests.support.world import PASSWORD


def _shown_secret(answer: httpx.Response) -> str:
    found = re.search(r"[A-Z2-7]{32}", answer.text)
    assert found, "the secret is shown for those who type it"
    return found[0]


async def _set_up(pages: PageStage, browser: FormBrowser) -> tuple[str, list[str]]:
    """The app's secret, and the recovery codes."""
    await browser.open("/me/security")
    await browser.open(await browser.press("Set up an app"))
    secret = _shown_secret(browser.response)
    assert faults_of(browser.response.text) == []
    picture = await browser.client.get("/me/security/totp.svg")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    await browser.press("Use this app", code="000000")
    assert (browser.response.status_code, faults_of(browser.response.text)) == (400, [])
    await browser.press("Use this app", code=code_of(secret, pages.world.clock.now().timestamp()))
    assert (browser.response.status_code, faults_of(browser.response.text)) == (200, [])
    codes = re.findall(r"<code>(.+?)</code>", browser.response.text)
    assert len(codes) == 10
    assert "set-cookie" in browser.response.headers
    return secret, codes


async def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(pages: PageStage) -> None:
    buyer = await pages.world.person()
    secret, _ = await _set_up(pages, await pages.signed_in(buyer))
    pages.world.clock.advance(60)

    browser = pages.browser()
    await browser.open("/sign-in?next=/bookings")
    step = await browser.press("Sign in", email=buyer.signed_in().email, password=PASSWORD)
    assert step.endswith("/sign-in/step?next=%2Fbookings")
    assert "/sign-in/step" in (await browser.open("/me")).headers["location"]
    await browser.open(step)
    assert faults_of(browser.response.text) == []
    assert buyer.signed_in().name not in browser.response.text

    where = await browser.press("Go on", code=code_of(secret, pages.world.clock.now().timestamp()))

    assert where.endswith("/bookings")
    assert (await browser.open("/bookings")).status_code == 200


async def test_a_stale_session_confirms_and_goes_on(pages: PageStage) -> None:
    buyer = await pages.world.person()
    browser = await pages.signed_in(buyer)
    _, codes = await _set_up(pages, browser)
    pages.world.clock.advance(timedelta(minutes=20))
    await browser.open("/me/security")

    confirm = await browser.press("Remove the app")
    assert confirm.endswith("/me/confirm?next=%2Fme%2Fsecurity")
    await browser.open(confirm)
    assert faults_of(browser.response.text) == []
    await browser.press("Confirm", password="wrong wrong wrong wrong")
    assert browser.response.status_code == 400
    await browser.open(await browser.press("Confirm", code=codes[0]))
    await browser.open(await browser.press("Remove the app"))

    assert "Set up an app" in browser.labels


async def test_recovery_codes_are_made_anew_and_shown_once(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    _, codes = await _set_up(pages, browser)
    await browser.open("/me/security")

    await browser.press("Make new ones")

    fresh = re.findall(r"<code>(.+?)</code>", browser.response.text)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    text = (await browser.open("/me/security")).text
    assert not any(code in text for code in fresh)
