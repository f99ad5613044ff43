"""API keys on our pages, in a browser without scripts."""

import re

from adapters.http.pages.key_pages import KeyPages
from adapters.http.policy import NEEDS_FRESH
from application.key_format import PATTERN
from domain.api_key import Scope
from tests.support.form_browser import FormBrowser
from tests.support.page_audit import faults_of
from tests.support.page_stage import PageStage


async def _made(browser: FormBrowser, *, name: str = "Shop", scope: str = Scope.EVENTS_READ) -> str:
    """The secret of a new key."""
    answer = await browser.client.post("/me/api-keys", data={"name": name, scope: "yes", "days": "30", "event": ""})
    assert answer.status_code == 200, answer.text
    assert faults_of(answer.text) == []
    assert answer.headers["cache-control"] == "no-store"
    [secret] = re.findall(PATTERN, answer.text)
    return str(secret)


async def _opens(pages: PageStage, secret: str) -> bool:
    return await pages.world.deeds.authenticate(secret) is not None


async def test_a_key_is_made_shown_once_and_ended(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    await browser.open("/me/security")
    assert "/me/api-keys" in browser.response.text

    secret = await _made(browser)
    assert await _opens(pages, secret)
    listed = await browser.open("/me/api-keys")
    assert faults_of(listed.text) == []
    assert secret not in listed.text

    await browser.press("End Shop")

    assert not await _opens(pages, secret)
    assert "revoked" in (await browser.open("/me/api-keys")).text


async def test_a_new_secret_leaves_the_old_one_for_a_day(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    before = await _made(browser)
    key_id = browser_key(await browser.open("/me/api-keys"))

    answer = await browser.client.post("/me/api-keys/rotation", data={"key": key_id})

    [after] = re.findall(PATTERN, answer.text)
    assert [await _opens(pages, secret) for secret in (before, after)] == [True, True]
    pages.world.clock.advance(25 * 3600)
    assert [await _opens(pages, secret) for secret in (before, after)] == [False, True]


def browser_key(listed: object) -> str:
    [key_id] = set(re.findall("key_[0-9a-z]{26}", getattr(listed, "text", "")))
    return str(key_id)


async def test_what_is_refused_is_told_on_the_page(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    wrong = [
        {"name": "Shop", "days": "30"},
        {"name": "Shop", Scope.DOOR: "yes", "days": "soon"},
        {"name": "Shop", Scope.DOOR: "yes", "days": "9000"},
        {"name": "Shop", Scope.DOOR: "yes", "days": "30", "event": "evt_none"},
    ]

    answers = [await browser.client.post("/me/api-keys", data=fields) for fields in wrong]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 404]
    assert all(faults_of(answer.text) == [] for answer in answers)
    assert "There is none." in answers[-1].text


async def test_keys_of_others_are_neither_shown_nor_ended(pages: PageStage) -> None:
    owner, other = [await pages.signed_in(await pages.world.person()) for _ in range(2)]
    secret = await _made(owner, name="Mine")
    key_id = browser_key(await owner.open("/me/api-keys"))

    answers = [await other.client.post(f"/me/api-keys/{what}", data={"key": key_id}) for what in ("end", "rotation")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Mine" not in (await other.open("/me/api-keys")).text
    assert await _opens(pages, secret)


async def test_a_session_that_is_not_fresh_makes_no_key(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())
    pages.world.clock.advance(16 * 60)
    fields = {"name": "Shop", Scope.DOOR: "yes", "days": "30"}

    asked = await browser.client.post("/me/api-keys", data=fields)

    assert (asked.status_code, asked.headers["location"].partition("?")[0]) == (303, "/me/confirm")
    assert [handler.opt.get(NEEDS_FRESH) for handler in (KeyPages.create, KeyPages.rotate)] == [True, True]
