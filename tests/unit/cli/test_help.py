"""Every command explains itself, and asking for help costs next to nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from adapters.cli.app import COMMANDS, relexbooking
from adapters.cli.exits import MEANING, Exit, table
from adapters.cli.verbs import Verb
from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[3]
HEAVY = ("litestar", "granian", "sqlalchemy", "dependency_injector", "httpx", "PIL", "jinja2", "rich", "application")


def _walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _walk(found, (*path, name))


EVERY = dict(_walk(relexbooking, ()))


def test_there_is_every_command_that_was_promised() -> None:
    promised = {
        *("serve", "worker", "sandbox", "demo", "doctor", "db status", "db upgrade"),
        *(f"accounts {verb}" for verb in "create list show grant revoke disable enable delete".split()),
        *(f"kyc {verb}" for verb in "list show approve reject request-info revoke document rewrap forget".split()),
        *(f"api-keys {verb}" for verb in "list show create rotate revoke".split()),
        *("accounts reset-password", "accounts sign-out", "accounts factors", "accounts remove-factors"),
        *("accounts export", "accounts consent", "accounts temporary-password"),
        *(f"events {verb}" for verb in "list show create publish capacity cancel".split()),
        *(f"promos {verb}" for verb in "create list show end".split()),
        *(f"bookings {verb}" for verb in "list show cancel receipt refund".split()),
        *(f"events {verb}" for verb in "cancellation cancellation-pause cancellation-resume".split()),
        *("events refund-again", "events paid-by-hand"),
        *(f"refunds {verb}" for verb in "list show approve reject".split()),
        *(f"events team {verb}" for verb in "list grant withdraw".split()),
        "disputes list",
        *(f"tickets {verb}" for verb in "show regenerate scan undo history".split()),
        *(f"payments {verb}" for verb in "list show poll reconcile".split()),
        *(f"payments findings {verb}" for verb in "list show decide".split()),
        *(f"notices {verb}" for verb in "list show replay rotate-key".split()),
        *(f"outbox {verb}" for verb in "list replay".split()),
        *(f"reports {verb}" for verb in "daily monthly event transactions check".split()),
        *(f"audit {verb}" for verb in "list show export verify keys rotate-key".split()),
        "storage usage",
        *(f"aws {verb}" for verb in "provision verify destroy template estimate costs trail".split()),
        *(f"keys {verb}" for verb in "list rotate revoke".split()),
    }

    assert {" ".join(path) for path in EVERY} == promised


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_each_command_has_help_with_an_example_and_the_options_of_all(line: CommandLine, path: tuple[str, ...]) -> None:
    command = EVERY[path]
    said = line.ok(*path, "--help")

    assert isinstance(command, Verb)
    assert f"relexbooking {' '.join(path)}" in said.partition("Example:")[2]
    assert command.help
    assert "--json" in said
    assert "--debug" in said
    assert all(option.help for option in command.params if option.name in {"yes", "dry_run"})


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_what_the_command_says_of_itself(name: str) -> None:
    command = relexbooking.get_command(click.Context(relexbooking), name)

    assert command is not None
    assert (command.help or "").startswith(COMMANDS[name][1].rstrip("."))


def test_the_exit_codes_are_in_the_help_and_in_the_documentation(line: CommandLine) -> None:
    said = line.ok("--help")
    written = (ROOT / "docs" / "cli.md").read_text()

    assert set(MEANING) == set(Exit)
    assert table() in said
    for code, meaning in MEANING.items():
        assert f"| {code.value} | {meaning} |" in written


def test_the_documentation_names_every_command() -> None:
    written = (ROOT / "docs" / "cli.md").read_text()

    assert [path for path in EVERY if f"`{' '.join(path)}" not in written] == []


def test_help_imports_nothing_heavy() -> None:
    asked = (
        "import sys; sys.argv = ['relexbooking', '--help']\n"
        "import bootstrap\n"
        "try: bootstrap.cli()\n"
        "except SystemExit: pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "Usage: relexbooking" in said.stdout
    assert said.stderr.strip() == "[]"


def test_an_unknown_command_is_a_usage_error(line: CommandLine) -> None:
    assert line.type("evnets").exit_code == Exit.USAGE
