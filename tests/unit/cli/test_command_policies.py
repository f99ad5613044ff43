"""Every command says as whom it acts, and one that does not is not run."""

import click
import pytest

from adapters.cli import app
from adapters.cli.command_policy import CommandPolicy, PolicyMissing
from adapters.cli.verbs import Verb
from tests.unit.cli.test_help import EVERY

ON_THE_MACHINE = {"serve", "worker", "sandbox", "demo", "doctor", "db", "aws"}


def test_every_command_declares_as_whom_it_acts() -> None:
    declared = {path: command.policy for path, command in EVERY.items() if isinstance(command, Verb)}

    assert declared.keys() == EVERY.keys()
    on_the_machine = {path for path, policy in declared.items() if policy is CommandPolicy.MACHINE}
    elsewhere = {path for path in on_the_machine if path[0] not in ON_THE_MACHINE}
    assert {path[0] for path in on_the_machine - elsewhere} == ON_THE_MACHINE
    assert elsewhere == {("audit", "verify")}, "it reads a file that was exported, too, where there is no installation"


@click.group()
def sneaked_in() -> None:
    """A group with a command that was made without saying anything."""


@sneaked_in.command("everything")
def _everything() -> None:
    pytest.fail("it was run")


def test_a_command_without_a_policy_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.COMMANDS, "sneaked", (f"{__name__}:sneaked_in", "Sneaked in"))

    with pytest.raises(PolicyMissing, match="`sneaked everything` declares no policy"):
        app.relexbooking.main(["sneaked", "everything"], standalone_mode=False)


def test_without_the_check_it_would_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setitem(app.COMMANDS, "sneaked", (f"{__name__}:sneaked_in", "Sneaked in"))
    monkeypatch.setattr(app, "check_has_policy", lambda *_: None)

    with pytest.raises(pytest.fail.Exception, match="it was run"):
        app.relexbooking.main(["sneaked", "everything"], standalone_mode=False)
