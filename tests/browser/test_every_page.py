"""Every page in a real browser: nothing refused, nothing broken, nothing that some people could not use."""

import re
import time
from pathlib import Path

import httpx
import pytest

from tests.support.browser_people import Visitor, gives_password, signs_in, signs_out
from tests.support.browser_site import BrowserSite
from tests.support.page_look import faults_shown
from tests.support.page_stage import PageStage
from tests.support.page_stops import BETWEEN_STEPS, STOPS
from tests.support.page_tour import ADMIN, STRANGER, Stop, known_at, signed_line, whole_pages
from tests.support.sandbox_provider import PLAIN
from tests.support.second_steps import code_of
from tests.support.window import Window

_NO_PAGES = (".png", ".svg", ".pdf", "/static/{}")
_PLANTED = {
    "label:": "document.querySelector('label').remove()",
    "color-contrast:": "document.querySelector('h1').style.color = '#bbb'",
    "sideways at 360": "document.querySelector('main').style.minWidth = '400px'",
    "Executing inline script violates": "document.body.append(Object.assign(document.createElement('script'), "
    "{textContent: 'window.ran = true'}))",
    "Uncaught Error: on its own": "setTimeout(() => { throw new Error('on its own') })",
}


@pytest.mark.browser
@pytest.mark.parametrize("who", sorted({stop.who for stop in STOPS}))
def test_every_page_is_whole_and_can_be_used_by_all(installation: BrowserSite, looked_at: Window, who: str) -> None:
    known = known_at(installation)
    if who != STRANGER:
        signs_in(looked_at, who)
    faults = []

    for stop in [stop for stop in STOPS if stop.who == who]:
        stop.reach(looked_at, known)
        faults += [f"{stop.path}: {fault}" for fault in faults_shown(looked_at, is_refused=stop.is_refused)]

    assert not faults, "\n".join(faults)


@pytest.mark.browser
def test_so_are_those_between_the_steps_of_a_sign_in(installation: BrowserSite, looked_at: Window) -> None:
    person, window = Visitor.at(installation, looked_at), looked_at
    seen = set()

    def look(template: str) -> None:
        Stop(template, STRANGER, window.path).recognise(window)
        assert faults_shown(window) == []
        seen.add(template)

    person.signs_up()
    person.signs_in()
    window.open("/me/security")
    window.press("Set up an app")
    look("new_app.html")
    secret = re.search(r"[A-Z2-7]{32}", window.ask("return document.body.innerText"))
    assert secret
    window.write("The code that the app shows now", code_of(secret[0], time.time()))
    window.press("Use this app")
    look("recovery_codes.html")
    window.press("Go on")
    look("security.html")
    window.open("/me/confirm")
    window.sees("Or a code")
    look("confirm.html")
    signs_out(window)
    gives_password(window, person.address)
    look("second_step.html")
    window.press("Do not sign in")
    gives_password(window, "chen@demo.example", _temporary_password(installation, "chen@demo.example"))
    look("new_password.html")

    assert seen >= set(BETWEEN_STEPS)


def _temporary_password(site: BrowserSite, address: str) -> str:
    with httpx.Client(base_url=f"{site.demo.url}/api/v1", verify=PLAIN, trust_env=False, timeout=30) as line:
        signed_line(line, ADMIN)
        given = line.post(f"/accounts/{address}/temporary-password", headers={"idempotency-key": "once"})
        password: str = given.json()["password"]
        return password


@pytest.mark.browser
def test_what_is_wrong_with_a_page_is_noticed(looked_at: Window) -> None:
    """A negative control: one thing after the other is spoilt on a page that was whole."""
    for words, spoil in _PLANTED.items():
        looked_at.open("/guest")
        assert faults_shown(looked_at) == []

        looked_at.ask(spoil)

        assert any(words in fault for fault in faults_shown(looked_at)), words
        assert looked_at.ask("return window.ran") is None


async def test_no_template_and_no_address_of_a_page_is_left_out(tmp_path: Path) -> None:
    stage = PageStage.of(tmp_path)
    addresses = {re.sub(r"{\w+:str}", "{}", path) for method, path, _ in stage.routes() if method == "GET"}
    await stage.close()
    visited = {re.sub(r"{\w+}", "{}", stop.path.partition("?")[0]) for stop in STOPS}

    assert {stop.template for stop in STOPS} | set(BETWEEN_STEPS) == whole_pages()
    assert {path for path in addresses if not path.endswith(_NO_PAGES)} <= visited | set(BETWEEN_STEPS.values())
