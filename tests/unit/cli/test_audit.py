import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import CommandLine

COUNT = 30


async def _seal(line: CommandLine) -> None:
    await line.world.deeds.seal_audit()
    line.world.clock.advance(300)
    await line.world.deeds.sign_checkpoint()


@pytest.fixture
def sealed(line: CommandLine) -> CommandLine:
    """Thirty accounts that were made and sealed, and one that waits."""
    for _ in range(COUNT):
        line.do(line.world.person())
    line.do(_seal(line))
    line.do(line.world.person())
    return line


def _exported(line: CommandLine, folder: Path) -> Path:
    path = folder / "audit.ndjson"
    assert line.json("audit", "export", "--output", str(path)) == {"file": str(path), "records": COUNT + 2}
    return path


def test_records_are_listed_newest_first_and_by_what_is_asked_for(sealed: CommandLine) -> None:
    page = sealed.json("audit", "list", "--limit", "5")
    everything = sealed.json("audit", "list", "--all")["items"]
    one = everything[3]

    assert page["next_cursor"]
    assert len(everything) == COUNT + 1
    assert everything[0]["sequence"] is None, "the newest waits"
    assert {item["sequence"] for item in everything[1:]} == set(range(1, COUNT + 1))
    for option in ("actor", "subject", "action"):
        found = sealed.json("audit", "list", f"--{option}", one[option], "--all")["items"]
        assert found == [item for item in everything if item[option] == one[option]]
    assert sealed.json("audit", "list", "--subject", one["subject"], "--actor", "cli:nobody")["items"] == []
    assert sealed.json("audit", "list", "--until", "2020-01-01")["items"] == []
    assert "account.create" in sealed.ok("audit", "list", "--since", "2020-01-01")


def test_one_is_shown_with_its_place(sealed: CommandLine) -> None:
    item = sealed.json("audit", "list", "--all")["items"][-1]

    assert sealed.json("audit", "show", item["id"]) == item
    assert len(item["hash"]) == 64
    assert sealed.type("audit", "show", "aud_none").exit_code == 3


def test_a_command_has_one_number_in_all_its_records(sealed: CommandLine) -> None:
    event = sealed.do(sealed.world.event())
    sealed.ok("events", "capacity", event.id, "20")
    sealed.ok("events", "capacity", event.id, "30")

    numbers = [item["request_id"] for item in sealed.json("audit", "list", "--action", "event.capacity")["items"]]

    assert len(set(numbers)) == 2
    assert all(number.startswith("run_") for number in numbers)


def test_the_store_is_verified_and_how_much_is_not_covered_is_said(sealed: CommandLine) -> None:
    found = sealed.json("audit", "verify")

    assert (found["whole"], found["links"], found["covered"], found["waiting"]) == (True, COUNT, COUNT, 1)
    assert "The chain is whole." in sealed.ok("audit", "verify")


def test_an_export_is_verified_without_the_store_and_is_itself_on_record(sealed: CommandLine, tmp_path: Path) -> None:
    path = _exported(sealed, tmp_path)
    [key] = sealed.json("audit", "keys")["items"]
    sealed.operations.failing = OSError("the store is not to be opened")

    found = sealed.json("audit", "verify", "--file", str(path))
    trusted = sealed.json("audit", "verify", "--file", str(path), "--public-key", f"1:{key['public']}")
    sealed.operations.failing = None

    assert found == trusted
    assert (found["whole"], found["links"], found["checkpoints"], found["waiting"]) == (True, COUNT, 1, 2)
    assert sealed.json("audit", "list", "--action", "audit.export")["items"][0]["actor"].startswith("cli:")
    assert path.stat().st_mode & 0o777 == 0o600


Lines = list[dict[str, Any]]
AT = 12


def _with(lines: Lines, at: int, part: str, **changed: Any) -> Lines:
    return [*lines[:at], {**lines[at], part: {**lines[at][part], **changed}}, *lines[at + 1 :]]


