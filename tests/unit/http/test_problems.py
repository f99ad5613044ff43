"""What refusals look like, wherever they come from."""

import logging

import pytest

from adapters.http.problems import STATUS
from domain.errors import DomainError
from tests.support.http_stage import Stage
from wiring.container import Container

_SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def _all_errors(of: type[DomainError]) -> set[type[DomainError]]:
    return {of}.union(*(_all_errors(error) for error in of.__subclasses__()))


def test_every_broken_rule_has_a_status() -> None:
    assert Container is not None, "imported for all the errors that come with it"
    ours = {error for error in _all_errors(DomainError) if not error.__module__.startswith("tests")}
    assert len(ours) > 50

    missing = {f"{error.__module__}.{error.__name__}: {error.code}" for error in ours if error.code not in STATUS}

    assert missing == set()


def test_every_code_belongs_to_one_error() -> None:
    codes = [error.code for error in _all_errors(DomainError) if "code" in vars(error)]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/nothing", b"", 404, "not_found"),
        ("GET", "/nothing", b"", 404, "not_found"),
        ("GET", "/schema/nothing", b"", 404, "not_found"),
        ("PUT", "/api/v1/events", b"", 405, "method_not_allowed"),
        ("BREW", "/api/v1/events", b"", 405, "method_not_allowed"),
        ("POST", "/api/v1/sessions", b"{", 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b"", 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b'{"email": "\xff"}', 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b'{"email": "\\ud800"}', 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b"[" * 100_000, 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b'{"email": 5, "password": "x"}', 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b'{"email": "a@b.c", "password": "x", "role": "admin"}', 400, "invalid_request"),
        ("POST", "/api/v1/sessions", b'{"email": "a@b.c", "password": "' + b"x" * 1_000_000 + b'"}', 413, "too_large"),
        ("GET", "/api/v1/events?limit=0", b"", 400, "invalid_request"),
        ("GET", "/api/v1/events?limit=101", b"", 400, "invalid_request"),
        ("GET", "/api/v1/events?limit=ten", b"", 400, "invalid_request"),
        ("GET", "/api/v1/events?starts_from=soon", b"", 400, "invalid_request"),
        ("GET", "/api/v1/events?starts_from=2026-11-22T12:00:00", b"", 400, "invalid_value"),
        ("GET", "/api/v1/events?starts_from=0001-01-01T00:00:00%2B14:00", b"", 400, "invalid_value"),
        ("GET", "/api/v1/events?cursor=made-up", b"", 400, "invalid_cursor"),
        ("GET", "/api/v1/events?words=%00", b"", 400, "invalid_request"),
        ("GET", "/api/v1/events/a%00b", b"", 400, "invalid_request"),
        ("GET", "/api/v1/events/" + "a" * 3_000, b"", 414, "uri_too_long"),
        ("GET", "/api/v1/me", b"", 401, "sign_in_required"),
    ],
)
async def test_every_refusal_is_a_problem_with_the_headers_of_every_answer(  # noqa: PLR0917 - a row of the table
    stage: Stage, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    answer = await stage.stranger.call(method, path, content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.headers["cache-control"] == "no-store"
    assert {name: answer.headers[name] for name in _SECURITY} == _SECURITY


async def test_an_address_says_which_methods_it_knows(stage: Stage) -> None:
    wrong = await stage.stranger.call("PATCH", "/events")
    asked = await stage.stranger.call("OPTIONS", "/events")

    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_head_is_get_without_the_body(stage: Stage) -> None:
    event = await stage.world.event()
    full = await stage.stranger.get(f"/events/{event.id}")

    head = await stage.stranger.call("HEAD", f"/events/{event.id}")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == full.headers["etag"]


async def test_an_error_of_ours_tells_a_number_and_logs_what_happened(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_store: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(type(stage.world.deeds.health.store), "ping", broken)
    with caplog.at_level(logging.ERROR):
        answer = await stage.stranger.get("/health/ready")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "hunter2" not in answer.text
    [said] = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert (said["error_id"], said["route"], said["method"]) == (answer.json()["error_id"], "/health/ready", "GET")


async def test_a_refusal_over_https_asks_for_https_for_good(stage: Stage) -> None:
    assert "strict-transport-security" not in (await stage.stranger.get("/nothing")).headers

    async with Stage.of(stage.world.container.settings().data_dir, base_url="https://tickets.example") as secure:
        assert "strict-transport-security" in (await secure.stranger.get("/nothing")).headers
