import json
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

ORGANIZER = "olga@example.com"
OPTIONS = {
    "--title": "Jazz Night",
    "--venue": "Town Hall",
    "--starts": "2026-12-05 20:00",
    "--ends": "2026-12-05 23:00",
    "--zone": "Asia/Kolkata",
    "--currency": "inr",
    "--price": "499.00",
    "--capacity": "200",
}


@pytest.fixture(autouse=True)
def organizer(line: CommandLine) -> None:
    from domain.account import Role

    line.do(line.world.person(Role.ORGANIZER, email=ORGANIZER, approved=True))


def _options(**changed: str | None) -> list[str]:
    options = OPTIONS | {f"--{name}": value for name, value in changed.items()}
    return [word for name, value in options.items() if value is not None for word in (name, value)]


def _create(line: CommandLine, *more: str, **changed: str | None) -> str:
    document = line.json("events", "create", "--organizer", ORGANIZER, *_options(**changed), *more)
    event_id: str = document["id"]
    return event_id


def test_an_event_is_written_on_the_clock_of_its_zone(line: CommandLine) -> None:
    shown = line.json("events", "show", _create(line))

    assert shown["starts_at"] == "2026-12-05T20:00:00+05:30"
    assert shown["doors_open_at"] == "2026-12-05T18:00:00+05:30"
    assert shown["status"] == "draft"
    assert shown["ticket_types"][0]["price"] == {"amount": "499.00", "amount_minor": 49900, "currency": "INR"}
    assert shown["allotments"][0]["available"] == 200


def test_people_read_the_time_of_the_event(line: CommandLine) -> None:
    assert "2026-12-05 20:00 IST" in line.ok("events", "show", _create(line))


def test_a_time_with_an_offset_means_that(line: CommandLine) -> None:
    event_id = _create(line, starts="2026-12-05T20:00:00+01:00", ends="2026-12-06T09:00:00")

    assert line.json("events", "show", event_id)["starts_at"] == "2026-12-06T00:30:00+05:30"


def test_publish_at_once_or_later(line: CommandLine) -> None:
    at_once, later = _create(line, "--publish"), _create(line)

    assert line.json("events", "show", at_once)["status"] == "published"
    assert line.json("events", "publish", later)["status"] == "published"


def test_an_organizer_without_approval_may_not_publish(line: CommandLine) -> None:
    from domain.account import Role

    line.do(line.world.person(Role.ORGANIZER, email="new@example.com"))
    event_id = line.json("events", "create", "--organizer", "new@example.com", *_options())["id"]

    document = line.json("events", "publish", event_id, exit_code=5)
    assert document["error"]["code"] == "publishing_needs_approval"


def test_missing_options_are_named(line: CommandLine) -> None:
    result = line.type("events", "create", "--organizer", ORGANIZER, *_options(zone=None, price=None))

    assert result.exit_code == 2
    assert "--zone, --price" in result.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"zone": "Mars/Base"}, "IANA zone"),
        ({"starts": "tomorrow"}, "is no time"),
        ({"currency": "ZZZ"}, "ISO 4217"),
        ({"price": "1.999"}, "exact amount"),
        ({"ends": "2026-12-05 19:00"}, "ends after it starts"),
    ],
)
def test_a_wrong_value_is_a_usage_error(line: CommandLine, changed: dict[str, str], words: str) -> None:
    result = line.type("events", "create", "--organizer", ORGANIZER, *_options(**changed))

    assert result.exit_code == 2
    assert words in result.stderr
    assert not line.json("events", "list")["items"]


TOML = """
title = "Two Halls"
venue = {name = "Town Hall", city = "Pune"}
starts_at = 2026-12-05T20:00:00
ends_at = "2026-12-05 23:00"
zone = "Asia/Kolkata"
currency = "INR"
allotments = {both = 50}
ticket_types = [
  {name = "Front", price = "900.00", allotment = "both"},
  {name = "Back", price = "500.00", allotment = "both", per_order_max = 4},
]
"""


