"""A person in front of a real browser: they read, fill in, press, and look again until something is there."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from attrs import define
from selenium.common.exceptions import NoSuchElementException, TimeoutException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar("T")

WIDE: Final = (1280, 900)
NARROW: Final = (360, 740)
_PATIENCE_S: Final = 40.0
_PAUSE_S: Final = 0.05
_NOT_YET: Final = (WebDriverException,)
"""What the driver says of a page that is on its way out or in. It has no one error for that."""


@define(eq=False)
class Window:
    """One window at one site. Whatever is asked of it waits for what must be there first."""

    driver: Chrome
    url: str

    def open(self, path: str) -> None:
        self.driver.get(path if "://" in path else f"{self.url}{path}")

    @property
    def path(self) -> str:
        """Where it is on the site; the whole address elsewhere."""
        return self.driver.current_url.removeprefix(self.url)

    def until(self, is_so: Callable[[], T], wanted: str) -> T:
        """What is so in the end; AssertionError, with what there was instead, if it never is."""
        try:
            return WebDriverWait(self.driver, _PATIENCE_S, _PAUSE_S, _NOT_YET).until(lambda _: is_so())
        except TimeoutException:
            shown, said = (
                self.ask("return (document.querySelector('main') || document.body).innerText"),
                self.complaints(),
            )
            raise AssertionError(f"no {wanted} at {self.driver.current_url}, but: {shown} {said}") from None

    def sees(self, words: str) -> None:
        """Wait until they can be read."""
        self.until(lambda: words in self.driver.find_element(By.TAG_NAME, "body").text, f'"{words}"')

    def field(self, label: str) -> WebElement:
        """What a label is of."""

        def find() -> WebElement:
            found = self.driver.find_element(By.XPATH, f'//label[starts-with(normalize-space(), "{label}")]')
            return self.driver.find_element(By.ID, found.get_attribute("for") or "")

        return self.until(find, f'a field "{label}"')

    def write(self, label: str, words: str) -> None:
        """Into the field with this label, instead of what stands there."""
        field = self.field(label)
        field.clear()
        field.send_keys(words)

    def pressable(self, words: str) -> WebElement:
        """The button or the link with these words: the last on the page, for the navigation comes first."""
        path = f'//*[self::a or self::button or self::summary][normalize-space()="{words}"]'
        found = [one for one in self.driver.find_elements(By.XPATH, path) if one.is_displayed()]
        if not found:
            raise NoSuchElementException(words)
        return found[-1]

    def press(self, words: str) -> None:
        """As soon as it is there: a page that goes away under the finger was not pressed."""

        def pressed() -> bool:
            self.pressable(words).click()
            return True

        self.until(pressed, f'"{words}" to press')

    def complaints(self) -> list[str]:
        """What the browser warned of in its console since it was last asked: what it refused, what broke."""
        said = self.driver.get_log("browser")  # type: ignore[no-untyped-call] # selenium leaves this one without types
        return [f"{one['level']} {one['message']}" for one in said if one["level"] in {"WARNING", "SEVERE"}]

    def ask(self, script: str, *given: Any) -> Any:
        """What a script of the test finds out, which no policy of the page holds back."""
        return self.driver.execute_script(script, *given)

    def command(self, name: str, **given: Any) -> Any:
        """Tell the browser itself, by the protocol of its developer tools."""
        return self.driver.execute_cdp_cmd(name, given)

    def run_scripts(self, *, on: bool) -> None:
        """Whether pages may run scripts. The test's own still do."""
        self.command("Emulation.setScriptExecutionDisabled", value=not on)

    def resize(self, width: int, height: int, zoom: float = 1.0) -> None:
        """As wide and high as a screen of so many points, zoomed in: each point then takes the room of several."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=round(width / zoom),
            height=round(height / zoom),
            deviceScaleFactor=zoom,
            mobile=False,
        )

    def scheme(self, name: str) -> None:
        """Light or dark, as people set it for their whole device."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def forget(self) -> None:
        """Be as a browser that was never here."""
        self.driver.get("about:blank")
        self.command("Network.clearBrowserCookies")
        self.command("Network.clearBrowserCache")
        self.command("Network.setExtraHTTPHeaders", headers={})
        self.run_scripts(on=True)
        self.resize(*WIDE)
        self.scheme("light")
        self.complaints()
