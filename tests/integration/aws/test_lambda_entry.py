"""Events as Lambda hands them over, answered by the whole application on memory."""

import asyncio
import base64
import json
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from attrs import define, frozen
from mangum import Mangum

from adapters.aws.lambda_entry import RESERVE_S, HasFailed, LambdaEntry
from adapters.http.app import BODY_BYTES_MAX, HttpConfig, create_app
from application.jobs import Job, Jobs
from application.ports.payment_gateway import ChargeState
from tests.support.http_stage import BASE_URL
from tests.support.world import PASSWORD, World

T = TypeVar("T")
SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-22T16:53:06Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:events:eu-central-1:123456789012:rule/relexbooking"],
    "detail": {},
}


@frozen
class Context:
    left_s: float = 60.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left_s * 1000)


@define
class Lambda:
    """An entry, and the world that it works on."""

    world: World
    entry: LambdaEntry

    def do(self, deed: Coroutine[Any, Any, T]) -> T:
        return self.entry._loop.run_until_complete(deed)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        return self.entry(http_event(method, path, body, **headers), Context())


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lambda]:
    world = World.of(tmp_path)
    entry = LambdaEntry(create_app(world.deeds, HttpConfig(BASE_URL)), world.deeds)
    yield Lambda(world, entry)
    entry.close()


def http_event(method: str, path: str, body: Any = None, cookies: str = "", **headers: str) -> dict[str, Any]:
    """As API Gateway's HTTP API and function URLs write it, in version 2.0 of the payload."""
    path, _, query = path.partition("?")
    is_binary = isinstance(body, bytes)
    text = base64.b64encode(body).decode() if is_binary else json.dumps(body)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "host": "abc.lambda-url.eu-central-1.on.aws",
            "content-type": "application/json",
            "x-forwarded-proto": "https",
            "x-forwarded-for": "203.0.113.9",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abc",
            "domainName": "abc.lambda-url.eu-central-1.on.aws",
            "domainPrefix": "abc",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.9",
                "userAgent": "x",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:16:53:06 +0000",
            "timeEpoch": 1795366386000,
        },
        "isBase64Encoded": is_binary,
    }
    if cookies:
        event["cookies"] = [cookies]
    return event if body is None else event | {"body": text}


def test_a_request_is_answered_and_so_is_the_next(there: Lambda) -> None:
    for _ in range(2):
        answer = there.ask("GET", "/health/live")
        assert answer["statusCode"] == 200
        assert answer["isBase64Encoded"] is False


def test_started_and_stopped_for_each_event_the_second_would_find_it_shut(there: Lambda) -> None:
    """The negative control: this is what Mangum does on its own."""
    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    app: Any = create_app(there.world.deeds, HttpConfig(BASE_URL), on_shutdown=[close])
    there.entry._http = Mangum(app)
    there.ask("GET", "/health/live")

    assert closed == [True]


def test_a_page_is_text(there: Lambda) -> None:
    answer = there.ask("GET", "/")

    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"] is False
    assert "<html" in answer["body"]


def sign_in(there: Lambda, email: str) -> str:
    answer = there.ask("POST", "/api/v1/sessions", {"email": email, "password": PASSWORD})
    assert answer["statusCode"] == 201, answer["body"]
    token: str = json.loads(answer["body"])["token"]
    return token


def test_cookies_come_one_by_one_and_are_known_again(there: Lambda) -> None:
    buyer = there.do(there.world.person())
    body = {"email": buyer.signed_in().email, "password": PASSWORD}
    set_cookies = there.ask("POST", "/api/v1/sessions", body)["cookies"]

    assert [cookie.partition("=")[0] for cookie in set_cookies] == ["relex", "relex-device"]
    session = set_cookies[0].partition(";")[0]
    mine = there.ask("GET", "/api/v1/me", cookies=session)
    assert (mine["statusCode"], buyer.signed_in().email in mine["body"]) == (200, True), mine["body"]
    assert there.ask("GET", "/api/v1/me", cookies="relex=another")["statusCode"] == 401


def test_a_body_in_base64_is_read_as_what_it_is(there: Lambda) -> None:
    buyer = there.do(there.world.person())
    body = json.dumps({"email": buyer.signed_in().email, "password": PASSWORD}).encode()

    assert there.ask("POST", "/api/v1/sessions", body)["statusCode"] == 201


def test_a_body_that_is_too_large_is_refused(there: Lambda) -> None:
    answer = there.ask("POST", "/api/v1/sessions", b"x" * (BODY_BYTES_MAX + 1))

    assert answer["statusCode"] == 413
    assert json.loads(answer["body"])["status"] == 413


def test_a_picture_comes_as_base64_of_what_it_is(there: Lambda) -> None:
    world = there.world
    buyer = there.do(world.person())
    event = there.do(world.event())
    booking = there.do(world.buy(buyer, event))
    [ticket] = there.do(world.tickets(booking))
    token = sign_in(there, buyer.signed_in().email)

    answer = there.ask("GET", f"/api/v1/tickets/{ticket.id}/qr.png", authorization=f"Bearer {token}")

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True), answer["body"]
    assert answer["headers"]["content-type"] == "image/png"
    assert base64.b64decode(answer["body"]).startswith(b"\x89PNG\r\n\x1a\n")


def test_a_scheduled_event_hands_on_what_waits(there: Lambda) -> None:
    world = there.world
    buyer = there.do(world.person())
    payment = there.do(world.start_payment(buyer, there.do(world.hold(buyer, there.do(world.event())))))
    world.bank.becomes(payment.id, ChargeState.CAPTURED, at=world.clock.now())
    there.do(world.deeds.receive_notice("pocket", *world.bank.notice(payment.id, "")))

    answer = there.entry(SCHEDULED, Context())

    assert answer["ended"] is True
    assert answer["done"]["relay"] > 0
    assert there.entry(SCHEDULED, Context())["done"]["relay"] == 0


def slow_jobs(there: Lambda, *jobs: Job) -> LambdaEntry:
    from attrs import evolve

    deeds = evolve(there.world.deeds, jobs=Jobs(there.world.clock, jobs))
    return LambdaEntry(there.entry.app, deeds)


def test_work_ends_before_lambda_would_end_it(there: Lambda) -> None:
    async def for_ever() -> int:
        await asyncio.Event().wait()
        return 1

    entry = slow_jobs(there, Job("for_ever", 1, for_ever))
    answer = entry(SCHEDULED, Context(RESERVE_S + 0.05))
    entry.close()

    assert answer["ended"] is False
    assert "for_ever" not in answer["done"]


def test_a_job_that_fails_keeps_no_other_from_its_work(there: Lambda) -> None:
    done: list[str] = []

    async def fail() -> int:
        raise ValueError

    async def work() -> int:
        done.append("work")
        return 1

    entry = slow_jobs(there, Job("fails", 1, fail), Job("works", 1, work))
    with pytest.raises(HasFailed, match=r"failed: fails; done: \{'relay': 0, 'works': 1\}"):
        entry(SCHEDULED, Context())
    entry.close()

    assert done == ["work"]
