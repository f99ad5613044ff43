"""What people do on our pages again and again: sign up, sign in, buy, go through a door."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import httpx
from attrs import frozen

from adapters.cli.demo_cast import EXHIBITION, PASSWORD
from tests.support.browser_site import BrowserSite
from tests.support.sandbox_provider import PLAIN
from tests.support.window import Window

_numbers: Final = count(1)


@frozen
class Visitor:
    """Somebody new, with a window and an address that nobody had before."""

    site: BrowserSite
    window: Window
    address: str

    @classmethod
    def at(cls, site: BrowserSite, window: Window) -> "Visitor":
        return cls(site, window, f"asha{next(_numbers)}@example.com")

    def signs_up(self) -> None:
        window = self.window
        window.open("/")
        window.press("Sign up")
        window.write("Your name", "Asha Rao")
        window.write("E-mail address", self.address)
        window.write("Password", PASSWORD)
        window.press("Sign up")
        window.sees("Look into your mailbox")
        window.open(window.until(lambda: self.site.mailed_link(self.address, "confirm-email"), "a mail"))
        window.press("Confirm my address")
        window.sees("Your address is confirmed")

    def signs_in(self) -> None:
        signs_in(self.window, self.address)

    def holds(self) -> None:
        """One ticket for what is open now, from the list of all events on."""
        window = self.window
        window.press("Events")
        window.write("Words", "light and shadow")
        window.press("Search")
        window.sees("Events found")
        window.press(EXHIBITION)
        window.write("Day ticket", "1")
        window.press("Hold places")
        window.sees("Your places are held until")

    def buys(self) -> None:
        """One ticket, to its code."""
        self.holds()
        window = self.window
        window.press("Pay 200.00 INR")
        window.sees("What shall happen?")
        window.press("Pay")
        window.sees("Your ticket")


def gives_password(window: Window, address: str, password: str = PASSWORD) -> None:
    """What comes then depends on the account."""
    if not window.path.startswith("/sign-in"):
        window.open("/sign-in")
    window.write("E-mail address", address)
    window.write("Password", password)
    window.press("Sign in")


def signs_in(window: Window, address: str) -> None:
    """With the password alone."""
    gives_password(window, address)
    window.sees("Sign out")


def signs_out(window: Window) -> None:
    window.press("Sign out")
    window.sees("Sign up")


@frozen
class Door:
    """The staff of the event that is open now, with what reads codes in their hands."""

    line: httpx.Client
    event_id: str

    @classmethod
    @contextmanager
    def of(cls, site: BrowserSite) -> Iterator["Door"]:
        url = f"{site.demo.url}/api/v1"
        with httpx.Client(base_url=url, verify=PLAIN, trust_env=False, timeout=30) as line:
            who = {"email": "door@demo.example", "password": PASSWORD}
            line.headers["authorization"] = f"Bearer {line.post('/sessions', json=who).json()['token']}"
            line.cookies.clear()
            found = line.get("/events", params={"words": EXHIBITION}).json()["items"]
            yield cls(line, found[0]["id"])

    def reads(self, code: str) -> Any:
        """What the door says to a code."""
        scan = {"token": code, "gate": "North", "scan_id": f"scan-{next(_numbers)}"}
        return self.line.post(f"/events/{self.event_id}/scans", json=scan).json()["outcome"]
