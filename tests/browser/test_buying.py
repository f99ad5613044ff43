"""A buyer's whole way in a real browser, from signing up to a code that opens the door."""

import httpx
import pytest

from tests.support.browser_people import Door, Visitor
from tests.support.browser_site import BrowserSite
from tests.support.page_stage import decoded
from tests.support.sandbox_provider import PLAIN
from tests.support.window import NARROW, Window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["a wide screen", "a small dark one without scripts"])
def test_from_signing_up_to_a_code_that_opens_the_door(
    installation: BrowserSite, window: Window, scripts: bool
) -> None:
    if not scripts:
        window.run_scripts(on=False)
        window.resize(*NARROW)
        window.scheme("dark")
    buyer = Visitor.at(installation, window)

    buyer.signs_up()
    # Where scripts run, ours shows what needs them: that they are off is no mere claim of the test's.
    assert window.ask("return document.querySelector('[data-needs-passkeys]').hidden") is not scripts
    buyer.signs_in()
    buyer.buys()
    code = window.until(lambda: window.driver.find_element("class name", "code"), "a code")
    window.ask("arguments[0].scrollIntoView()", code)
    seen = decoded(window.driver.get_screenshot_as_png())

    with Door.of(installation) as door:
        assert door.reads(seen) == "admitted"
    window.driver.refresh()
    window.sees("at gate North")
    assert window.complaints() == []


@pytest.fixture
def payment(installation: BrowserSite, window: Window) -> str:
    """Where it is paid on the sandbox's page, while the window shows that we wait to hear of it."""
    buyer = Visitor.at(installation, window)
    buyer.signs_up()
    buyer.signs_in()
    buyer.holds()
    booking = window.path
    window.press("Pay 200.00 INR")
    window.sees("What shall happen?")
    payment = window.driver.current_url
    window.open(booking)
    window.sees("We wait to hear")
    window.ask("window.wasHere = true")
    return payment


def test_who_waits_is_not_interrupted_until_there_is_news(window: Window, payment: str) -> None:
    looked = "return performance.getEntriesByType('resource').some(one => one.name.includes('?look='))"
    window.until(lambda: window.ask(looked), "look at what became of it")
    assert window.ask("return window.wasHere")
    httpx.post(payment, data={"choice": "pay"}, verify=PLAIN, trust_env=False)

    window.sees("Your ticket")
    assert not window.ask("return window.wasHere")
    assert window.complaints() == []


def test_without_scripts_who_waits_is_shown_the_page_again_and_again(window: Window, payment: str) -> None:
    """A negative control of the one above, and how those without scripts hear of it at all."""
    window.run_scripts(on=False)
    window.driver.refresh()
    window.ask("window.wasHere = true")

    window.until(lambda: "?look=" in window.path, "page that was loaded anew")

    assert not window.ask("return window.wasHere")
