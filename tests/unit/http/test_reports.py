"""Reports over HTTP: an organizer's own, everybody's for administrators, and CSV that is whole or visibly not."""

import csv
from io import StringIO
from typing import Any

import pytest

from adapters.exports.formula_safe_csv import BYTE_ORDER_MARK
from domain.account import Role
from domain.event import Event
from tests.support.http_stage import Caller, Stage
from tests.support.ledger_stories import HOSTILE_TITLE, TODAY, a_sale_and_a_refund

SPAN = f"start={TODAY}&end={TODAY}"


async def shop(stage: Stage, title: str = HOSTILE_TITLE) -> tuple[Caller, Event]:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor, title=title)
    await a_sale_and_a_refund(stage.world, event)
    return organizer, event


async def test_a_day_and_a_month_and_an_event_tell_the_same(stage: Stage) -> None:
    organizer, event = await shop(stage)

    day = (await organizer.get(f"/reports/daily?date={TODAY}&zone=Asia/Kolkata")).json()
    month = (await organizer.get("/reports/monthly?month=2026-11")).json()
    of_event = (await organizer.get(f"/events/{event.id}/report")).json()

    [totals] = day["totals"]
    assert {name: totals[name]["amount_minor"] for name in ("gross", "fees", "refunds", "disputes", "net")} == {
        "gross": 5_000,
        "fees": 0,
        "refunds": 2_500,
        "disputes": 0,
        "net": 2_500,
    }
    assert totals["counts"]["payments"] == 2
    assert day["starts_at"] == "2026-11-21T18:30:00Z"
    assert day["organizer_id"] == event.organizer_id
    assert month["totals"] == of_event["totals"] == day["totals"]
    assert [one["date"] for one in month["days"]] == [TODAY]


async def test_transactions_come_by_page(stage: Stage) -> None:
    organizer, event = await shop(stage)

    first = (await organizer.get(f"/reports/transactions?{SPAN}&limit=2")).json()
    second = (await organizer.get(f"/reports/transactions?{SPAN}&cursor={first['next_cursor']}")).json()
    of_event = (await organizer.get(f"/reports/transactions?event_id={event.id}")).json()

    assert [row["kind"] for row in first["items"] + second["items"]] == ["capture", "capture", "refund"]
    assert second["next_cursor"] is None
    assert of_event["items"] == first["items"] + second["items"]
    assert (await organizer.get(f"/reports/transactions?{SPAN}&gateway=stripe")).json()["items"] == []


async def test_csv_is_downloaded_under_a_safe_name(stage: Stage) -> None:
    organizer, event = await shop(stage)

    answer = await organizer.get(f"/reports/transactions.csv?{SPAN}")
    of_event = await organizer.get(f"/reports/transactions.csv?event_id={event.id}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="transactions-{TODAY}-to-{TODAY}.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content.startswith(BYTE_ORDER_MARK)
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["amount"] for row in rows] == ["25.00", "25.00", "-25.00"]
    assert {row["event_title"] for row in rows} == {"'" + HOSTILE_TITLE}
    assert of_event.headers["content-disposition"] == 'attachment; filename="transactions.csv"'
    assert of_event.content.count(b"\r\n") == 4


async def test_an_organizer_never_sees_anothers(stage: Stage) -> None:
    mine, event = await shop(stage)
    other = await stage.organizer()
    whose = event.organizer_id

    assert (await other.get(f"/reports/daily?date={TODAY}")).json()["totals"] == []
    assert (await other.get(f"/reports/transactions?{SPAN}")).json()["items"] == []
    assert (await other.get(f"/reports/transactions.csv?{SPAN}")).content.count(b"\r\n") == 1
    for path in (
        f"/reports/daily?date={TODAY}&organizer_id={whose}",
        f"/reports/monthly?month=2026-11&organizer_id={whose}",
        f"/reports/transactions?{SPAN}&organizer_id={whose}",
        f"/reports/transactions?{SPAN}&event_id={event.id}",
        f"/reports/transactions.csv?{SPAN}&organizer_id={whose}",
        f"/reports/transactions.csv?event_id={event.id}",
        f"/events/{event.id}/report",
    ):
        answer = await other.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert (await mine.get(path)).status_code == 200, path


async def test_an_administrator_sees_all_or_one_organizers(stage: Stage) -> None:
    await shop(stage)
    _, event = await shop(stage, "Jazz")
    admin = await stage.caller(Role.ADMIN)

    everybody = (await admin.get(f"/reports/daily?date={TODAY}")).json()
    one = (await admin.get(f"/reports/daily?date={TODAY}&organizer_id={event.organizer_id}")).json()

    assert everybody["totals"][0]["gross"]["amount"] == "100.00"
    assert one["totals"][0]["gross"]["amount"] == "50.00"
    assert (await admin.get(f"/reports/transactions?{SPAN}")).json()["items"][5]["kind"] == "refund"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/reports/daily", "invalid_request"),
        ("/reports/daily?date=yesterday", "invalid_request"),
        ("/reports/daily?date=2026-02-30", "invalid_request"),
        ("/reports/daily?date=1900-01-01", "invalid_value"),
        (f"/reports/daily?date={TODAY}&zone=Mars/Olympus", "invalid_value"),
        (f"/reports/daily?date={TODAY}&zone=../../etc/passwd", "invalid_value"),
        (f"/reports/daily?date={TODAY}&month=2026-11", "invalid_request"),
        ("/reports/monthly?month=2026-13", "invalid_value"),
        ("/reports/monthly?month=2026-11-01", "invalid_request"),
        ("/reports/transactions", "invalid_value"),
        (f"/reports/transactions?start={TODAY}", "invalid_value"),
        (f"/reports/transactions?start={TODAY}&end=2026-11-21", "invalid_value"),
        (f"/reports/transactions?start=2025-11-01&end={TODAY}", "invalid_value"),
        (f"/reports/transactions?{SPAN}&cursor=made-up", "invalid_cursor"),
        (f"/reports/transactions?{SPAN}&limit=101", "invalid_request"),
        ("/reports/transactions.csv", "invalid_value"),
        (f"/reports/transactions.csv?start=2025-11-01&end={TODAY}", "invalid_value"),
    ],
)
async def test_what_cannot_be_right_is_told_before_anything_is_sent(stage: Stage, path: str, code: str) -> None:
    answer = await (await stage.organizer()).get(path)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_head_says_what_get_would(stage: Stage) -> None:
    organizer, _ = await shop(stage)

    answer = await organizer.call("HEAD", f"/reports/transactions.csv?{SPAN}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/csv")


async def test_the_description_has_an_example_of_each_report(stage: Stage) -> None:
    schema = (await stage.stranger.get("/schema/openapi.json")).json()

    assert schema["paths"]["/api/v1/reports/transactions.csv"]["get"]["responses"]["200"]["content"].keys() == {
        "text/csv"
    }
    for path in ("/reports/daily", "/reports/monthly", "/reports/transactions", "/events/{event_id}/report"):
        told: dict[str, Any] = schema["paths"][f"/api/v1{path}"]["get"]
        assert told["tags"] == ["Reports"]
        assert {"401", "403", "400"} <= told["responses"].keys()
    assert schema["components"]["schemas"]["ReportView"]["examples"][0]["zone"] == "Asia/Kolkata"
