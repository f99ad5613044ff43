"""The cancellation of an event over HTTP: looked at before, watched, stopped, and brought to its end."""

from typing import Any

import pytest
from attrs import frozen

from domain.event import Event
from tests.support.calling_off import sell_many, went_back
from tests.support.http_stage import Caller, Stage


@frozen
class Show:
    """An event with bookings, and who runs it."""

    organizer: Caller
    event: Event

    @property
    def path(self) -> str:
        return f"/events/{self.event.id}"

    async def called_off(self, **more: Any) -> None:
        answer = await self.organizer.post(f"{self.path}/cancel", {"title": self.event.title, **more})
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled"), answer.text


async def a_show(stage: Stage, count: int) -> Show:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    await sell_many(stage.world, event, count)
    return Show(organizer, event)


async def test_what_it_would_do_is_told_before(stage: Stage) -> None:
    show = await a_show(stage, 3)

    preview = (await show.organizer.get(f"{show.path}/cancellation/preview")).json()

    assert (preview["bookings"], preview["tickets"], preview["holds_dropped"]) == ({"confirmed": 3}, 6, 0)
    assert preview["to_refund"] == {
        "count": 3,
        "sums": [{"amount": "75.00", "amount_minor": 7500, "currency": "EUR"}],
    }
    assert preview["fees_unknown"] == 3
    assert (await show.organizer.get(f"{show.path}/cancellation")).status_code == 404


async def test_it_is_called_off_with_a_reason_paused_resumed_and_reported(stage: Stage) -> None:
    show = await a_show(stage, 3)
    await show.called_off(reason="the hall is flooded")

    paused = await show.organizer.post(f"{show.path}/cancellation/pause")
    await stage.world.settle()
    still = (await show.organizer.get(f"{show.path}/cancellation")).json()
    resumed = await show.organizer.post(f"{show.path}/cancellation/resume")
    await stage.world.settle()
    done = (await show.organizer.get(f"{show.path}/cancellation")).json()

    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    assert (still["waiting"], still["ended"], still["reason"]) == (3, 0, "the hall is flooded")
    assert resumed.json()["state"] == "running"
    assert (done["state"], done["ended"], done["needs_you"]) == ("done", 3, 0)
    assert done["outcomes"]["succeeded"]["count"] == 3
    over = await show.organizer.post(f"{show.path}/cancellation/pause")
    assert (over.status_code, over.json()["code"]) == (409, "not_allowed_now")


async def test_the_outcomes_come_in_pages_and_by_state(stage: Stage) -> None:
    show = await a_show(stage, 3)
    await show.called_off()
    await stage.world.settle()

    first = (await show.organizer.get(f"{show.path}/cancellation/bookings?limit=2")).json()
    second = (await show.organizer.get(f"{show.path}/cancellation/bookings?cursor={first['next_cursor']}")).json()
    failed = (await show.organizer.get(f"{show.path}/cancellation/bookings?outcome=failed")).json()

    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (2, 1, None)
    assert {item["state"] for item in first["items"] + second["items"]} == {"succeeded"}
    assert failed["items"] == []


async def test_failed_refunds_are_tried_again_once_for_each_key(stage: Stage) -> None:
    show = await a_show(stage, 2)
    stage.world.bank.refuses = True
    await show.called_off()
    await stage.world.settle()
    retries = f"{show.path}/cancellation/retries"

    keyless = await show.organizer.post(retries, {})
    first = await show.organizer.post(retries, {}, key="mine")
    await stage.world.settle()
    again = await show.organizer.post(retries, {}, key="mine")
    other = await show.organizer.post(retries, {"booking_id": "bkg_nowhere"}, key="new")
    stage.world.bank.refuses = False
    [one, _] = (await show.organizer.get(f"{show.path}/cancellation/bookings?outcome=failed")).json()["items"]
    single = await show.organizer.post(retries, {"booking_id": one["booking_id"]}, key="single")
    await stage.world.settle()
    repeated = await show.organizer.post(retries, {"booking_id": one["booking_id"]}, key="single")

    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_required")
    assert (first.status_code, first.json()) == (200, {"begun": 2})
    assert (again.json(), again.headers["idempotent-replayed"]) == ({"begun": 2}, "true")
    assert other.status_code == 404
    assert single.json() == repeated.json() == {"begun": 1}
    assert len(went_back(stage.world)) == 1


async def test_what_was_paid_by_hand_is_noted(stage: Stage) -> None:
    show = await a_show(stage, 1)
    stage.world.bank.refuses = True
    await show.called_off()
    await stage.world.settle()
    [failed] = (await show.organizer.get(f"{show.path}/cancellation/bookings")).json()["items"]
    path = f"{show.path}/cancellation/bookings/{failed['booking_id']}/paid-by-hand"

    nameless = await show.organizer.post(path, {"note": ""})
    noted = await show.organizer.post(path, {"note": "by cheque"})

    assert (failed["state"], failed["trouble"]) == ("failed", "we do not like it")
    assert nameless.status_code == 400
    assert (noted.status_code, noted.json()["state"], noted.json()["note"]) == (200, "paid_by_hand", "by cheque")
    assert noted.json()["settled_by"] == show.organizer.actor.name


@pytest.mark.parametrize("reason", ["x" * 501, "two\nlines", 5])
async def test_a_reason_that_nobody_could_read_is_refused(stage: Stage, reason: Any) -> None:
    show = await a_show(stage, 0)

    answer = await show.organizer.post(f"{show.path}/cancel", {"title": show.event.title, "reason": reason})

    assert answer.status_code == 400
    assert (await show.organizer.get(show.path)).json()["status"] == "published"