CHANGES: dict[str, Callable[[Lines], Lines]] = {
    "a field changed": lambda lines: _with(lines, AT, "record", actor="cli:nobody"),
    "a field added": lambda lines: _with(lines, AT, "record", color="red"),
    "a number as a text": lambda lines: _with(lines, AT, "link", sequence="11"),
    "a line removed": lambda lines: lines[:AT] + lines[AT + 1 :],
    "a line inserted": lambda lines: [*lines[:AT], *lines[AT - 1 :]],
    "two lines swapped": lambda lines: [*lines[:AT], lines[AT + 1], lines[AT], *lines[AT + 2 :]],
    "the tail cut off": lambda lines: [{**lines[0], "links": AT - 2}, *lines[1:AT]],
    "the tail and the checkpoint cut off": lambda lines: [lines[0], *lines[2:AT]],
    "the checkpoint put behind": lambda lines: [lines[0], *lines[2:], lines[1]],
    "the checkpoint changed": lambda lines: _with(lines, 1, "checkpoint", hash="f" * 64),
    "another key": lambda lines: [{**lines[0], "public_keys": {"1": "A" * 43}}, *lines[1:]],
    "no keys": lambda lines: [{**lines[0], "public_keys": None}, *lines[1:]],
    "no line of ours": lambda lines: [*lines[:AT], {}, *lines[AT:]],
}


@pytest.mark.parametrize("how", CHANGES)
def test_every_change_of_an_export_is_found_and_ends_with_exit_code_1(
    sealed: CommandLine, tmp_path: Path, how: str
) -> None:
    path = _exported(sealed, tmp_path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in CHANGES[how](lines)))

    found = sealed.json("audit", "verify", "--file", str(path), exit_code=1)

    assert not found["whole"]
    assert found["why"]
    assert "BROKEN" in sealed.type("audit", "verify", "--file", str(path)).stdout


def test_half_a_line_in_an_export_is_found(sealed: CommandLine, tmp_path: Path) -> None:
    path = _exported(sealed, tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    assert sealed.json("audit", "verify", "--file", str(path), exit_code=1)["why"]


def test_an_export_signed_by_its_forger_fails_against_a_key_that_is_trusted(
    sealed: CommandLine, tmp_path: Path
) -> None:
    path = _exported(sealed, tmp_path)

    found = sealed.json("audit", "verify", "--file", str(path), "--public-key", "1:" + "A" * 43, exit_code=1)

    assert "signature" in found["why"]


def test_what_is_no_export_or_no_key_is_a_usage_error(sealed: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}\n")

    assert sealed.type("audit", "verify", "--file", str(path)).exit_code == 2
    assert sealed.type("audit", "verify", "--file", str(path), "--public-key", "abc").exit_code == 2
    assert sealed.type("audit", "verify", "--public-key", "1:abc").exit_code == 2


def test_the_export_as_csv_is_one_row_for_each_record(sealed: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "audit.csv"
    sealed.ok("audit", "export", "--form", "csv", "--output", str(path))

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == COUNT + 2
    assert [row["sequence"] for row in rows[:3]] == ["1", "2", "3"]
    assert {row["action"] for row in rows} == {"account.create", "audit.export"}


def test_an_export_to_a_pipe_is_lines_and_no_document(sealed: CommandLine) -> None:
    first = sealed.ok("audit", "export", "--output", "-").splitlines()[0]

    assert json.loads(first)["format"] == "relexbooking-audit/1"
    assert sealed.type("audit", "export", "--output", "-", "--json").exit_code == 2


def test_the_key_is_changed_and_both_stay_good(sealed: CommandLine) -> None:
    rotated = sealed.json("audit", "rotate-key")
    sealed.do(_seal(sealed))

    keys = sealed.json("audit", "keys")["items"]

    assert (rotated["id"], rotated["state"]) == (2, "active")
    assert [key["state"] for key in keys] == ["verify_only", "active"]
    assert sealed.json("audit", "verify")["checkpoints"] == 2
