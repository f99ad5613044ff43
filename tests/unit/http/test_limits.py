"""Limits over HTTP: who is told to wait, how long, and what holds while the store does not answer."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.codec import encode
from adapters.http.limited import FORM_LIMIT, LIMIT
from adapters.http.policy import Policy, route_handlers
from application.errors import StoreUnavailable
from application.limits import EXPORT, HOLD, LIMITS, PROMO_CODE, QUOTE, REFUND, RESET_MAIL, SIGN_IN, SIGN_UP, Limit
from application.secrets import secret_id
from application.use_cases.sign_in import SignInCommand
from domain.account import Role
from domain.rate_limit import Rate
from tests.support.http_stage import BASE_URL, Caller, Stage
from tests.support.world import PASSWORD, World

_numbers = itertools.count()


async def ask(client: httpx.AsyncClient, path: str, body: dict[str, str], **headers: str) -> httpx.Response:
    return await client.post(f"/api/v1{path}", json=body, headers=headers)


async def sign_up(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """Each time with another address."""
    email = f"new{next(_numbers)}@example.com"
    return await ask(client, "/accounts", {"email": email, "name": "New", "password": PASSWORD}, **headers)


def wait_s(answer: httpx.Response) -> int:
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests"), answer.text
    return int(answer.headers["retry-after"])


def test_the_table_has_the_numbers_that_are_promised() -> None:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)

    assert SIGN_UP.rate == Rate(10, hour)
    assert RESET_MAIL.rate == Rate(3, hour)
    assert HOLD.rate == Rate(20, hour)
    assert PROMO_CODE.rate == Rate(10, hour)
    assert EXPORT.rate == Rate(10, hour)
    assert LIMITS["check_in"].rate == Rate(50, timedelta(seconds=1))
    assert LIMITS["api_key"].rate == Rate(60, minute)


async def test_whoever_waits_as_long_as_told_passes_and_no_earlier(stage: Stage) -> None:
    for _ in range(10):
        assert (await sign_up(stage.client)).status_code == 202
    stage.world.clock.advance(61.5)

    told = wait_s(await sign_up(stage.client))

    assert told == 299, "10 an hour are one each six minutes, of which 61.5 s are over"
    stage.world.clock.advance(told - 1)
    assert wait_s(await sign_up(stage.client)) == 1
    stage.world.clock.advance(1)
    assert (await sign_up(stage.client)).status_code == 202
    assert wait_s(await sign_up(stage.client)) == 360


async def test_a_made_up_header_makes_no_new_source(stage: Stage) -> None:
    answers = [await sign_up(stage.client, **{"x-forwarded-for": f"198.51.100.{n}"}) for n in range(15)]

    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 5


async def test_a_proxy_of_ours_says_for_whom_it_asks_and_nobody_else_does(tmp_path: Path) -> None:
    async with Stage.of(tmp_path, trusted_proxies=("127.0.0.0/8",)) as stage:
        for number in range(30):
            forwarded = f"198.51.100.{number}"
            assert (await sign_up(stage.client, **{"x-forwarded-for": forwarded})).status_code == 202

        spoofed = [
            await sign_up(stage.client, **{"x-forwarded-for": f"192.0.2.{n}, 203.0.113.1, 127.0.0.9"})
            for n in range(15)
        ]
        assert [answer.status_code for answer in spoofed] == [202] * 10 + [429] * 5
        async with stage.browser(peer="203.0.113.50") as outside:
            past = [await sign_up(outside, **{"x-forwarded-for": f"198.51.101.{n}"}) for n in range(15)]
        assert [answer.status_code for answer in past] == [202] * 10 + [429] * 5


async def test_if_every_header_were_believed_there_would_be_no_limit(tmp_path: Path) -> None:
    async with Stage.of(tmp_path, trusted_proxies=("0.0.0.0/0",)) as stage:
        answers = [await sign_up(stage.client, **{"x-forwarded-for": f"198.51.100.{n}"}) for n in range(15)]

    assert {answer.status_code for answer in answers} == {202}


async def test_mails_are_limited_for_each_address_known_or_not(stage: Stage) -> None:
    known = (await stage.world.person()).signed_in().email
    stories = {}
    for email in (known, "nobody@example.com"):
        story = [await ask(stage.client, "/password-resets", {"email": email}) for _ in range(5)]
        stories[email] = [(answer.status_code, answer.headers.get("retry-after"), answer.content) for answer in story]
    await stage.world.settle()

    assert [status for status, _, _ in stories[known]] == [202] * 3 + [429] * 2
    assert stories["nobody@example.com"] == stories[known]
    assert len(stage.world.mailbox.to(known)) == 3


async def test_nobody_fills_a_mailbox_by_signing_up_with_its_address(stage: Stage) -> None:
    known = (await stage.world.person()).signed_in().email
    body = {"email": known, "name": "Mallory", "password": PASSWORD}

    answers = []
    for number in range(9):
        async with stage.browser(peer=f"198.51.100.{number}") as client:
            answers.append(await ask(client, "/accounts", body))
    await stage.world.settle()

    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert len(stage.world.mailbox.to(known)) == 3


async def test_holds_are_limited_and_a_repetition_gets_its_answer_all_the_same(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event(capacity=100)
    held = [await buyer.hold(event, key=f"hold-{n}") for n in range(20)]
    assert {answer.status_code for answer in held} == {201}, held[-1].text

    assert wait_s(await buyer.hold(event)) == 180
    again = await buyer.hold(event, key="hold-7")

    assert (again.status_code, again.content) == (201, held[7].content)
    assert (await (await stage.caller()).hold(event)).status_code == 201, "another person has a budget of their own"


async def test_wrong_promotion_codes_are_limited_and_after_that_right_ones_too(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event(capacity=100)
    await stage.world.promo_code(event, "EARLY-20")

    async def tries(code: str) -> httpx.Response:
        wanted = [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}]
        return await buyer.post("/bookings/quote", {"event_id": event.id, "tickets": wanted, "promo_code": code})

    for _ in range(20):
        assert (await tries("EARLY-20")).status_code == 200, "right ones cost nothing"
    for number in range(10):
        assert (await tries(f"GUESS-{number}")).status_code == 400

    assert wait_s(await tries("GUESS-11")) == 360
    assert wait_s(await tries("EARLY-20")) == 360
    assert (await buyer.hold(event)).status_code == 201, "without a code they may buy"
    stage.world.clock.advance(360)
    assert (await tries("EARLY-20")).status_code == 200


async def test_wrong_passwords_make_the_socket_wait_and_not_the_header(stage: Stage) -> None:
    people = [(await stage.world.person()).signed_in().email for _ in range(8)]

    answers = [
        await ask(
            stage.client,
            "/sessions",
            {"email": email, "password": "wrong horse battery staple"},
            **{"x-forwarded-for": f"198.51.100.{number}"},
        )
        for number, email in enumerate(people)
    ]

    assert [answer.status_code for answer in answers] == [401] * 6 + [429] * 2
    assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == ("sign_in_locked", "2")


async def test_a_page_says_how_long_to_wait(stage: Stage) -> None:
    async with stage.browser(origin=BASE_URL) as browser:
        form = {"email": "nobody@example.com", "password": "wrong horse battery staple"}
        answers = [await browser.post("/sign-in", data=form) for _ in range(8)]
        mails = [await browser.post("/forgot-password", data=form) for _ in range(5)]
        stage.world.container.limits()._otherwise = {"sign_in": Rate(1, timedelta(hours=1))}
        stage.world.clock.advance(timedelta(hours=2))
        pages = [await browser.post("/sign-in", data=form) for _ in range(2)]

    assert [(answer.status_code, answer.headers.get("retry-after")) for answer in answers[6:]] == [(429, "2")] * 2
    assert "try again in 2 s" in answers[-1].text
    assert (mails[-1].status_code, mails[-1].headers["retry-after"]) == (429, "1200")
    assert (pages[-1].status_code, pages[-1].headers["retry-after"]) == (429, "3600")


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_another_sites_page_cannot_use_up_the_budget_of_its_visitors(
    stage: Stage, headers: dict[str, str]
) -> None:
    for _ in range(15):
        assert (await sign_up(stage.client, **headers)).status_code == 403
        page = await stage.client.post("/signup", data={"name": "x"}, headers=headers)
        assert page.status_code == 403

    assert (await sign_up(stage.client)).status_code == 202


async def test_a_browser_is_known_by_a_cookie_of_its_own(tmp_path: Path) -> None:
    async with Stage.of(tmp_path, base_url="https://tickets.example") as stage:
        person = (await stage.world.person()).signed_in()
        body = {"email": person.email, "password": PASSWORD}
        answer = await stage.stranger.post("/sessions", body)
        [cookie] = [line for line in answer.headers.get_list("set-cookie") if "-device=" in line]
        secret = cookie.partition("=")[2].partition(";")[0]
        stage.client.cookies.clear()
        for _ in range(8):
            await stage.stranger.post("/sessions", {**body, "password": "wrong horse battery staple"})

        stranger = await stage.stranger.post("/sessions", body)
        known = await stage.stranger.post(
            "/sessions", body, headers={"cookie": f"__Host-relex-device={secret}", "origin": "https://tickets.example"}
        )

    words = {word.strip().lower() for word in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-relex-device=")
    assert {"httponly", "secure", "path=/", "samesite=lax", f"max-age={90 * 86_400}"} <= words
    assert not any(word.startswith("domain") for word in words)
    assert (stranger.status_code, known.status_code) == (429, 201)
    kept = await stage.world.container.begin()().known_devices.find(secret_id(secret))
    assert kept is not None
    assert secret not in encode(kept) + kept.id


async def test_a_form_signs_in_a_known_device_too(stage: Stage) -> None:
    person = (await stage.world.person()).signed_in()
    form = {"email": person.email, "password": PASSWORD}
    async with stage.browser(origin=BASE_URL) as browser:
        assert (await browser.post("/sign-in", data=form)).status_code == 303
        await browser.post("/sign-out")
        for _ in range(8):
            await stage.stranger.post("/sessions", {**form, "password": "wrong horse battery staple"})

        assert (await browser.post("/sign-in", data=form)).status_code == 303
    assert (await stage.stranger.post("/sessions", form)).status_code == 429


def _limits_of(stage: Stage) -> dict[tuple[str, str], Limit | None]:
    """What changes something and is open to strangers, with its limit."""
    return {
        (method, path): handler.opt.get(LIMIT) or handler.opt.get(FORM_LIMIT)
        for path, handler in route_handlers(stage.app.routes)
        if handler.opt["policy"] is Policy.ANYONE
        for method in handler.http_methods - {"GET", "HEAD"}
    }


NEED_SESSION = {
    ("DELETE", "/api/v1/sessions/current"),
    ("POST", "/sign-out"),
    ("POST", "/events/{event_id:str}/hold"),
    ("POST", "/events/{event_id:str}/price"),
    ("POST", "/events/{event_id:str}/guest"),
}
"""Pages that do nothing for a stranger, ask them for more, or send them to sign in."""


async def test_whatever_a_stranger_may_change_has_a_limit(stage: Stage) -> None:
    found = _limits_of(stage)

    assert len(found) >= 12
    assert {route for route, limit in found.items() if limit is None} == NEED_SESSION


class _Down:
    """The limiter of a store that does not answer."""

    async def take(self, _key: str, _rate: Rate) -> None:
        raise StoreUnavailable


@pytest.fixture
async def uncounted(tmp_path: Path) -> AsyncIterator[Stage]:
    """An installation whose counts are out of reach; all else still answers."""
    async with Stage.around(World.of(tmp_path, limiter_shared=_Down())) as stage:
        yield stage


async def _with_session(stage: Stage, role: Role = Role.USER, *, approved: bool = False) -> Caller:
    """Signed in past the limits."""
    person = await stage.world.person(role, approved=approved)
    signed_in = await stage.world.deeds.sign_in(SignInCommand(person.signed_in().email, PASSWORD))
    return Caller(stage.client, person, signed_in.secret)


async def test_while_nobody_can_count_no_password_is_looked_at_no_mail_sent_and_no_money_moved(
    uncounted: Stage,
) -> None:
    stage = uncounted
    buyer, event = await _with_session(stage), await stage.world.event()
    booking = await stage.world.buy(buyer.actor, event)
    email = buyer.actor.signed_in().email
    wanted = [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}]
    asked: list[tuple[str, dict[str, Any], str]] = [
        ("/sessions", {"email": email, "password": PASSWORD}, ""),
        ("/password-resets", {"email": email}, ""),
        ("/password-resets/use", {"token": "x", "password": PASSWORD}, ""),
        ("/accounts", {"email": "new@example.com", "name": "New", "password": PASSWORD}, ""),
        (f"/bookings/{booking.id}/refunds", {"reason": "we cannot come"}, "new"),
        (f"/bookings/{booking.id}/cancellation", {}, ""),
        ("/bookings/quote", {"event_id": event.id, "tickets": wanted, "promo_code": "GUESS"}, ""),
    ]

    for path, body, key in asked:
        answer = await buyer.post(path, body, key=key)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
        assert int(answer.headers["retry-after"]) > 0
    assert (await stage.world.booking(booking)).status == booking.status


async def test_while_nobody_can_count_people_read_export_and_buy(uncounted: Stage) -> None:
    stage = uncounted
    organizer = await _with_session(stage, Role.ORGANIZER, approved=True)
    event = await stage.world.event(organizer.actor)
    day = stage.world.clock.now().date().isoformat()

    answers = [
        await organizer.get(f"/reports/transactions.csv?start={day}&end={day}"),
        await organizer.get("/events"),
        await organizer.get("/me"),
        await organizer.hold(event),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 201], [answer.text for answer in answers]


async def test_what_must_be_fast_is_counted_in_memory_alone(uncounted: Stage) -> None:
    stage = uncounted
    organizer = await _with_session(stage, Role.ORGANIZER, approved=True)
    event = await stage.world.event(organizer.actor)
    await stage.world.promo_code(event, "EARLY-20")
    [ticket] = await stage.world.tickets(await stage.world.buy(organizer.actor, event))
    wish = {
        "event_id": event.id,
        "tickets": [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}],
        "promo_code": "EARLY-20",
    }

    held = await organizer.post("/bookings", wish, key="new")
    quoted = await organizer.post("/bookings/quote", wish)
    stage.world.open_doors(event)
    scanned = await organizer.scan(event, ticket.token)

    assert [held.status_code, quoted.status_code, scanned.status_code] == [201, 200, 200], held.text
    assert scanned.json()["outcome"] == "admitted"


async def test_scans_are_limited_to_a_burst(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)

    answers = [await organizer.scan(event, "made up") for _ in range(51)]

    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert answers[-1].headers["retry-after"] == "1"


async def test_exports_are_limited_for_each_person(stage: Stage) -> None:
    organizer = await stage.organizer()
    day = stage.world.clock.now().date().isoformat()

    answers = [await organizer.get(f"/reports/transactions.csv?start={day}&end={day}") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429], answers[0].text


@pytest.mark.parametrize("limit", [QUOTE, REFUND, SIGN_IN], ids=lambda limit: limit.name)
async def test_an_installation_sets_its_own_rates_or_none(stage: Stage, limit: Limit) -> None:
    limits = stage.world.container.limits()
    limits._otherwise = {limit.name: None}
    for _ in range(200):
        await limits.check(limit, "somebody")
