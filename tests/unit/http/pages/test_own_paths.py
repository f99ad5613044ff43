"""Nobody is sent on to another site, whatever an address asks for."""

import pytest

from adapters.http.pages.own_paths import own_path, sign_in_then
from tests.support.form_browser import FormBrowser
from tests.support.http_stage import BASE_URL
from tests.support.page_stage import PageStage
from tests.support.world import PASSWORD

FOREIGN = (
    "https://evil.example",
    "https://evil.example/bookings",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "//evil.example/bookings",
    "/bookings//evil.example",
    "/bookings/../..//evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/./evil.example",
    "/%2f/evil.example",
    "/%2F%2Fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "\n//evil.example",
    "/\n/evil.example",
    "/bookings\r\nLocation: https://evil.example",
    "/bookings%0d%0aLocation:%20https://evil.example",
    "/bookings\r\nSet-Cookie: relex=stolen",
    "/bookings\n",
    "/bookings\0",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "mailto:evil@example.com",
    "file:///etc/passwd",
    "evil.example",
    "bookings",
    "@evil.example",
    "/@evil.example",
    "/bookings@evil.example",
    "https:evil.example",
    "https:/evil.example",
    "//tickets.example@evil.example",
    "http://tickets.example.evil.example",
    "http://tickets.example/bookings",
    "//[::1]",
    "/;//evil.example",
    "/bookings;@evil.example",
    "/bookings#//evil.example",
    "/events?next=//evil.example",
    "/\u3002evil.example",
    "\uff0f\uff0fevil.example",
    "/\u2215evil.example",
    "\u200b//evil.example",
    "/api/v1/sessions",
    "/sign-out",
    "/sign-in?next=/bookings",
    "/schema",
    "/bookings/" + "a" * 500,
    "",
    " ",
)
OWN = (
    "/",
    "/events",
    "/events/evt_01arz3ndektsv4rrffq69g5fav",
    "/events/evt_1?n_tty_1=2&n_tty_2=1",
    "/events?words=jazz+night&place=K%C3%B6ln",
    "/bookings/bkg_1?look=3",
    "/me",
    "/organizer/events/evt_1",
)


@pytest.mark.parametrize("wanted", FOREIGN)
def test_what_is_not_surely_ours_leads_home(wanted: str) -> None:
    assert own_path(wanted) == "/"
    assert sign_in_then(wanted) == "/sign-in"


@pytest.mark.parametrize("wanted", OWN)
def test_our_own_pages_are_gone_on_to(wanted: str) -> None:
    assert own_path(wanted) == wanted


async def _after_sign_in(pages: PageStage, browser: FormBrowser, email: str, wanted: str) -> str:
    """Where the browser is sent if the form itself was tampered with, too."""
    await browser.open("/sign-in")
    await browser.press("Sign in", email=email, password=PASSWORD, next=wanted)
    assert browser.response.status_code == 303, browser.response.text
    return browser.response.headers["location"]


async def test_signing_in_leads_to_no_other_site(pages: PageStage) -> None:
    buyer = (await pages.world.person()).signed_in()
    pages.world.lift_limits()
    for wanted in FOREIGN:
        browser = pages.browser()
        location = await _after_sign_in(pages, browser, buyer.email, wanted)
        assert location == "/", wanted
        again = await browser.open("/sign-in")
        assert again.headers["location"] == "/", wanted
    assert await _after_sign_in(pages, pages.browser(), buyer.email, "/me") == "/me"


async def test_a_forged_host_changes_no_link_and_no_redirect(pages: PageStage) -> None:
    for headers in ({"host": "evil.example"}, {"x-forwarded-host": "evil.example"}, {"forwarded": "host=evil.example"}):
        browser = pages.browser(**headers)
        for path in ("/", "/bookings", "/sign-in?next=/bookings", "/signup", "/no-such-page"):
            answer = await browser.open(path)
            assert "evil.example" not in answer.text + answer.headers.get("location", ""), (headers, path)


async def test_who_must_sign_in_comes_back_to_where_they_wanted_to_go(pages: PageStage) -> None:
    browser = pages.browser()

    answer = await browser.open("/bookings/bkg_1?look=2")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fbookings%2Fbkg_1%3Flook%3D2"
    await browser.open(answer.headers["location"])
    assert browser.form("Sign in").fields["next"] == "/bookings/bkg_1?look=2"
    posted = await pages.clients[-1].post("/bookings/bkg_1/pay", data={})
    assert posted.headers["location"] == "/sign-in?next=%2Fbookings%2Fbkg_1"
    assert BASE_URL not in posted.headers["location"]
