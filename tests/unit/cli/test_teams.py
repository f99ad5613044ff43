"""Teams of events at the command line."""

import pytest

from domain.event import Event
from tests.support.command_line import CommandLine

GATE = "gate@example.com"


@pytest.fixture
def event(line: CommandLine) -> Event:
    return line.do(line.world.event())


def test_a_role_is_given_listed_and_withdrawn(line: CommandLine, event: Event) -> None:
    person = line.do(line.world.person(email=GATE))

    given = line.json("events", "team", "grant", event.id, GATE, "--role", "co_organizer")
    [listed] = line.json("events", "team", "list", event.id)["items"]
    words = line.ok("events", "team", "list", event.id)
    [shared] = line.json("events", "list", "--shared-with", GATE)["items"]
    line.ok("events", "team", "withdraw", event.id, GATE)

    assert (given["account_id"], given["role"]) == (person.name, "co_organizer")
    assert (listed["email"], listed["role"]) == (GATE, "co_organizer")
    assert GATE in words
    assert shared["id"] == event.id
    assert line.type("events", "list", "--shared-with", GATE, "--status", "draft").exit_code == 2
    assert line.json("events", "team", "list", event.id)["items"] == []


def test_an_address_without_an_account_is_asked_by_mail(line: CommandLine, event: Event) -> None:
    refused = line.json("events", "team", "grant", event.id, GATE, exit_code=3)
    asked = line.json("events", "team", "grant", event.id, GATE, "--by-mail")
    [waiting] = line.json("events", "team", "list", event.id, "--invitations")["items"]
    line.json("events", "team", "withdraw", event.id, asked["id"])

    assert refused["error"]["code"] == "not_found"
    assert waiting == asked
    assert len(line.world.mailbox.to(GATE)) == 1
    assert line.json("events", "team", "list", event.id, "--invitations")["items"] == []
