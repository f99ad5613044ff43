import json
import stat
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from domain.booking import Booking
from domain.event import Event
from tests.support.command_line import CommandLine


@pytest.fixture
def event(line: CommandLine) -> Event:
    return line.do(line.world.event(price="0"))


@pytest.fixture
def booking(line: CommandLine, event: Event) -> Booking:
    return line.do(line.world.buy(line.do(line.world.person(email="ada@example.com")), event, 2))


def _token(line: CommandLine, ticket_id: str) -> str:
    return line.ok("tickets", "show", ticket_id, "--token").removesuffix("\n")


def test_a_ticket_is_shown_without_what_opens_the_door(line: CommandLine, booking: Booking) -> None:
    shown = line.json("tickets", "show", booking.ticket_ids[0])

    assert shown["status"] == "valid"
    assert shown["valid_from"].endswith("+05:30")
    assert "token" not in shown
    assert [ticket["id"] for ticket in line.json("tickets", "show", booking.id)["items"]] == list(booking.ticket_ids)


def test_the_qr_code_is_a_file_for_its_owner_alone(line: CommandLine, booking: Booking, tmp_path: Path) -> None:
    file = tmp_path / "codes" / "ticket.png"
    line.ok("tickets", "show", booking.ticket_ids[0], "--qr", str(file))

    assert zxingcpp.read_barcodes(Image.open(file))[0].text == _token(line, booking.ticket_ids[0])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert line.type("tickets", "show", booking.ticket_ids[1], "--qr", str(file)).exit_code == 4


def test_a_code_of_a_whole_booking_is_a_usage_error(line: CommandLine, booking: Booking) -> None:
    assert line.type("tickets", "show", booking.id, "--token").exit_code == 2


def test_a_scan_admits_once(line: CommandLine, event: Event, booking: Booking) -> None:
    token = _token(line, booking.ticket_ids[0])
    line.world.open_doors(event)

    document = json.loads(line.ok("tickets", "scan", event.id, "--gate", "North", "--json", "--", token))
    assert (document["outcome"], document["gate"]) == ("admitted", "North")
    assert document["by"].startswith("cli:")
    again = line.json("tickets", "scan", event.id, "-", typed=f"{token}\n", exit_code=4)
    assert (again["outcome"], again["reason"]) == ("refused", "ticket_used")
    assert "REFUSED" in line.type("tickets", "scan", event.id, "-", typed=f"{token}\n").stdout


def test_the_same_scan_sent_again_gets_the_same_answer(line: CommandLine, event: Event, booking: Booking) -> None:
    token = _token(line, booking.ticket_ids[0])
    line.world.open_doors(event)
    first = line.json("tickets", "scan", event.id, "-", "--scan-id", "one", typed=f"{token}\n")

    assert line.json("tickets", "scan", event.id, "-", "--scan-id", "one", typed=f"{token}\n") == first


def test_part_of_a_group_is_admitted(line: CommandLine, event: Event, booking: Booking) -> None:
    line.world.open_doors(event)
    document = line.json("tickets", "scan", event.id, "-", "--count", "1", typed=f"{booking.group_token}\n")

    assert (len(document["ticket_ids"]), document["remaining"]) == (1, 1)


def test_nonsense_is_refused_and_written_down(line: CommandLine, event: Event) -> None:
    assert line.json("tickets", "scan", event.id, "HELLO", exit_code=4)["reason"] == "code_malformed"
    assert [entry["outcome"] for entry in line.json("tickets", "history", event.id)["items"]] == ["refused"]


def test_an_entry_is_taken_back_with_a_reason(line: CommandLine, event: Event, booking: Booking) -> None:
    ticket_id = booking.ticket_ids[0]
    token = _token(line, ticket_id)
    line.world.open_doors(event)
    line.ok("tickets", "scan", event.id, "-", typed=f"{token}\n")

    line.world.clock.advance(1)
    assert line.type("tickets", "undo", ticket_id).exit_code == 2
    assert line.json("tickets", "undo", ticket_id, "--reason", "by mistake")["outcome"] == "undone"
    assert line.json("tickets", "undo", ticket_id, "--reason", "again", exit_code=4)["error"]["code"] == (
        "nothing_to_undo"
    )
    line.world.clock.advance(1)
    line.ok("tickets", "scan", event.id, "-", typed=f"{token}\n")
    history = line.json("tickets", "history", booking.id)["items"]
    assert [entry["outcome"] for entry in history] == ["admitted", "undone", "admitted"]


def test_the_door_log_has_pages(line: CommandLine, event: Event) -> None:
    for _ in range(3):
        line.type("tickets", "scan", event.id, "HELLO")
    first = line.json("tickets", "history", event.id, "--limit", "2")

    assert len(first["items"]) == 2
    rest = line.json("tickets", "history", event.id, "--cursor", first["next_cursor"])
    assert len(rest["items"]) == 1
    assert len(line.json("tickets", "history", event.id, "--all")["items"]) == 3


def test_new_codes_are_mailed_and_kill_the_old(line: CommandLine, event: Event, booking: Booking) -> None:
    ticket_id = booking.ticket_ids[0]
    old = _token(line, ticket_id)
    mails = len(line.world.mailbox.to("ada@example.com"))
    document = line.json("tickets", "regenerate", ticket_id)
    line.world.open_doors(event)

    assert document["items"][0]["generation"] == 2
    assert len(line.world.mailbox.to("ada@example.com")) == mails + 1
    assert line.json("tickets", "scan", event.id, "-", typed=f"{old}\n", exit_code=4)["reason"] == "code_superseded"
    line.ok("tickets", "scan", event.id, "-", typed=f"{_token(line, ticket_id)}\n")


def test_all_codes_of_a_booking_are_regenerated(line: CommandLine, booking: Booking) -> None:
    assert [t["generation"] for t in line.json("tickets", "regenerate", booking.id)["items"]] == [2, 2]


@pytest.mark.parametrize("words", [("show",), ("regenerate",), ("undo", "--reason", "x")])
def test_an_unknown_ticket_is_not_found(line: CommandLine, words: tuple[str, ...]) -> None:
    assert line.type("tickets", words[0], "tkt_nowhere", *words[1:]).exit_code == 3


def test_the_log_of_an_unknown_event_is_not_found(line: CommandLine) -> None:
    assert line.type("tickets", "history", "evt_nowhere").exit_code == 3
    assert line.type("tickets", "scan", "evt_nowhere", "HELLO").exit_code == 3
