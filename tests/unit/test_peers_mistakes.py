"""What went wrong elsewhere: the table of docs/peers-mistakes.md, and the tests that had no better place."""

import ast
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.http.policy import Policy, route_handlers
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.account import Role
from domain.admission import AdmissionOutcome
from tests.support.http_stage import Stage
from tests.support.world import World

ROOT: Final = Path(__file__).parents[2]
TABLE: Final = (ROOT / "docs/peers-mistakes.md").read_text()
CONNECTS: Final = re.compile(
    r"(httpx|requests|urllib3|urllib\.request|aiohttp|socket|http\.client|smtplib|ftplib)(\.|$)"
)
KNOWS_WHOM_IT_CALLS: Final = (
    "adapters/payments/",
    "adapters/processes/",
    "adapters/messaging/",
    "adapters/aws/",
    "adapters/diagnosis/",
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.of(tmp_path)


def test_every_test_of_the_table_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TABLE)

    missing = [
        f"{file}::{name}" for file, name in named if not re.search(rf"def {name}\(", (ROOT / file).read_text("utf-8"))
    ]

    assert len(named) == TABLE.count("\n| ") - 1, "each row names one"
    assert missing == []


def _imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def test_only_what_talks_to_providers_opens_connections() -> None:
    """Nothing fetches an address that somebody gave: who could, does not know how."""
    connecting = {
        str(file.relative_to(ROOT))
        for folder in ("adapters", "application", "domain")
        for file in (ROOT / folder).rglob("*.py")
        if any(CONNECTS.match(name) for name in _imported(file))
    }

    assert len(connecting) > 5
    assert {file for file in connecting if not file.startswith(KNOWS_WHOM_IT_CALLS)} == set()


async def test_a_session_does_not_outlive_its_account(world: World) -> None:
    async with Stage.around(world) as stage:
        admin, buyer = await stage.caller(Role.SUPERADMIN), await stage.caller()
        assert (await buyer.get("/me")).status_code == 200

        await world.deeds.erase_account(admin.actor, buyer.actor.name)

        assert (await buyer.get("/me")).status_code == 401


async def test_no_code_that_a_place_ever_had_opens_a_door_once_it_is_given_up(world: World) -> None:
    event, buyer = await world.event(), await world.person()
    booking = await world.buy(buyer, event)
    [ticket] = await world.tickets(booking)
    codes = [ticket.token]
    for _ in range(2):
        [again] = await world.deeds.reissue_ticket(buyer, ticket.id)
        codes.append(again.token)
    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "the buyer asked"))
    await world.settle()
    codes += [one.token for one in await world.tickets(booking)]
    world.open_doors(event)

    outcomes = [(await world.scan(world.operator, event, code)).outcome for code in dict.fromkeys(codes)]

    assert len(outcomes) >= 3
    assert set(outcomes) == {AdmissionOutcome.REFUSED}


async def test_a_form_of_countless_parts_is_refused(world: World) -> None:
    async with Stage.around(world) as stage:
        organizer = await stage.organizer()
        event = await world.event(organizer.actor)
        many: Any = [("alt", (None, "x"))] * 5_000

        answer = await organizer.call("POST", f"/events/{event.id}/images", files=many)

    assert (answer.status_code, answer.json()["code"]) in {(400, "invalid_request"), (413, "too_large")}


@pytest.mark.parametrize(
    ("package", "mended"),
    [("litestar", (2, 20, 0)), ("pillow", (12, 0, 0)), ("cryptography", (46, 0, 0)), ("multipart", (1, 3, 0))],
)
def test_the_framework_is_newer_than_its_known_holes(package: str, mended: tuple[int, ...]) -> None:
    assert tuple(int(part) for part in version(package).split(".")[:3]) >= mended


def _spellings(path: str) -> list[str]:
    last = path.rstrip("/").rpartition("/")[2]
    return [
        path.replace("/api/", "//api/", 1),
        path.replace("/api/v1/", "/api/v1//", 1),
        path.replace("/v1/", "/v1/events/../", 1),
        path.replace("/v1/", "/v1/events/%2e%2e/", 1),
        path.replace("/v1/", "/v1/./", 1),
        path.replace("/v1/", "/V1/", 1),
        path.replace("/v1/", "/v1%2f", 1),
        path.replace("/v1/", "/v1\\", 1),
        f"{path};/api/v1/events",
        f"{path}%00",
        f"{path}/",
        f"{path}%20",
        path.replace(last, last.upper()),
        path.replace(last, f"%{ord(last[0]):02x}{last[1:]}"),
    ]


async def test_no_spelling_of_a_path_gets_past_its_policy(world: World) -> None:
    """Where nobody may without signing in, no other way to write it lets a stranger in."""
    async with Stage.around(world) as stage:
        closed = [
            re.sub(r"\{\w+:str\}", "none_00000000000000000000000000", path)
            for path, handler in route_handlers(stage.app.routes)
            if path.startswith("/api/") and "GET" in handler.http_methods
            if handler.opt["policy"] not in {Policy.ANYONE, Policy.GATEWAY, Policy.MONITOR}
        ]
        tried = [(spelt, await stage.client.get(spelt)) for path in closed for spelt in _spellings(path)]

    assert len(tried) > 300
    assert [
        (spelt, answer.status_code) for spelt, answer in tried if answer.status_code not in {400, 401, 404, 405}
    ] == []
