"""axe-core, which looks at a page in a browser as people do who see little, or nothing."""

from functools import cache
from typing import Any, Final

from tests.support.npm_package import NpmPackage
from tests.support.window import Window

PACKAGE: Final = NpmPackage("axe-core", "4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745")
_RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN: Final = """
const told = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0], resultTypes: ["violations"]}).then(
    found => told(found.violations.map(one => [one.id, one.nodes.map(node => node.html)])),
    error => told([["axe itself", [String(error)]]]),
);
"""


@cache
def _script() -> str:
    return (PACKAGE.folder() / "axe.min.js").read_text()


def violations(window: Window) -> dict[str, Any]:
    """The rules that the page breaks, each with the elements that break it."""
    driver = window.driver
    if not driver.execute_script("return 'axe' in window"):
        driver.execute_script(_script())
    return dict(driver.execute_async_script(_RUN, _RULES))
