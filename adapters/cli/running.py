"""Processes that run until they are told to stop."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Final

import click

from adapters.cli.operations import Operations
from adapters.cli.verbs import standalone

WORKERS_MAX: Final = 64


@standalone("serve", "relexbooking serve --port 8080 --workers 2")
@click.option("--host", help="Which address to listen on.  [RELEX_HOST]")
@click.option("--port", type=click.IntRange(1, 65_535), help="Which port to listen on.  [RELEX_PORT]")
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True, help="Processes.")
def serve(operations: Operations, host: str | None, port: int | None, workers: int) -> None:
    """Run the server.

    With sandbox payments on this machine, the sandbox provider is started and stopped along with it.
    """
    take_over(host, port)
    settings = operations.settings()
    operations.check_port()
    click.echo(f"RelexBooking at {settings.base_url} (listening on {settings.host}:{settings.port}); Ctrl-C stops it.")
    if workers > 1:
        operations.share_counts()
    with operations.beside_sandbox():
        operations.run(open_once(operations))
        operations.serve(workers)


async def open_once(operations: Operations) -> None:
    """Open everything and close it again, so that what is wrong is told here, in words, and not by each worker."""
    async with operations.open():
        pass


def take_over(host: str | None, port: int | None) -> None:
    """Let options count as settings, for the server's own processes too."""
    for name, value in (("RELEX_HOST", host), ("RELEX_PORT", port)):
        if value is not None:
            os.environ[name] = str(value)


@standalone("worker", "RELEX_RELAY=false relexbooking serve &\nrelexbooking worker")
def worker(operations: Operations) -> None:
    """Send mails and refunds and do the jobs, apart from the server."""
    click.echo("Working through the outbox and the jobs; Ctrl-C stops it.")
    operations.run(_until_told_to_stop(operations))


async def _until_told_to_stop(operations: Operations) -> None:
    """What is under way is left in order: a fact whose lease ends is taken up by the next worker."""
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await operations.work()


@standalone("sandbox", "relexbooking sandbox")
def sandbox(operations: Operations) -> None:
    """Run the sandbox payment provider alone."""
    click.echo(f"The sandbox payment provider at {operations.settings().sandbox_url}; Ctrl-C stops it.")
    operations.sandbox()
