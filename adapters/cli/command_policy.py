"""Who may give which command. Every one declares it; one that does not stops the command line."""

from enum import StrEnum

import click


class CommandPolicy(StrEnum):
    """The operating system decides who gets to the shell; these say as whom a command then acts."""

    OPERATOR = "operator"
    """As the operator, through use cases alone: they may do everything, and what they do is on record."""
    MACHINE = "machine"
    """On this machine, or at a provider with the rights of who calls: no use case is asked for anybody's data."""


class PolicyMissing(Exception):
    """A command says nothing about who may give it."""


def check_has_policy(command: click.Command, path: str) -> None:
    """PolicyMissing unless the command, and everything under it, declares one."""
    if isinstance(command, click.Group):
        for name, under in command.commands.items():
            check_has_policy(under, f"{path} {name}")
    elif not isinstance(getattr(command, "policy", None), CommandPolicy):
        raise PolicyMissing(f"`{path}` declares no policy")
