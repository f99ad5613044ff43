"""The command `relexbooking`: a table of groups, each imported when it is chosen."""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any, Final

import click

from adapters.cli.command_policy import check_has_policy
from adapters.cli.exits import table
from adapters.cli.operations import Operations

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "demo": ("adapters.cli.demo:demo", "A whole installation with made-up data under ./var, ready to try."),
    "serve": ("adapters.cli.running:serve", "Run the server."),
    "worker": ("adapters.cli.running:worker", "Send mails and refunds and do the jobs, apart from the server."),
    "sandbox": ("adapters.cli.running:sandbox", "Run the sandbox payment provider alone."),
    "doctor": ("adapters.cli.doctor:doctor", "Look for what is wrong with this installation."),
    "db": ("adapters.cli.db:db", "The schema of the store."),
    "accounts": ("adapters.cli.personal_data:accounts", "People who can sign in, and what they may do."),
    "api-keys": ("adapters.cli.api_keys:api_keys", "What lets programs act for somebody, each within its scopes."),
    "kyc": ("adapters.cli.kyc:kyc", "Identity checks: who asks to become an organizer, with which documents."),
    "promos": ("adapters.cli.promos:promos", "Promotion codes of an event."),
    "events": ("adapters.cli.teams:events", "The occasions that people attend."),
    "bookings": ("adapters.cli.bookings:bookings", "What people have booked."),
    "tickets": ("adapters.cli.tickets:tickets", "Tickets, their codes, and the door."),
    "payments": (
        "adapters.cli.payments:payments",
        "Attempts to pay, and whether our books agree with the payment providers'.",
    ),
    "notices": ("adapters.cli.notices:notices", "What the payment providers told us, and what became of it."),
    "refunds": ("adapters.cli.refunds:refunds", "Money on its way back, and what waits for a second person."),
    "disputes": ("adapters.cli.refunds:disputes", "Payments that buyers contest at their bank."),
    "outbox": ("adapters.cli.outbox:outbox", "Mails, refunds and other things to do that wait or were given up."),
    "reports": ("adapters.cli.reports:reports", "What was sold, kept, given back and contested, from the ledger."),
    "audit": ("adapters.cli.audit:audit", "Who did what, sealed into a chain that shows if anybody changes it."),
    "storage": ("adapters.cli.storage:storage", "The files that are kept: pictures of events, identity documents."),
    "aws": (
        "adapters.cli.aws:aws",
        "What an installation has at AWS, what it costs, and what happened in the account.",
    ),
    "keys": ("adapters.cli.keys:keys", "The keys that sign and seal tickets."),
}
"""Name to `module:command` and its short help, so that `--help` imports none of them."""


class Root(click.Group):
    """Imports a command when it is chosen."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = resolve_name(COMMANDS[name][0])
        check_has_policy(command, name)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write(f"{table()}\n")
        with formatter.section("Example"):
            formatter.write("  relexbooking demo\n  relexbooking events list --json\n")


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="relexbooking", message="%(prog)s %(version)s")
def relexbooking() -> None:
    """RelexBooking: events, bookings, payments and tickets.

    Settings come from RELEX_* variables and relexbooking.toml. Without any, all is local: SQLite, files, sandbox
    payments and a mailbox under ./var.
    """


def main(operations: Operations, **given: Any) -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    relexbooking.main(prog_name="relexbooking", obj=operations, **given)
