"""What a real browser keeps of a sign-in, whom it shows it, and what it sends where other people's pages lead."""

from typing import Final

import pytest

from tests.support.browser_people import Visitor, signs_in
from tests.support.browser_site import BrowserSite
from tests.support.foreign_pages import foreign_pages
from tests.support.window import Window

pytestmark = pytest.mark.browser

_FORM: Final = """<!doctype html><title>A prize</title>
<form method="post" action="{url}/me"><input type="hidden" name="name" value="Mallory"><button>Win</button></form>
<a href="{url}/me">Look</a>"""


@pytest.fixture
def signed_in(window: Window) -> Window:
    signs_in(window, "ben@demo.example")
    return window


def test_cookies_are_for_this_host_over_https_and_never_for_scripts(signed_in: Window) -> None:
    kept = {cookie["name"]: cookie for cookie in signed_in.driver.get_cookies()}

    assert set(kept) == {"__Host-relex", "__Host-relex-device"}
    for cookie in kept.values():
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax"), cookie
        assert (cookie["domain"], cookie["path"]) == ("localhost", "/"), cookie
    signed_in.ask("document.cookie = 'plain=seen'")
    # A negative control: what is not kept from scripts they do read.
    assert signed_in.ask("return document.cookie") == "plain=seen"


def _name(window: Window) -> str | None:
    window.open("/me")
    return window.field("Your name").get_attribute("value")


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("next_door", "This form came from elsewhere"),
        ("elsewhere", "Your profile"),  # The cookie stays at home, so it is a stranger's form: sign in first, it says.
    ],
)
def test_no_form_of_another_origin_is_taken(
    installation: BrowserSite, signed_in: Window, place: str, answer: str
) -> None:
    with foreign_pages(_FORM.format(url=installation.url), installation.certificate) as foreign:
        signed_in.open(getattr(foreign, place))
        signed_in.press("Win")
        signed_in.sees(answer)
        assert _name(signed_in) == "Ben Carter"

        # Who follows a link comes as who they are: it is the form that is refused, and nobody was signed out.
        signed_in.open(getattr(foreign, place))
        signed_in.press("Look")
        signed_in.sees("Your profile")


def test_if_browsers_did_not_tell_where_a_form_comes_from_next_door_could_send_it(
    installation: BrowserSite, window: Window
) -> None:
    """A negative control: the cookie goes along, and only the origin that the browser tells stands between."""
    person = Visitor.at(installation, window)
    person.signs_up()
    person.signs_in()
    with foreign_pages(_FORM.format(url=installation.url), installation.certificate) as foreign:
        window.open(foreign.next_door)
        window.command("Network.enable")
        window.command("Network.setExtraHTTPHeaders", headers={"Origin": installation.url})
        window.press("Win")
        window.sees("Your profile is saved.")
        window.command("Network.setExtraHTTPHeaders", headers={})

    assert _name(window) == "Mallory"
