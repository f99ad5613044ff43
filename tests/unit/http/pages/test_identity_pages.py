"""Becoming an organizer with a browser, and deciding on it."""

from typing import Any

import httpx

from domain.account import Role
from tests.support.documents import PDF, aadhaar, form, passport
from tests.support.form_browser import FormBrowser
from tests.support.page_audit import faults_of
from tests.support.page_stage import PageStage


async def _send(browser: FormBrowser, path: str, sent: dict[str, Any]) -> httpx.Response:
    """A form with files, as a browser sends it."""
    browser.response = await browser.client.post(path, **sent)
    return browser.response


async def test_from_the_form_to_the_approval(pages: PageStage) -> None:
    person, reviewer = await pages.world.person(), await pages.world.person(Role.ADMIN)
    browser, desk = await pages.signed_in(person), await pages.signed_in(reviewer)
    await browser.open("/organizer")
    assert browser.labels >= {"Send the request"}
    assert set(browser.form("Send the request").fields) == {"legal_name", "number", "front", "back"}

    sent = await _send(browser, "/organizer", form())
    assert sent.headers["location"] == "/organizer?done=sent"
    assert "waits for a decision" in (await browser.open("/organizer?done=sent")).text
    assert "Send the request" not in browser.labels

    listed = await desk.open("/admin/kyc-requests")
    path = listed.text.partition('href="/admin/kyc-requests/kyc_')[2].partition('"')[0]
    await desk.open(f"/admin/kyc-requests/kyc_{path}")
    assert faults_of(desk.response.text) == []
    await desk.press("Ask for more", reason="the other page too")
    assert "the other page too" in (await browser.open("/organizer")).text
    await browser.press("Send it back", words="there is none")
    await desk.open(f"/admin/kyc-requests/kyc_{path}")
    assert "there is none" in desk.response.text
    await desk.press("Approve", reason="seen")
    # A new role begins with a new sign-in.
    browser = await pages.signed_in(person)
    assert "you can publish events until" in (await browser.open("/organizer")).text


async def test_a_form_that_is_refused_says_why_and_asks_again(pages: PageStage) -> None:
    browser = await pages.signed_in(await pages.world.person())

    answer = await _send(browser, "/organizer", form("12"))

    assert answer.status_code == 400
    assert "A passport number has six to nine" in answer.text
    assert faults_of(answer.text) == []


async def test_a_reviewer_says_why_and_then_downloads(pages: PageStage) -> None:
    applicant, reviewer = await pages.world.person(), await pages.world.person(Role.ADMIN)
    check = await pages.world.apply(applicant)
    desk = await pages.signed_in(reviewer)
    await desk.open(f"/admin/kyc-requests/{check.id}")

    await desk.press("Download the front", reason=" ")
    assert (desk.response.status_code, "say why" in desk.response.text.lower()) == (400, True)
    link = await desk.press("Download the front", reason="first look")
    got = await desk.open(link)

    assert (got.content, got.headers["content-disposition"].partition(";")[0]) == (PDF, "attachment")


async def test_the_applicant_adds_looks_and_withdraws(pages: PageStage) -> None:
    person = await pages.world.person()
    check = await pages.world.apply(person)
    browser = await pages.signed_in(person)
    await browser.open("/organizer")
    assert (await browser.open(await browser.press("Download the front"))).content == PDF

    await browser.open("/organizer")
    added = await _send(browser, f"/organizer/{check.id}/documents", form(legal_name=""))
    assert added.headers["location"] == "/organizer?done=added"
    await browser.open("/organizer")
    await browser.press("Withdraw the request")

    await browser.open("/organizer")
    assert "withdrawn" in browser.response.text
    assert "Send the request" in browser.labels


async def test_a_reviewer_sees_who_else_has_used_a_document_and_not_their_own_decision(pages: PageStage) -> None:
    first = await pages.world.apply(await pages.world.person(), passport())
    second = await pages.world.apply(await pages.world.person(), passport())
    reviewer = await pages.world.person(Role.ADMIN)
    own = await pages.world.apply(reviewer, aadhaar())
    desk = await pages.signed_in(reviewer)

    assert f"/admin/kyc-requests/{first.id}" in (await desk.open(f"/admin/kyc-requests/{second.id}")).text
    assert faults_of(desk.response.text) == []
    shown = await desk.open(f"/admin/kyc-requests/{own.id}")

    assert "somebody else decides" in shown.text
    assert "Approve" not in desk.labels
    refused = await desk.client.post(f"/admin/kyc-requests/{own.id}", data={"decision": "approve", "reason": "me"})
    assert refused.status_code == 403
