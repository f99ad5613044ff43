"""Where one is signed in, over HTTP: seen, ended one by one, ended all at once."""

from datetime import timedelta

import pytest

from adapters.http.device_words import UNKNOWN, device_words
from adapters.http.source import neighbourhood
from domain.account import Role
from tests import build
from tests.support.http_stage import Caller, Stage
from tests.support.world import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


async def again(stage: Stage, caller: Caller, *, agent: str = FIREFOX) -> Caller:
    """The same person, signed in once more."""
    body = {"email": caller.actor.signed_in().email, "password": PASSWORD}
    answer = await stage.stranger.post("/sessions", body, headers={"user-agent": agent})
    stage.client.cookies.clear()
    return Caller(stage.client, caller.actor, answer.json()["token"])


async def test_one_sees_where_one_is_signed_in_and_which_of_them_asks(stage: Stage) -> None:
    first = await stage.caller()
    stage.world.clock.advance(timedelta(minutes=3))
    second = await again(stage, first)
    await again(stage, await stage.caller(), agent=SAFARI)

    items = (await second.get("/me/sessions")).json()["items"]

    assert [(item["device"], item["is_current"]) for item in items] == [
        ("Firefox on Linux", True),
        ("a Python program", False),
    ]
    assert items[0]["source"] == "127.0.0.0/24"
    assert items[0]["created_at"] == "2026-11-22T12:03:00Z"
    assert second.token not in str(items)


async def test_one_place_is_signed_out_and_the_others_stay(stage: Stage) -> None:
    first = await stage.caller()
    second = await again(stage, first)
    [other] = [one for one in (await first.get("/me/sessions")).json()["items"] if not one["is_current"]]

    assert (await first.delete(f"/me/sessions/{other['id']}")).status_code == 200

    assert (await second.get("/me")).status_code == 401
    assert (await first.get("/me")).status_code == 200


async def test_ending_the_session_that_asks_takes_its_cookie_away(stage: Stage) -> None:
    caller = await stage.caller()
    [here] = (await caller.get("/me/sessions")).json()["items"]

    answer = await caller.delete(f"/me/sessions/{here['id']}")

    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await caller.get("/me")).status_code == 401


async def test_the_session_of_somebody_else_looks_like_none_at_all(stage: Stage) -> None:
    mine, theirs = await stage.caller(), await stage.caller(Role.ADMIN)
    [found] = (await theirs.get("/me/sessions")).json()["items"]

    answers = [await mine.delete(f"/me/sessions/{name}") for name in (found["id"], "ses_" + "0" * 26)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert (await theirs.get("/me")).status_code == 200


async def test_signing_out_everywhere_else_leaves_a_new_token_and_nothing_else(stage: Stage) -> None:
    first = await stage.caller()
    others = [await again(stage, first) for _ in range(3)]

    answer = await first.post("/me/sessions/end-others")

    assert [(await other.get("/me")).status_code for other in (*others, first)] == [401] * 4
    new = Caller(stage.client, first.actor, answer.json()["token"])
    assert len((await new.get("/me/sessions")).json()["items"]) == 1


async def test_signing_out_elsewhere_makes_no_session_fresh(stage: Stage) -> None:
    root = await stage.caller(Role.SUPERADMIN)
    stage.world.clock.advance(timedelta(minutes=16))
    answer = await root.post("/me/sessions/end-others")
    stage.client.cookies.clear()
    new = Caller(stage.client, root.actor, answer.json()["token"])

    refused = await new.post("/sessions/end-everybody", {"confirm": "sign everybody out"})

    assert refused.json()["code"] == "fresh_sign_in_required"


async def test_sessions_that_are_over_are_not_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await stage.caller()
    stage.world.clock.advance(timedelta(days=10))
    await stage.world.deeds.authenticate(first.token)
    second = await again(stage, first)
    stage.world.clock.advance(timedelta(days=13))
    await stage.world.container.seen().settle()
    await again(stage, first)
    stage.world.clock.advance(timedelta(days=2))
    third = await again(stage, second)

    assert len((await third.get("/me/sessions")).json()["items"]) == 2
    monkeypatch.setattr("application.session_rules.SessionRules.holds", lambda *_: True)
    assert len((await third.get("/me/sessions")).json()["items"]) == 4, "a negative control"


async def test_a_superadministrator_signs_everybody_out_with_the_right_words(stage: Stage) -> None:
    root, user = await stage.caller(Role.SUPERADMIN), await stage.caller()

    wrong = await root.post("/sessions/end-everybody", {"confirm": "yes"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "confirmation_needed")
    assert (await user.get("/me")).status_code == 200
    assert (await root.post("/sessions/end-everybody", {"confirm": "sign everybody out"})).status_code == 200

    assert [(await one.get("/me")).status_code for one in (root, user)] == [401, 401]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/140.0", "Edge on Windows"),
        ("curl/8.5.0", "curl"),
        ("", UNKNOWN),
        ("<script>alert(1)</script>", UNKNOWN),
    ],
)
def test_a_device_is_told_in_words_of_ours_alone(agent: str, words: str) -> None:
    assert device_words(agent) == words


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("198.51.100.77/32", "198.51.100.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("unknown", ""),
    ],
)
def test_a_source_is_told_as_a_neighbourhood(source: str, told: str) -> None:
    assert neighbourhood(source) == told


def test_the_name_of_a_session_does_not_tell_what_it_is_stored_under() -> None:
    session = build.session(id="f" * 64)

    assert session.name.startswith("ses_")
    assert session.id not in session.name
