import pytest

from application.records import DeliveryState
from tests.support.command_line import CommandLine
from tests.support.dead_letters import entries, give_up


@pytest.fixture
def dead(line: CommandLine) -> list[str]:
    return line.do(give_up(line.world, 3))


def test_what_was_given_up_is_listed_with_its_last_error(line: CommandLine, dead: list[str]) -> None:
    page = line.json("outbox", "list", "--limit", "2")

    assert [entry["id"] for entry in page["items"]] == sorted(dead)[:2]
    assert page["next_cursor"]
    assert {(entry["attempts"], entry["state"]) for entry in page["items"]} == {(20, "dead")}
    assert "OSError: full" in line.ok("outbox", "list")
    assert line.json("outbox", "list", "--state", "pending")["items"] == []


def test_one_is_replayed_and_worked_through_at_once(line: CommandLine, dead: list[str]) -> None:
    document = line.json("outbox", "replay", dead[0])

    assert (document["id"], document["state"], document["attempts"]) == (dead[0], "pending", 0)
    assert {entry["id"] for entry in line.json("outbox", "list")["items"]} == set(dead[1:])
    assert len(line.world.mailbox.mails) == 1


def test_all_are_replayed(line: CommandLine, dead: list[str]) -> None:
    assert line.json("outbox", "replay", "--all") == {"replayed": 3}
    assert len(line.world.mailbox.mails) == 3


@pytest.mark.parametrize("which", ["one", "all"])
def test_a_dry_run_tells_and_changes_nothing(line: CommandLine, dead: list[str], which: str) -> None:
    wanted = dead[:1] if which == "one" else dead
    document = line.json("outbox", "replay", *(wanted if which == "one" else ["--all"]), "--dry-run")

    assert [entry["id"] for entry in document["would_replay"]] == wanted
    assert len(line.do(entries(line.world, DeliveryState.DEAD))) == 3
    assert not line.world.mailbox.mails


def test_which_one_must_be_said(line: CommandLine, dead: list[str]) -> None:
    assert line.type("outbox", "replay").exit_code == 2
    assert line.type("outbox", "replay", dead[0], "--all").exit_code == 2
    assert line.type("outbox", "replay", "out_none").exit_code == 3
    assert len(line.do(entries(line.world, DeliveryState.DEAD))) == 3
