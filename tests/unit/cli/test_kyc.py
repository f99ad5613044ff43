"""Identity checks at the command line."""

from datetime import timedelta
from pathlib import Path

from application.use_cases.decide_kyc import DecideKycCommand, Decision
from domain.kyc import KycRequest
from tests.support.command_line import CommandLine
from tests.support.documents import AADHAAR, PDF, aadhaar, passport

READY = ("--reason", "seen in person")


def _requests(line: CommandLine) -> list[KycRequest]:
    """Two passports and one Aadhaar."""

    async def made() -> list[KycRequest]:
        people = [await line.world.person() for _ in range(3)]
        uploads = (passport(), passport("J8369854"), aadhaar())
        return [await line.world.apply(person, upload) for person, upload in zip(people, uploads, strict=True)]

    return line.do(made())


def test_requests_are_listed_and_shown_with_masked_numbers(line: CommandLine) -> None:
    requests = _requests(line)

    listed = line.json("kyc", "list")["items"]
    shown = line.json("kyc", "show", requests[2].id)

    assert {item["id"] for item in listed} == {request.id for request in requests}
    assert [(one["type"], one["number"]) for one in shown["documents"]] == [("aadhaar", "XXXX XXXX 2346")]
    assert AADHAAR not in line.ok("kyc", "show", requests[2].id)
    assert line.type("kyc", "show", "kyc_none").exit_code == 3


def test_many_are_approved_each_with_its_own_record(line: CommandLine) -> None:
    first, second, other = _requests(line)

    rehearsed = line.json("kyc", "approve", "--all", "--document-type", "passport", *READY, "--dry-run")
    assert rehearsed["approved"] == 2
    assert len(line.json("kyc", "list")["items"]) == 3
    line.ok("kyc", "approve", "--all", "--document-type", "passport", *READY, "--yes")

    assert [item["id"] for item in line.json("kyc", "list")["items"]] == [other.id]
    shown = line.json("kyc", "show", second.id)
    [step] = shown["steps"]
    assert (step["status"], step["words"]) == ("approved", "seen in person")
    assert step["by"].startswith("cli:")
    again = line.json("kyc", "approve", first.id, "kyc_none", *READY, exit_code=4)
    assert [item["done"] for item in again["items"]] == [True, False]


def test_ids_or_all_must_be_named_and_a_reason_given(line: CommandLine) -> None:
    assert line.type("kyc", "approve", *READY).exit_code == 2
    assert line.type("kyc", "approve", "kyc_1", "--all", *READY).exit_code == 2
    assert line.type("kyc", "approve", "kyc_1").exit_code == 2


def test_a_request_is_asked_about_rejected_or_revoked(line: CommandLine) -> None:
    first, second, third = _requests(line)

    assert line.json("kyc", "request-info", first.id, "--reason", "the back")["status"] == "needs_info"
    assert line.json("kyc", "reject", second.id, "--reason", "unreadable")["notes"] == "unreadable"
    line.ok("kyc", "approve", third.id, *READY)
    assert line.json("kyc", "revoke", third.id, "--reason", "stolen", "--dry-run")["would_revoke"] is True
    assert line.type("kyc", "revoke", third.id, "--reason", "stolen", typed="n\n").exit_code == 1
    assert line.json("kyc", "revoke", third.id, "--reason", "stolen", "--yes")["status"] == "revoked"
    assert line.type("kyc", "reject", third.id, "--reason", "late").exit_code == 4


def test_a_document_is_written_to_a_private_file_once(line: CommandLine, tmp_path: Path) -> None:
    [request, *_] = _requests(line)
    [document] = line.json("kyc", "show", request.id)["documents"]
    file = tmp_path / "front.pdf"
    words = ("kyc", "document", document["id"], "--output", str(file), "--reason", "a complaint")

    assert line.json(*words)["media_type"] == "application/pdf"

    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (PDF, 0o600)
    assert line.type(*words).exit_code == 4
    assert line.type(*words[:-1], " ").exit_code == 2
    assert line.type("kyc", "document", document["id"], "--side", "back", *words[3:]).exit_code == 3


def test_keys_are_replaced_and_the_earlier_ones_destroyed(line: CommandLine) -> None:
    _requests(line)

    assert line.json("kyc", "rewrap", "--dry-run")["key_id"] == "file:1"
    assert line.json("kyc", "rewrap") == {"key_id": "file:2", "rewrapped": 3, "retired": []}
    assert line.type("kyc", "rewrap", "--retire", typed="n\n").exit_code == 1
    retired = line.json("kyc", "rewrap", "--retire", "--yes")
    assert retired == {"key_id": "file:2", "rewrapped": 0, "retired": ["file:1"]}


def test_forgetting_lists_exactly_what_it_then_destroys(line: CommandLine) -> None:
    first, second, _ = _requests(line)
    line.ok("kyc", "reject", first.id, "--reason", "unreadable")
    line.do(line.world.deeds.decide_kyc(line.world.operator, DecideKycCommand(second.id, Decision.APPROVE, "seen")))
    line.world.clock.advance(timedelta(days=90))

    would = line.json("kyc", "forget", "--dry-run")
    done = line.json("kyc", "forget", "--yes")

    assert [item["id"] for item in would["items"]] == [item["id"] for item in done["items"]] == [first.id]
    assert line.json("kyc", "show", first.id)["documents"] == []
    assert line.json("kyc", "forget", "--yes")["items"] == []
