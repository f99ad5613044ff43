"""Every route and every sort of person, taken from the routes: who reaches what, and who cannot tell that it exists."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.http.policy import Policy
from application.access import Actor
from tests.support.cast import Cast, Route, every_route
from tests.unit.http.access_table import ADMINS, ELSEWHERE, EVERYBODY, PEOPLE, REACHES, SIGNED_IN, SUPERADMIN

pytestmark = pytest.mark.slow

_BY_POLICY = {
    Policy.ANYONE: EVERYBODY,
    Policy.MONITOR: EVERYBODY,
    Policy.GATEWAY: EVERYBODY,
    Policy.PASSWORD_GIVEN: SIGNED_IN,
    Policy.BUYER: SIGNED_IN | {"guest"},
    Policy.SIGNED_IN: SIGNED_IN,
    Policy.TEAM: SIGNED_IN,
    Policy.ORGANIZER: ADMINS | {"organizer", "other_organizer"},
    Policy.ADMIN: ADMINS,
    Policy.SUPERADMIN: SUPERADMIN,
}
"""Whom the policy of a route lets in at all. The test's machine may look at /metrics, whoever asks from there."""
_BELOW = ("needs the role", "Your account may not do this")
"""What somebody below the role of a route is told; there are other reasons for a 403."""
_OF_ONE_ANSWER = {"x-request-id", "date", "content-length"}

_NAME = re.compile(r"[a-z]{3}_[0-9a-z]{26}")


@pytest.fixture
async def cast(tmp_path: Path) -> AsyncIterator[Cast]:
    cast = await Cast.of(tmp_path)
    yield cast
    await cast.stage.client.aclose()


def _is_asked_to_sign_in(answer: httpx.Response) -> bool:
    if answer.status_code == 303:
        return urlsplit(answer.headers["location"]).path == "/sign-in"
    return answer.status_code == 401 and answer.json()["code"] == "sign_in_required"


def _is_not_allowed(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and any(words in answer.text for words in _BELOW)


def _reaches(answer: httpx.Response) -> bool:
    return not (_is_asked_to_sign_in(answer) or _is_not_allowed(answer) or answer.status_code in {404, 500})


def _looks(answer: httpx.Response) -> tuple[object, ...]:
    """All of an answer that could tell what is there from what is not. Pages repeat the name that was asked for."""
    headers = {name: _NAME.sub("", value) for name, value in answer.headers.items() if name not in _OF_ONE_ANSWER}
    return answer.status_code, headers, _NAME.sub("", answer.text)


async def _wrong(cast: Cast, under: str = "") -> list[str]:
    wrong = []
    for route in every_route(cast.stage):
        if route.name in ELSEWHERE or under not in route.path:
            continue
        for person in PEOPLE:
            said = await _against(cast, route, person)
            if said:
                wrong.append(f"{person}: {route.name}: {said}")
    return wrong


async def _against(cast: Cast, route: Route, person: str) -> str:
    """What is wrong with the answer; empty if nothing is."""
    answer = await cast.ask(person, route)
    if person not in _BY_POLICY[route.policy]:
        refused = _is_asked_to_sign_in if person in {"anonymous", "guest"} else _is_not_allowed
        return "" if refused(answer) else f"not refused: {answer.status_code} {answer.text[:80]}"
    if not route.parameters:
        return "" if answer.status_code < 500 and not _is_not_allowed(answer) else f"refused: {answer.status_code}"
    if person in REACHES[route.name]:
        return "" if _reaches(answer) else f"does not reach it: {answer.status_code} {answer.text[:80]}"
    missing = await cast.ask(person, route, for_real=False)
    if _looks(answer) != _looks(missing):
        return f"sees a difference: {answer.status_code} and {missing.status_code}"
    is_refused = _is_asked_to_sign_in(answer) or answer.status_code in {400, 404, 415}
    return "" if is_refused else f"reaches it: {answer.status_code}"


async def test_every_route_that_names_a_thing_has_its_row(cast: Cast) -> None:
    naming = {route.name for route in every_route(cast.stage) if route.parameters}

    assert naming == set(REACHES) | set(ELSEWHERE)
    assert not set(REACHES) & set(ELSEWHERE)


async def test_everybody_reaches_what_the_table_says_and_cannot_tell_that_the_rest_is_there(cast: Cast) -> None:
    assert set(cast.people) == set(PEOPLE)

    assert await _wrong(cast) == []


async def test_the_matrix_sees_a_forgotten_owner(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control: bookings of others can be seen by whoever is signed in."""
    monkeypatch.setattr(Actor, "check_may_see", lambda self, _booking: self.signed_in())

    wrong = await _wrong(cast, "/api/v1/bookings/")

    assert any(line.startswith("other: GET /api/v1/bookings/{booking_id:str}: ") for line in wrong), wrong


async def test_the_matrix_sees_an_answer_that_tells_theirs_from_none(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control: an event of others is refused with other words than one that does not exist."""
    monkeypatch.setattr(Actor, "check_may", lambda self, deed, event: self.may(deed, event) or self.check_fresh(None))

    wrong = await _wrong(cast, "/report")

    assert any(line.startswith("other_organizer: GET /api/v1/events/{event_id:str}/report") for line in wrong), wrong


async def test_lists_tell_of_nobody_elses(cast: Cast) -> None:
    """Ids are only shown to those who reach what they name; of events, what is public is for everybody."""
    private = {
        name: cast.things[name] for name in ("booking_id", "ticket_id", "refund_id", "request_id", "document_id")
    }

    told = []
    for route in every_route(cast.stage):
        if route.method != "GET" or route.parameters:
            continue
        for person in ("anonymous", "guest", "other", "other_organizer", "door"):
            answer = await cast.ask(person, route)
            told += [f"{person}: {route.name} tells {name}" for name, thing in private.items() if thing in answer.text]

    assert told == []
    mine = await cast.people["user"].get("/bookings")
    assert private["booking_id"] in mine.text, "the list is not just empty"
