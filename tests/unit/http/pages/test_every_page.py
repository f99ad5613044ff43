"""What holds for every page, those to come too: the pages are taken from the routes."""

import re
from pathlib import Path

import httpx
import pytest

from adapters.http.authentication import SECRET_LENGTH_MAX
from adapters.http.pages.static_files import ADDRESSES
from adapters.http.policy import Policy
from application.paging import Page
from application.queries.events import Events, EventSearch, EventWithPlaces
from domain.account import Role
from tests.support.http_stage import BASE_URL
from tests.support.page_audit import faults_of
from tests.support.page_stage import FORM, PageStage, Shown
from tests.support.world import PASSWORD

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self' https://pocket.example; "
    "frame-ancestors 'none'; base-uri 'none'"
)
MORE = (
    "/?words=%3Cscript%3E",
    "/events?category=jazz",
    "/events?from=nonsense",
    "/confirm-email?token=abc",
    "/reset-password?token=abc",
    "/sign-in?done=confirmed&next=/me",
    "/me?done=saved",
    "/bookings?cursor=nonsense",
    "/no-such-page",
    "/api",
)


def _html(answer: httpx.Response) -> bool:
    kind: str = answer.headers.get("content-type", "")
    return kind.startswith("text/html")


async def _all_answers(pages: PageStage) -> list[tuple[str, httpx.Response]]:
    """Every page, as a stranger, the buyer, another person and an organizer see it, there and not there."""
    shown = await Shown.on(pages, description="Long.\n\nAnd longer.", category="Music")
    unpaid = await pages.world.hold(shown.buyer, shown.event)
    paying = await pages.world.hold(shown.buyer, shown.event)
    await pages.world.start_payment(shown.buyer, paying)
    check = await pages.world.apply(shown.buyer)
    shown.known["request_id"] = check.id
    static = {"name": ADDRESSES["style.css"].rpartition("/")[2]}
    paths = [
        *pages.paths("GET", shown.known | static),
        *pages.paths("GET", {}),
        *(f"/bookings/{booking.id}" for booking in (unpaid, paying)),
        f"/events/{shown.event.id}?n_{shown.event.ticket_types[0].id}=2",
        *MORE,
    ]
    browsers = [
        pages.browser(),
        await pages.signed_in(shown.buyer),
        await pages.signed_in(await pages.world.person()),
        await pages.signed_in(await pages.world.organizer()),
        await pages.signed_in(await pages.world.person(Role.ADMIN)),
    ]
    before = pages.digest()
    answers = [(path, await browser.open(path)) for browser in browsers for path in paths]
    assert pages.digest() == before, "looking changed something"
    return answers


async def test_every_page_is_safe_accessible_and_changes_nothing(pages: PageStage) -> None:
    answers = await _all_answers(pages)

    assert len(answers) > 100
    assert sum(_html(answer) and answer.status_code == 200 for _, answer in answers) > 40
    for path, answer in answers:
        # Those for administrators are refused to all others.
        usual = {200, 303, 400, 404} | ({403} if path.startswith("/admin") else set())
        assert answer.status_code in usual, (path, answer.status_code)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
        if _html(answer):
            scripts = "; script-src 'self'; connect-src 'self'" if "<script" in answer.text else ""
            assert answer.headers["content-security-policy"] == POLICY + scripts, path
            assert faults_of(answer.text) == [], path
        else:
            assert "default-src 'none'" in answer.headers["content-security-policy"], path
        if not path.startswith("/static"):
            assert "public" not in answer.headers["cache-control"], path


