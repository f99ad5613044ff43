"""Before something is deleted or cancelled: look first, and be asked."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def destructive(command: F) -> F:
    """The options --dry-run and --yes."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing."),
    ):
        command = option(command)
    return command


def ask(question: str, *, yes: bool) -> None:
    """Ask on standard error, so that standard output stays for the answer; click.Abort on no."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def read_password(*, from_stdin: bool) -> str:
    """Typed twice and unseen, or one line of standard input. Never an argument: those are seen by everybody."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