def test_a_file_says_it_all(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "event.toml"
    file.write_text(TOML)
    shown = line.json("events", "create", "--organizer", ORGANIZER, "--file", str(file))

    assert shown["starts_at"] == "2026-12-05T20:00:00+05:30"
    assert shown["venue"]["city"] == "Pune"
    assert [kind["name"] for kind in shown["ticket_types"]] == ["Front", "Back"]
    assert [(places["name"], places["capacity"]) for places in shown["allotments"]] == [("both", 50)]


def _json_event(**changed: object) -> dict[str, object]:
    event = {
        "title": "One",
        "venue": "Hall",
        "starts_at": "2026-12-05 20:00",
        "ends_at": "2026-12-05 23:00",
        "zone": "Europe/Berlin",
        "currency": "EUR",
        "price": "10.00",
        "capacity": 5,
    }
    return {name: value for name, value in (event | changed).items() if value is not None}


def test_json_does_too(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(_json_event()))
    shown = line.json("events", "create", "--organizer", ORGANIZER, "--file", str(file), "--publish")

    assert (shown["status"], shown["allotments"][0]["capacity"]) == ("published", 5)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"colour": "red"}, "knows no colour"),
        ({"title": None}, "lacks title"),
        ({"price": 10.0}, "in quotes"),
        ({"price": None}, "price and capacity"),
        ({"ticket_types": [{"name": "A", "price": "1", "capacity": 1}]}, "belong into ticket_types"),
        ({"venue": {"city": "Berlin"}}, "the venue is a name"),
        ({"price": None, "capacity": None, "ticket_types": [{"name": "A"}]}, "needs a name and a price"),
        ({"price": None, "capacity": None, "ticket_types": "A"}, "list of tables"),
    ],
)
def test_a_wrong_file_is_refused_with_words(
    line: CommandLine, tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(_json_event(**changed)))
    result = line.type("events", "create", "--organizer", ORGANIZER, "--file", str(file))

    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_file_that_is_no_event_is_refused(line: CommandLine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(content)

    assert line.type("events", "create", "--organizer", ORGANIZER, "--file", str(file)).exit_code == 2


def test_options_beside_a_file_are_refused(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "event.toml"
    file.write_text(TOML)
    result = line.type("events", "create", "--organizer", ORGANIZER, "--file", str(file), "--title", "Other")

    assert result.exit_code == 2
    assert "leave out --title" in result.stderr


def test_capacity_rises_and_never_falls_below_what_is_sold(line: CommandLine) -> None:
    event = line.do(line.world.event(capacity=5, price="0"))
    buyer = line.do(line.world.person())
    line.do(line.world.buy(buyer, event, 3))

    assert line.json("events", "capacity", event.id, "10")["allotments"][0]["available"] == 7
    document = line.json("events", "capacity", event.id, "2", exit_code=4)
    assert document["error"]["code"] == "capacity_below_taken"


def test_lists_by_organizer_and_status(line: CommandLine) -> None:
    draft, published = _create(line), _create(line, "--publish")
    other = line.do(line.world.event())

    of_organizer = line.json("events", "list", "--organizer", ORGANIZER)["items"]
    assert {event["id"] for event in of_organizer} == {draft, published}
    drafts = line.json("events", "list", "--status", "draft")["items"]
    assert [event["id"] for event in drafts] == [draft]
    assert other.id in line.ok("events", "list")


def test_a_dry_run_says_what_a_cancellation_costs_and_changes_nothing(line: CommandLine) -> None:
    event = line.do(line.world.event(price="25.00"))
    line.do(line.world.buy(line.do(line.world.person()), event, 2))
    line.do(line.world.hold(line.do(line.world.person()), event))
    document = line.json("events", "cancel", event.id, "--dry-run")

    assert (document["bookings"], document["holds_dropped"]) == ({"confirmed": 1, "held": 1}, 1)
    assert [amount["amount"] for amount in document["to_refund"]["sums"]] == ["50.00"]
    assert document["would_change"] is True
    assert line.json("events", "show", event.id)["status"] == "published"


def test_a_dry_run_refuses_what_the_deed_would(line: CommandLine) -> None:
    assert line.json("events", "cancel", _create(line), "--dry-run", exit_code=4)["error"]["code"] == (
        "event_transition_refused"
    )


def test_cancelling_needs_the_title_even_with_yes(line: CommandLine) -> None:
    event = line.do(line.world.event())

    assert line.type("events", "cancel", event.id, "--yes").exit_code == 2
    assert line.type("events", "cancel", event.id, typed="Consort\n").exit_code == 4
    assert line.json("events", "show", event.id)["status"] == "published"


def test_a_cancelled_event_refunds_everybody_at_once(line: CommandLine) -> None:
    event = line.do(line.world.event())
    booking = line.do(line.world.buy(line.do(line.world.person()), event))
    result = line.type("events", "cancel", event.id, typed="Concert\n")

    assert result.exit_code == 0
    assert "25.00 EUR goes back" in result.stderr
    shown = line.json("bookings", "show", booking.id)
    assert shown["booking"]["phase"] == "cancelled"
    assert [refund["status"] for refund in shown["refunds"]] == ["succeeded"]


def test_an_unknown_event_is_not_found(line: CommandLine) -> None:
    for words in (("show",), ("publish",), ("cancel", "--dry-run")):
        assert line.type("events", words[0], "evt_nowhere", *words[1:]).exit_code == 3
