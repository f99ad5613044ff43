"""A browser for tests: an installation and a Chromium for each worker, and nothing left of one test for the next.

selenium is imported only here and by who asks for a window: the tests of everything else need none of it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.browser_site import BrowserSite, browser_site
from tests.support.chromium import has_chromium, running_chromium

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from tests.support.window import Window

MISSING: Final = "Chromium or its driver is not installed"


def pytest_report_header() -> str:
    """Whether pages are looked at in a real browser."""
    return f"Browser: {'Chromium' if has_chromium() else f'none, for {MISSING}: the tests of pages in one skip'}"


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserSite]:
    if not has_chromium():
        pytest.skip(MISSING)
    with browser_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def chromium(installation: BrowserSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Chrome"]:
    with running_chromium(tmp_path_factory.mktemp("chromium"), installation.certificate) as driver:
        yield driver


@pytest.fixture
def window(installation: BrowserSite, chromium: "Chrome") -> Iterator["Window"]:
    from tests.support.window import Window

    window = Window(chromium, installation.url)
    window.forget()
    yield window
    window.forget()


@pytest.fixture
def looked_at(window: "Window") -> "Window":
    """A window whose pages axe-core can look at."""
    from tests.support.axe_core import PACKAGE

    if not PACKAGE.can_be_had():
        pytest.skip("npm is not installed, or does not give axe-core")
    return window
