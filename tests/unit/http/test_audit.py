"""The audit over HTTP, and the number that a request has everywhere."""

import logging
from pathlib import Path

from adapters.monitoring.request_ids import RequestIds
from domain.account import Role
from tests.support.http_stage import Stage, counts


async def test_a_superadministrator_lists_and_shows_who_did_what(stage: Stage) -> None:
    admin = await stage.caller(Role.SUPERADMIN)
    await stage.world.event()
    await stage.world.deeds.seal_audit()

    page = (await admin.get("/audit?limit=2")).json()
    more = (await admin.get(f"/audit?limit=100&cursor={page['next_cursor']}")).json()
    [created] = (await admin.get("/audit?action=event.create")).json()["items"]
    shown = (await admin.get(f"/audit/{created['id']}")).json()

    assert len({item["id"] for item in (*page["items"], *more["items"])}) == len(page["items"]) + len(more["items"])
    assert shown == created
    assert shown["sequence"] > 0
    by_subject = (await admin.get(f"/audit?subject={created['subject']}&actor={created['actor']}")).json()["items"]
    assert {item["action"] for item in by_subject} == {"event.create", "event.publish"}
    assert (await admin.get("/audit?since=2100-01-01T00:00:00Z")).json()["items"] == []
    assert (await admin.get("/audit/aud_none")).status_code == 404


async def test_an_administrator_may_not(stage: Stage) -> None:
    admin = await stage.caller(Role.ADMIN)

    assert (await admin.get("/audit")).status_code == 403
    assert (await admin.get("/audit/aud_none")).status_code == 403


async def test_a_request_has_one_number_in_its_answer_and_in_the_audit(stage: Stage) -> None:
    organizer, admin = await stage.organizer(), await stage.caller(Role.SUPERADMIN)
    event = await stage.world.event(organizer.actor)

    answers = [
        await organizer.patch(f"/events/{event.id}", {"title": title}, headers={"x-request-id": "mine"})
        for title in ("One", "Two")
    ]
    records = (await admin.get("/audit?action=event.edit")).json()["items"]

    numbers = [answer.headers["x-request-id"] for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(set(numbers)) == 2
    assert {record["request_id"] for record in records} == set(numbers), "never what a caller says of itself"


async def test_refusals_have_a_number_too(stage: Stage) -> None:
    numbers = {
        (await stage.stranger.get(path)).headers["x-request-id"] for path in ("/events/none", "/nowhere", "/audit")
    }

    assert len(numbers) == 3


async def test_what_waits_to_be_sealed_is_measured(tmp_path: Path) -> None:
    async with Stage.of(tmp_path) as stage:
        await stage.world.organizer()
        stage.world.clock.advance(90)

        shown = counts((await stage.stranger.get("/metrics")).text)

    assert shown["relex_audit_unsealed"] == 1
    assert shown["relex_audit_oldest_unsealed_seconds"] == 90


def test_a_line_of_the_log_names_its_request() -> None:
    line = logging.makeLogRecord({})

    assert RequestIds().filter(line)
    assert vars(line)["request_id"] == "-"
