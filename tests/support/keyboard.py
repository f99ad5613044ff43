"""Hands that have no mouse: they go on to the next thing, type, and press Enter."""

from typing import Final

from attrs import frozen
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.support.window import Window

_STEPS_MAX: Final = 60
_FOCUSED: Final = """
const one = document.activeElement;
if (one === document.body) return ["", true];  // Past the last thing, and before the first.
const words = one.labels && one.labels.length ? one.labels[0].textContent : one.textContent;
return [words.trim(), getComputedStyle(one).outlineStyle !== "none"];
"""


@frozen
class Keyboard:
    """In front of a window."""

    window: Window

    def types(self, keys: str) -> None:
        ActionChains(self.window.driver).send_keys(keys).perform()

    def goes_on(self) -> str:
        """To the next thing; its words. It must be seen where one is."""
        self.types(Keys.TAB)
        words, is_marked = self.window.ask(_FOCUSED)
        assert is_marked, f"{words} has the focus, and nothing shows it"
        return str(words)

    def goes_to(self, words: str) -> None:
        """On and on until it is there, as anybody must who has no mouse."""
        passed = []
        while (here := self.goes_on()) != words:
            passed.append(here)
            assert len(passed) < _STEPS_MAX, f"no way to {words}, but to {passed}"

    def presses(self, words: str) -> None:
        self.goes_to(words)
        self.types(Keys.ENTER)

    def writes(self, label: str, words: str) -> None:
        """What one comes to by going on is selected whole, and replaced by what is typed."""
        self.goes_to(label)
        self.types(words)
