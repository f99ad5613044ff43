"""A buyer's whole way in a real browser, from signing up to a code that opens the door."""

import pytest

from tests.support.browser_people import Door, Visitor
from tests.support.browser_site import BrowserSite
from tests.support.page_stage import decoded
from tests.support.window import Window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_signing_up_to_a_code_that_opens_the_door(
    installation: BrowserSite, window: Window, scripts: bool
) -> None:
    window.run_scripts(on=scripts)
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
