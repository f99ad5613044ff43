"""A guest buys a ticket with Tab, Enter and letters alone."""

import pytest
from selenium.webdriver.common.keys import Keys

from adapters.cli.demo_cast import EXHIBITION
from tests.support.keyboard import Keyboard
from tests.support.page_look import faults_shown
from tests.support.window import Window

pytestmark = pytest.mark.browser


def test_a_guest_needs_no_mouse_from_the_list_of_events_to_a_ticket(looked_at: Window) -> None:
    window, keyboard = looked_at, Keyboard(looked_at)
    window.open("/")

    assert keyboard.goes_on() == "Skip to the content"
    keyboard.types(Keys.ENTER)
    assert keyboard.goes_on() == "Words"
    keyboard.presses(EXHIBITION)
    window.sees("Book without an account")
    keyboard.writes("Day ticket", "1")
    keyboard.presses("Book without an account")
    window.sees("Who are the tickets for?")
    keyboard.writes("Name", "Asha Rao")
    keyboard.writes("E-mail address", "asha.without.mouse@example.com")
    keyboard.presses("Hold places")
    window.sees("Your places are held until")
    keyboard.presses("Pay 200.00 INR")
    window.sees("What shall happen?")
    assert faults_shown(window) == [], "the sandbox's page too"
    keyboard.presses("Pay")

    window.sees("Your ticket")
    assert faults_shown(window) == []


def test_a_thing_that_no_key_reaches_stops_the_way(window: Window) -> None:
    """A negative control: with the focus taken from the one link that leads on."""
    window.open("/")
    window.ask("[...document.links].find(one => one.textContent === arguments[0]).tabIndex = -1", EXHIBITION)

    with pytest.raises(AssertionError, match="no way to"):
        Keyboard(window).goes_to(EXHIBITION)


def test_a_focus_that_nothing_shows_is_noticed(window: Window) -> None:
    """A negative control."""
    window.open("/")
    window.ask("for (const link of document.links) link.style.outline = 'none'")

    with pytest.raises(AssertionError, match="nothing shows it"):
        Keyboard(window).goes_to(EXHIBITION)
