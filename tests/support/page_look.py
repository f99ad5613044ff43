"""What a browser finds wrong with the page that it shows."""

from typing import Final

from tests.support.axe_core import violations
from tests.support.window import NARROW, WIDE, Window

_REFUSED: Final = "Failed to load resource: the server responded with a status of 4"
_SCREENS: Final = (
    (*NARROW, 1.0),
    (*WIDE, 2.0),
    (320, 740, 1.0),  # What WCAG 2.2 asks for: 1280 points, four times as large.
    (920, 900, 1.0),  # Hardly enough for two columns.
)
_SIDEWAYS: Final = """
const wide = document.documentElement.clientWidth;
if (document.scrollingElement.scrollWidth <= wide) return "";
const over = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > wide);
const inner = over.filter(one => !over.some(other => other !== one && one.contains(other)));
return inner.map(one => one.outerHTML.slice(0, 120)).join(" ") || "something";
"""


def faults_shown(window: Window, *, is_refused: bool = False) -> list[str]:
    """Of policies and errors, of access, of what leaves the screen; in light and dark, wide and narrow."""
    faults = [said for said in window.complaints() if not (is_refused and _REFUSED in said)]
    for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
        window.scheme(scheme)
        window.resize(*size)
        faults += [f"{scheme}, {size[0]} wide: {rule}: {where}" for rule, where in violations(window).items()]
    faults += faults_of_width(window)
    window.scheme("light")
    window.resize(*WIDE)
    return faults + window.complaints()


def faults_of_width(window: Window) -> list[str]:
    """What makes people scroll to the side, on narrow screens or with everything twice as large."""
    faults = []
    for width, height, zoom in _SCREENS:
        window.resize(width, height, zoom)
        over = window.ask(_SIDEWAYS)
        faults += [f"sideways at {width}, {zoom} times as large: {over}"] if over else []
    return faults
