"""What the door answers to codes that open nothing."""

from datetime import timedelta

import pytest

from application.records import TeamRole
from domain.event import Event
from domain.ticket import Ticket
from tests.support.http_stage import Caller, Stage


async def _sold(stage: Stage) -> tuple[Caller, Caller, Event, Ticket]:
    organizer, buyer = await stage.organizer(), await stage.caller()
    event = await stage.world.event(organizer.actor)
    [ticket] = await stage.world.tickets(await stage.world.buy(buyer.actor, event))
    return organizer, buyer, event, ticket


async def test_a_code_that_was_altered_anywhere_is_refused(stage: Stage) -> None:
    organizer, _, event, ticket = await _sold(stage)
    stage.world.open_doors(event)

    for position in range(0, len(ticket.token), 12):
        other = "A" if ticket.token[position] != "A" else "B"
        altered = ticket.token[:position] + other + ticket.token[position + 1 :]
        answer = (await organizer.scan(event, altered)).json()
        assert answer["outcome"] == "refused", position
        assert answer["reason"] in {"code_malformed", "code_forged", "code_key_revoked", "code_for_other_event"}

    assert (await organizer.scan(event, ticket.token)).json()["outcome"] == "admitted"


@pytest.mark.parametrize("around", [" {}", "{} ", "\n{}", "{}\n", "{}\x00"])
async def test_a_code_is_used_as_it_was_scanned(stage: Stage, around: str) -> None:
    organizer, _, event, ticket = await _sold(stage)
    stage.world.open_doors(event)

    answer = (await organizer.scan(event, around.format(ticket.token))).json()

    assert (answer["outcome"], answer["reason"]) == ("refused", "code_malformed")


async def test_a_code_of_another_event_is_refused(stage: Stage) -> None:
    organizer, _, event, ticket = await _sold(stage)
    other = await stage.world.event(organizer.actor)
    stage.world.open_doors(event)

    answer = (await organizer.scan(other, ticket.token)).json()

    assert (answer["outcome"], answer["reason"]) == ("refused", "code_for_other_event")


async def test_a_code_is_good_only_while_the_doors_are_open(stage: Stage) -> None:
    organizer, _, event, ticket = await _sold(stage)
    clock, schedule = stage.world.clock, event.schedule

    clock.set(schedule.doors_open_at - timedelta(minutes=6))
    early = (await organizer.scan(event, ticket.token)).json()
    clock.set(schedule.closes_at + timedelta(minutes=6))
    late = (await organizer.scan(event, ticket.token)).json()

    assert (early["outcome"], early["reason"]) == ("refused", "too_early")
    assert (late["outcome"], late["reason"]) == ("refused", "too_late")


async def test_a_reissued_code_is_the_only_one(stage: Stage) -> None:
    organizer, buyer, event, ticket = await _sold(stage)
    stage.world.open_doors(event)

    [new] = (await buyer.post(f"/tickets/{ticket.id}/reissue")).json()["items"]
    old = (await organizer.scan(event, ticket.token)).json()

    assert new["generation"] == 2
    assert (old["outcome"], old["reason"]) == ("refused", "code_superseded")
    whole = (await buyer.post(f"/bookings/{ticket.booking_id}/reissue")).json()["items"]
    assert [each["generation"] for each in whole] == [3]


async def test_the_same_scan_sent_twice_is_one(stage: Stage) -> None:
    organizer, _, event, ticket = await _sold(stage)
    stage.world.open_doors(event)

    first = await organizer.scan(event, ticket.token, scan_id="one")
    again = await organizer.scan(event, ticket.token, scan_id="one")

    assert first.json()["outcome"] == "admitted"
    assert again.json() == first.json()


async def test_an_undone_entry_lets_the_person_in_again(stage: Stage) -> None:
    organizer, _, event, ticket = await _sold(stage)
    stage.world.open_doors(event)
    await organizer.scan(event, ticket.token)

    undone = await organizer.post("/admissions/undo", {"subject": ticket.id, "reason": "wrong phone", "gate": "North"})
    twice = await organizer.post("/admissions/undo", {"subject": ticket.id, "reason": "wrong phone"})
    again = await organizer.scan(event, ticket.token)

    assert (undone.json()["outcome"], undone.json()["reason"]) == ("undone", "wrong phone")
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_undo")
    assert again.json()["outcome"] == "admitted"


async def test_door_staff_scan_at_their_event_until_that_is_withdrawn(stage: Stage) -> None:
    organizer, _, event, ticket = await _sold(stage)
    staff = await stage.caller()
    other = await stage.world.event(organizer.actor)
    stage.world.open_doors(event)
    assert (await staff.scan(event, ticket.token)).status_code == 404

    await stage.world.let(event, staff.actor, TeamRole.DOOR)
    here, elsewhere = await staff.scan(event, ticket.token), await staff.scan(other, ticket.token)
    await organizer.delete(f"/events/{event.id}/team/{staff.actor.name}")

    assert (here.json()["outcome"], elsewhere.status_code) == ("admitted", 404)
    assert (await staff.scan(event, ticket.token)).status_code == 404


async def test_a_code_picture_is_kept_until_there_is_a_new_code(stage: Stage) -> None:
    _, buyer, _, ticket = await _sold(stage)
    path = f"/tickets/{ticket.id}/qr.svg"

    first = await buyer.get(path)
    known = await buyer.get(path, headers={"if-none-match": first.headers["etag"]})
    print_ = await buyer.get(f"{path}?print=true", headers={"if-none-match": first.headers["etag"]})
    await buyer.post(f"/tickets/{ticket.id}/reissue")
    new = await buyer.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"].startswith("image/svg+xml")
    assert first.headers["cache-control"] == "private, no-cache"
    assert (known.status_code, known.content) == (304, b"")
    assert (print_.status_code, print_.content != first.content) == (200, True)
    assert (new.status_code, new.content != first.content) == (200, True)