async def test_a_visit_that_writes_is_noticed(pages: PageStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    real = Events.browse

    async def careless(events: Events, search: EventSearch) -> Page[EventWithPlaces]:
        await pages.world.person()
        return await real(events, search)

    monkeypatch.setattr(Events, "browse", careless)

    with pytest.raises(AssertionError, match="looking changed something"):
        await _all_answers(pages)


async def test_without_its_guard_another_site_could_sign_people_in(
    pages: PageStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control of the next one."""
    monkeypatch.setattr("adapters.http.pages.forms.check_same_site", lambda *_: None)

    with pytest.raises(AssertionError, match="evil"):
        await test_no_form_is_taken_from_another_site(pages)


async def test_no_form_is_taken_from_another_site(pages: PageStage) -> None:
    shown = await Shown.on(pages)
    buyer = await pages.signed_in(shown.buyer)
    await buyer.open("/")
    signed_in = pages.clients[-1]
    stranger = pages.stage.browser()
    pages.clients.append(stranger)
    foreign: tuple[dict[str, str], ...] = (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://tickets.example.evil.example"},
        {"origin": "https://tickets.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {},
    )
    paths = pages.paths("POST", shown.known)
    assert len(paths) >= 11
    fields = {"email": shown.buyer.signed_in().email, "password": PASSWORD, "name": "Mallory", "token": "x"}
    before = pages.digest()

    for path in paths:
        for headers in foreign:
            for client in (signed_in, stranger):
                request = client.build_request("POST", path, data=fields, headers=headers)
                if "origin" not in headers:
                    request.headers.pop("origin", None)
                answer = await client.send(request)
                is_sent_away = answer.headers.get("location", "").startswith("/sign-in")
                assert answer.status_code == 403 or (client is stranger and is_sent_away), (path, headers, answer)
                assert "set-cookie" not in answer.headers, (path, headers)
    assert pages.digest() == before


async def test_the_same_forms_from_our_own_pages_are_taken(pages: PageStage) -> None:
    """A negative control of the one above: it is the origin that is refused, and nothing else."""
    pages.world.lift_limits()
    shown = await Shown.on(pages)
    pages.world.lift_limits()
    for path in pages.paths("POST", shown.known):
        await pages.signed_in(shown.buyer)
        answer = await pages.clients[-1].post(path, data={"email": "a@example.com"})
        # What the use case refuses a buyer is refused whoever sent the form.
        assert answer.status_code != 403 or _is_for_others(path), path
        await pages.signed_in(shown.buyer)
        request = pages.clients[-1].build_request("POST", path, headers={"sec-fetch-site": "same-origin"})
        request.headers.pop("origin")
        assert (await pages.clients[-1].send(request)).status_code != 403 or _is_for_others(path), path


def _is_for_others(path: str) -> bool:
    return path.endswith(("/cancel", "/refund")) or path.startswith("/admin")


async def test_every_page_admits_whom_its_policy_names(pages: PageStage) -> None:
    ranks = [Policy.ANYONE, Policy.SIGNED_IN, Policy.ORGANIZER, Policy.ADMIN]
    for actor in (None, *[await pages.world.person(role) for role in (Role.USER, Role.ORGANIZER, Role.ADMIN)]):
        await (pages.signed_in(actor) if actor else pages.browser().open("/"))
    clients = pages.clients[-len(ranks) :]
    for method, path, policy in pages.routes():
        if path in {"/sign-out", "/reset-password"} or path.endswith("/hold"):
            continue  # These sign out, or let strangers sign in on their way.
        for rank, client in enumerate(clients):
            answer = await client.request(method, re.sub(r"\{\w+:str\}", "none_0", path))
            is_refused = answer.status_code == 403 or answer.headers.get("location", "").startswith("/sign-in")
            assert is_refused == (rank < ranks.index(_least(policy))), (method, path, rank, answer.status_code)


def _least(policy: Policy) -> Policy:
    """Who signed in gave the password, and may have a role at an event."""
    return Policy.SIGNED_IN if policy in {Policy.PASSWORD_GIVEN, Policy.BUYER, Policy.TEAM} else policy


async def test_cookies_are_kept_from_scripts_and_other_sites(tmp_path: Path) -> None:
    pages = PageStage.of(tmp_path, base_url="https://tickets.example")
    buyer = (await pages.world.person()).signed_in()
    browser = pages.browser(origin="https://tickets.example")
    await browser.open("/sign-in")

    await browser.press("Sign in", email=buyer.email, password=PASSWORD)

    cookie = browser.response.headers["set-cookie"]
    assert cookie.startswith("__Host-relex=")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} >= {"httponly", "secure", "path=/", "samesite=lax"}
    assert browser.response.headers["strict-transport-security"]
    await pages.close()


async def test_each_sign_in_has_a_session_of_its_own(pages: PageStage) -> None:
    """A cookie that somebody planted before is not the one that one is signed in with."""
    buyer = (await pages.world.person()).signed_in()
    browser = pages.browser(cookie="relex=" + "x" * SECRET_LENGTH_MAX)
    await browser.open("/sign-in")

    await browser.press("Sign in", email=buyer.email, password=PASSWORD)

    assert "xxx" not in browser.response.headers["set-cookie"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"words=x", "text/plain", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"email=%ff%fe", FORM, 400),
        (b"&".join(b"a%d=1" % n for n in range(200)), FORM, 400),
        (b"email=" + b"a" * 70_000, FORM, 413),
        (b"email=a%00b@example.com", FORM, 400),
        ("email=caf\u00e9".encode(), FORM, 400),
        (b"", FORM, 400),
    ],
)
async def test_what_is_no_form_of_ours_is_refused_with_a_page(
    pages: PageStage, content: bytes, kind: str, status: int
) -> None:
    client = pages.stage.browser(origin=BASE_URL)
    pages.clients.append(client)

    answer = await client.post("/signup", content=content, headers={"content-type": kind})

    assert answer.status_code == status
    assert faults_of(answer.text) == []


async def test_errors_are_pages_for_people_and_data_for_programs(
    pages: PageStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = pages.browser()
    for path in ("/no-such-page", "/events/evt_none", "/static/../app.py", "/static/none.css"):
        answer = await browser.open(path)
        assert (answer.status_code, _html(answer)) == (404, True), path
    assert (await browser.open("/api/v1/none")).headers["content-type"] == "application/problem+json"
    deleted = await pages.clients[-1].delete("/events")
    assert (deleted.status_code, _html(deleted), "GET" in deleted.headers["allow"]) == (405, True, True)

    async def broken(*_: object) -> None:
        raise RuntimeError("the inside of things")

    monkeypatch.setattr("application.queries.events.Events.browse", broken)
    answer = await browser.open("/")
    assert (answer.status_code, _html(answer)) == (500, True)
    assert "the inside of things" not in answer.text

    async def slow(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("application.queries.events.Events.browse", slow)
    answer = await browser.open("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert faults_of(answer.text) == []


async def test_static_files_may_be_kept_for_good(pages: PageStage) -> None:
    for address in ADDRESSES.values():
        answer = await pages.browser().open(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_stranger_who_has_an_event_page_is_told_so_until_it_changes(pages: PageStage) -> None:
    event = await pages.world.event()
    client = pages.stage.browser()
    pages.clients.append(client)
    path = f"/events/{event.id}"
    first = await client.get(path)
    etag = first.headers["etag"]

    known = await client.get(path, headers={"if-none-match": etag})
    await pages.world.hold(await pages.world.person(), event)
    changed = await client.get(path, headers={"if-none-match": etag})

    assert (known.status_code, known.content) == (304, b"")
    assert changed.status_code == 200
    assert "9 places left" in changed.text
    pages.world.open_doors(event)
    assert "tickets are no longer sold here" in (await client.get(path)).text


async def test_a_draft_is_seen_by_its_organizer_alone(pages: PageStage) -> None:
    owner = await pages.world.organizer()
    event = await pages.world.event(owner, published=False)

    assert "only you can see it" in (await (await pages.signed_in(owner)).open(f"/events/{event.id}")).text
    assert (await pages.browser().open(f"/events/{event.id}")).status_code == 404
