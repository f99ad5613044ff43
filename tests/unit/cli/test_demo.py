"""The demonstration, on a world in memory: believable, loaded once, and only where nobody else can reach it."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.cli.demo_cast import OCCASIONS, PASSWORD, PEOPLE
from adapters.settings import Settings
from tests.support.command_line import CommandLine


@pytest.fixture
def loaded(line: CommandLine) -> dict[str, Any]:
    document: dict[str, Any] = line.json("demo", "--no-serve")
    return document


def test_events_are_there_in_every_state(line: CommandLine, loaded: dict[str, Any]) -> None:
    events = line.json("events", "list", "--all")["items"]

    assert {event["status"] for event in events} == {"draft", "published", "active", "completed", "cancelled"}
    assert {event["currency"] for event in events} == {"INR", "EUR"}
    assert len(events) == len(OCCASIONS)


def test_one_event_is_sold_out(line: CommandLine, loaded: dict[str, Any]) -> None:
    [event] = [e for e in line.json("events", "list", "--all")["items"] if "Chamber" in e["title"]]

    assert line.json("events", "show", event["id"])["allotments"][0]["available"] == 0


def test_bookings_are_held_confirmed_refunded_and_checked_in(line: CommandLine, loaded: dict[str, Any]) -> None:
    held = line.json("bookings", "list", "--status", "held")["items"]
    cancelled = line.json("bookings", "list", "--status", "cancelled")["items"]
    confirmed = line.json("bookings", "list", "--status", "confirmed")["items"]
    shown = [line.json("bookings", "show", booking["id"]) for booking in confirmed]

    assert len(held) == 1
    assert [r["status"] for r in line.json("bookings", "show", cancelled[0]["id"])["refunds"]] == ["succeeded"]
    assert any(booking["checked_in"] for booking in shown)
    assert {p["phase"] for booking in shown for p in booking["payments"]} == {"captured"}
    assert all(booking["tickets"] for booking in shown)


def test_everybody_can_sign_in_with_the_printed_password(line: CommandLine, loaded: dict[str, Any]) -> None:
    from application.use_cases.sign_in import SignInCommand

    assert loaded["password"] == PASSWORD
    for person in loaded["sign_ins"]:
        signed_in = line.do(line.world.deeds.sign_in(SignInCommand(person["email"], PASSWORD)))
        assert signed_in.account.rank == person["role"]


def test_the_sandboxs_dashboard_is_told_with_the_key_that_everybody_knows(line: CommandLine) -> None:
    document = line.json("demo", "--no-serve")
    words = line.ok("demo", "--no-serve")

    assert document["sandbox_dashboard"] == "http://127.0.0.1:8001/dashboard"
    assert "Dashboard: http://127.0.0.1:8001/dashboard" in words
    assert f'its key is "{Settings().sandbox_api_key}"' in words


def test_a_key_that_somebody_chose_is_not_printed(line: CommandLine) -> None:
    line.operations.given_settings = evolve(line.operations.given_settings, sandbox_api_key="chosen-by-somebody")

    words = line.ok("demo", "--no-serve")

    assert "chosen-by-somebody" not in words
    assert "RELEX_SANDBOX_API_KEY" in words


def test_an_identity_check_waits(line: CommandLine, loaded: dict[str, Any]) -> None:
    page = line.do(line.world.deeds.identity_checks.list(line.world.operator, "pending", None, 10))

    assert [request.legal_name for request in page.items] == ["Pia Novak"]


def test_the_printed_ticket_opens_the_door_now(line: CommandLine, loaded: dict[str, Any]) -> None:
    token = line.ok("tickets", "show", loaded["valid_ticket_id"], "--token")
    admission = line.json("tickets", "scan", loaded["active_event_id"], "-", typed=token)

    assert admission["outcome"] == "admitted"


def test_door_staff_may_scan_there(line: CommandLine, loaded: dict[str, Any]) -> None:
    from application.access import Actor

    staff = Actor.person(line.do(line.world.deeds.accounts.show(line.world.operator, "door@demo.example")))

    assert line.do(line.world.deeds.bookings.door_log(staff, loaded["active_event_id"], None, 10)).items


def test_a_second_start_makes_nothing_new(line: CommandLine, loaded: dict[str, Any]) -> None:
    def counts() -> list[int]:
        return [
            len(line.json("accounts", "list", "--all")["items"]),
            len(line.json("events", "list", "--all")["items"]),
            *(len(line.json("bookings", "list", "--buyer", p.email, "--all")["items"]) for p in PEOPLE),
            len(line.json("tickets", "history", loaded["active_event_id"], "--all")["items"]),
        ]

    before = counts()
    line.world.clock.advance(3 * 24 * 3600)
    again = line.json("demo", "--no-serve")

    assert loaded["made"] > 20
    assert again["made"] == 0
    assert counts() == before


def test_it_serves_after_it_has_said_that_it_is_a_demonstration(line: CommandLine) -> None:
    said = line.ok("demo")

    assert line.operations.served == 1
    assert "THIS IS A DEMONSTRATION" in said
    assert "relexbooking tickets scan evt_" in said
    assert "curl" in said
    assert "mailbox" in said


def _executable(folder: Path) -> Path:
    folder.mkdir()
    program = folder / "relexbooking"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    return program


def test_the_printed_commands_name_the_running_program_where_its_name_finds_nothing(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _executable(tmp_path / "a bin")
    monkeypatch.setattr("sys.argv", [str(program), "demo"])
    monkeypatch.setenv("PATH", "/nowhere")

    said = line.ok("demo", "--no-serve")

    [scan] = [words for words in said.splitlines() if " tickets scan " in words]
    assert f"'{program}' tickets show" in scan
    assert f"| '{program}' tickets scan evt_" in scan
    assert f"  '{program}' bookings show $BOOKING" in said


def test_the_name_suffices_where_a_shell_finds_it(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _executable(tmp_path / "bin")
    monkeypatch.setattr("sys.argv", [str(program), "demo"])
    monkeypatch.setenv("PATH", str(program.parent))

    said = line.ok("demo", "--no-serve")

    assert "| relexbooking tickets scan evt_" in said
    assert str(program) not in said


def test_it_leaves_an_installation_with_accounts_of_its_own_alone(line: CommandLine) -> None:
    line.do(line.world.person())

    assert line.json("demo", "--no-serve", exit_code=7)["error"]["code"] == "WrongSetting"
    assert len(line.json("accounts", "list")["items"]) == 1


@pytest.mark.parametrize(
    "dangerous",
    [
        {"base_url": "https://tickets.example.com"},
        {"host": "0.0.0.0"},  # noqa: S104 - what is to be refused
        {"payments": ("stripe",)},
    ],
)
def test_it_refuses_where_others_could_reach_it(line: CommandLine, dangerous: dict[str, Any]) -> None:
    line.operations.given_settings = Settings(**dangerous)

    assert line.type("demo").exit_code == 7
    assert not line.operations.served
    assert not line.json("accounts", "list")["items"]
