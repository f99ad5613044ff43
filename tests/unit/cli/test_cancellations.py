"""`relexbooking events cancel` and what follows it, typed as a person types it."""

import pytest

from domain.event import Event
from tests.support.calling_off import sell_many, went_back
from tests.support.command_line import CommandLine


def a_show(line: CommandLine, count: int) -> Event:
    event = line.do(line.world.event())
    line.do(sell_many(line.world, event, count))
    return event


def test_a_dry_run_tells_what_it_costs_in_words_too(line: CommandLine) -> None:
    event = a_show(line, 2)

    said = line.ok("events", "cancel", event.id, "--dry-run")

    assert "Would cancel 'Concert' with 2 confirmed and 0 held bookings; 50.00 EUR goes back." in said
    assert "not known of 2 payments" in said
    assert line.json("events", "show", event.id)["status"] == "published"


def test_called_off_it_works_to_the_end_without_a_server(line: CommandLine) -> None:
    event = a_show(line, 3)

    line.json("events", "cancel", event.id, "--confirm", "Concert", "--reason", "the hall is flooded")
    line.do(line.world.settle())
    told = line.json("events", "cancellation", event.id)

    assert (told["ended"], told["waiting"], told["reason"]) == (3, 0, "the hall is flooded")
    assert {item["state"] for item in told["bookings"]["items"]} == {"succeeded"}
    assert len(went_back(line.world)) == 3


def test_with_wait_the_answer_says_how_it_ended(line: CommandLine) -> None:
    event = a_show(line, 3)

    document = line.json("events", "cancel", event.id, "--confirm", "Concert", "--wait")

    assert (document["status"], document["cancellation"]["state"]) == ("cancelled", "done")
    assert document["cancellation"]["outcomes"]["succeeded"]["count"] == 3


def test_left_to_the_server_it_is_paused_and_resumed(line: CommandLine) -> None:
    event = a_show(line, 2)
    line.ok("events", "cancel", event.id, "--confirm", "Concert", "--no-relay")

    paused = line.json("events", "cancellation-pause", event.id)
    waited = line.json("events", "cancellation", event.id, "--wait")
    resumed = line.json("events", "cancellation-resume", event.id, "--wait")

    assert (paused["state"], paused["waiting"]) == ("paused", 2)
    assert waited["state"] == "paused"
    assert (resumed["state"], resumed["ended"]) == ("done", 2)


def test_what_needs_you_is_listed_tried_again_or_paid_by_hand(line: CommandLine) -> None:
    event = a_show(line, 3)
    line.world.bank.refuses = True
    line.ok("events", "cancel", event.id, "--confirm", "Concert")
    listed = line.json("events", "cancellation", event.id, "--failed")
    first, second, third = (item["booking_id"] for item in listed["bookings"]["items"])
    line.world.bank.refuses = False

    assert listed["needs_you"] == 3
    assert "we do not like it" in line.ok("events", "cancellation", event.id, "--failed")
    assert line.json("events", "refund-again", event.id, "--booking", first) == {"begun": 1}
    paid = line.json("events", "paid-by-hand", event.id, second, "--note", "by cheque")
    assert (paid["state"], paid["settled_by"].startswith("cli:")) == ("paid_by_hand", True)
    assert line.json("events", "refund-again", event.id) == {"begun": 1}
    told = line.json("events", "cancellation", event.id, "--all")
    assert {item["booking_id"]: item["state"] for item in told["bookings"]["items"]} == {
        first: "succeeded",
        second: "paid_by_hand",
        third: "succeeded",
    }
    assert line.json("events", "paid-by-hand", event.id, first, "--note", "twice", exit_code=4)["error"]["code"] == (
        "nothing_owed"
    )


@pytest.mark.parametrize("verb", ["cancellation", "cancellation-pause", "cancellation-resume"])
def test_what_was_not_called_off_has_no_cancellation(line: CommandLine, verb: str) -> None:
    event = a_show(line, 0)

    assert line.type("events", verb, event.id).exit_code == 3
