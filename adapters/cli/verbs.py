"""How a coroutine function becomes a command: the options that all share, its errors, its answer."""

import functools
import getpass
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from attrs import frozen

from adapters.cli.command_policy import CommandPolicy
from adapters.cli.exits import Exit, exit_of
from adapters.cli.operations import Operations
from adapters.cli.showing import Answer, show, show_error

if TYPE_CHECKING:
    from application.access import Actor
    from application.deeds import Deeds

F = TypeVar("F", bound=Callable[..., Any])

_JSON: Final = click.Option(["--json", "as_json"], is_flag=True, help="One JSON document instead of text.")
_DEBUG: Final = click.Option(["--debug"], is_flag=True, help="Show the stack trace of an error.")
_NO_RELAY: Final = click.Option(
    ["--no-relay"],
    is_flag=True,
    help="Leave what follows, as mails and refunds, to the server or `relexbooking worker`.",
)


@frozen
class Desk:
    """What a command works with."""

    deeds: "Deeds"
    actor: "Actor"


class Verb(click.Command):
    """A command with an example in its help, whose expected errors are words and an exit code."""

    def __init__(
        self, *args: Any, policy: CommandPolicy, example: str, changes: bool = False, **attributes: Any
    ) -> None:
        super().__init__(*args, **attributes)
        self.policy = policy
        self.example = example
        self.params.extend([_JSON, _DEBUG, *([_NO_RELAY] if changes else [])])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, line by line as it would be typed."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"  {line}\n")
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; any error but click's own ends it with words on standard error."""
        as_json, debug = bool(ctx.params.get("as_json")), bool(ctx.params.pop("debug", False))
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # A pipe that was closed, as by `head`, is nobody's error: click ends quietly.
        except Exception as error:  # noqa: BLE001 - this is where every error of a command ends
            if debug:
                click.echo(traceback.format_exc(), err=True)
            ctx.exit(_tell(error, ctx.obj, as_json=as_json))


def _tell(error: Exception, operations: Operations, *, as_json: bool) -> Exit:
    code = exit_of(error, operations.failures())
    words = str(error)
    if code is Exit.UNEXPECTED:
        words = f"{type(error).__name__}: {words} (an error of ours: --debug shows where)"
    show_error(getattr(error, "code", type(error).__name__), words, code, as_json=as_json)
    return code


def verb(group: click.Group, name: str, example: str, *, changes: bool = False) -> Callable[[F], F]:
    """Make `async (desk, **options) -> Answer` a command of `group`.

    One that `changes` things then works through the outbox, so that its mails and refunds go out without a server;
    not after a dry run, which leaves what waits as it was.
    """

    def decorate(deed: F) -> F:
        @functools.wraps(deed)
        def callback(*, as_json: bool, no_relay: bool = True, **given: Any) -> None:
            operations: Operations = click.get_current_context().obj
            answer = operations.run(at_a_desk(operations, deed, given, relay=not no_relay))
            conclude(answer, as_json=as_json)

        group.command(name, cls=Verb, policy=CommandPolicy.OPERATOR, example=example, changes=changes)(callback)
        return deed

    return decorate


def standalone(name: str, example: str) -> Callable[[Callable[..., Answer | None]], Verb]:
    """Make `(operations, **options) -> Answer | None` a command that opens no use cases by itself."""

    def decorate(deed: Callable[..., Answer | None]) -> Verb:
        @functools.wraps(deed)
        def callback(*, as_json: bool, **given: Any) -> None:
            answer = deed(click.get_current_context().obj, **given)
            if answer is not None:
                conclude(answer, as_json=as_json)

        return click.command(name, cls=Verb, policy=CommandPolicy.MACHINE, example=example)(callback)

    return decorate


def conclude(answer: Answer, *, as_json: bool) -> None:
    """Show the answer, and end with its exit code."""
    show(answer, as_json=as_json)
    if answer.exit is not Exit.OK:
        click.get_current_context().exit(answer.exit)


async def at_a_desk(
    operations: Operations, deed: Callable[..., Awaitable[Answer]], given: dict[str, Any], *, relay: bool
) -> Answer:
    """What a command answers that works with the use cases of this installation."""
    from application.access import Actor  # noqa: PLC0415 - `--help` does not need it
    from application.request import begin_request  # noqa: PLC0415 - only a command pays for it, not --help

    begin_request("run")
    async with operations.open() as deeds:
        answer = await deed(Desk(deeds, Actor.operator(login())), **given)
        if relay and not given.get("dry_run"):
            await _hand_on(deeds)
        return answer


async def _hand_on(deeds: "Deeds") -> None:
    """Work through the outbox and end the bookings of cancelled events.

    A server that runs beside us does the same, and each fact is handed on by one of us.
    """
    await deeds.relay.drain()
    while await deeds.cancel_bookings():
        await deeds.relay.drain()
    left = await deeds.relay.left()
    if left.waiting:
        click.echo(f"{left.waiting} mails or refunds wait: the server or `relexbooking worker` goes on.", err=True)
    if left.dead:
        click.echo(
            f"{left.dead} could not be done after many tries and need a person: relexbooking outbox list", err=True
        )


def login() -> str:
    """Who sits at this machine, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # A container may run as a number without a name.
        return f"uid{os.getuid()}"
