"""A tour of all pages: which there are, who sees them, and what to do first where no address alone leads there."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import frozen

import adapters.http.pages
from adapters.cli.demo_cast import EXHIBITION, ON_SALE, PASSWORD
from adapters.http.pages.rendering import PRODUCT
from tests.support.browser_site import BrowserSite
from tests.support.pictures import png
from tests.support.sandbox_provider import PLAIN
from tests.support.window import Window

TEMPLATES: Final = Path(adapters.http.pages.__file__).parent / "templates"
STRANGER, BUYER, ORGANIZER, ADMIN, APPLICANT = "", *(f"{who}@demo.example" for who in ("asha", "ravi", "admin", "pia"))


@frozen
class Stop:
    """A page: its template, who looks at it, its address with names for what is known, and what is done there first."""

    template: str
    who: str
    path: str
    then: Callable[[Window], None] = lambda _: None
    words: str = ""
    """What only this state of the page says."""
    is_refused: bool = False
    """Whether the answer has the status of an error, which browsers note in their console."""

    def reach(self, window: Window, known: Mapping[str, str]) -> None:
        """Go there."""
        window.open(self.path.format_map(known))
        self.then(window)
        self.recognise(window)

    def recognise(self, window: Window) -> None:
        """Wait until it is the page that is meant."""
        title = title_of(self.template)
        window.until(lambda: title.fullmatch(window.driver.title), f"page of {self.template}")
        window.sees(self.words)


def title_of(template: str) -> re.Pattern[str]:
    """Whatever stands for what the page is about."""
    found = re.search(r"{% block title %}(.*?){% endblock %}", (TEMPLATES / template).read_text())
    assert found
    parts = re.split(r"{%.*%}|{{.*?}}", found[1])
    return re.compile(".*".join(map(re.escape, parts)) + f" \\u2013 {PRODUCT}")


def whole_pages() -> set[str]:
    """All templates but those that are parts of others."""
    found = {path.name for path in TEMPLATES.glob("*.html") if "{% extends" in path.read_text()}
    assert len(found) > 25, "the templates are where they were"
    return found


def known_at(site: BrowserSite) -> dict[str, str]:
    """The names of things in the demonstration, for the addresses of pages."""
    with httpx.Client(base_url=f"{site.demo.url}/api/v1", verify=PLAIN, trust_env=False, timeout=30) as line:
        events = {event["title"]: event["id"] for event in line.get("/events").json()["items"]}
        _show_pictures(line, events[EXHIBITION])
        bookings = _items(line, BUYER, "/bookings")
        [paid] = [one["id"] for one in bookings if one["event_id"] == events[EXHIBITION]]
        return {
            "on_sale": events[ON_SALE],
            "open_now": events[EXHIBITION],
            "sold_out": events["Chamber Music in the Old Library"],
            "paid": paid,
            "cancelled": next(one["id"] for one in bookings if one["phase"] == "cancelled"),
            "check": _items(line, ADMIN, "/kyc-requests")[0]["id"],
        }


def signed_line(line: httpx.Client, who: str) -> None:
    """From now on it speaks for this person."""
    answer = line.post("/sessions", json={"email": who, "password": PASSWORD})
    line.cookies.clear()
    line.headers["authorization"] = f"Bearer {answer.json()['token']}"


def _show_pictures(line: httpx.Client, event_id: str) -> None:
    """An event with pictures, which the demonstration has none of: one with words, one without."""
    path = f"/events/{event_id}/images"
    if not line.get(f"/events/{event_id}").json()["images"]:
        signed_line(line, ORGANIZER)
        for words in ("A lamp and its shadow", ""):
            sent = line.post(path, params={"alt": words}, content=png(), headers={"content-type": "image/png"})
            sent.raise_for_status()


def _items(line: httpx.Client, who: str, path: str) -> list[dict[str, Any]]:
    signed_line(line, who)
    found: list[dict[str, Any]] = line.get(path).json()["items"]
    return found
