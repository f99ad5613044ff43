"""What a command answers with: one JSON document for machines, or tables and lines for people."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from attrs import field, frozen

from adapters.cli.exits import Exit


@frozen
class Table:
    """Rows under headings. Plain, with tabs and without a frame, where nobody looks at it."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@frozen
class Facts:
    """Names and values, one a line."""

    pairs: Sequence[tuple[str, str]]


Part = Table | Facts | str


@frozen
class Answer:
    """The result of a command, in both forms."""

    document: Any
    """Whatever json.dumps takes. Times in it are ISO 8601 with an offset."""
    parts: Sequence[Part] = ()
    exit: Exit = Exit.OK
    is_bare: bool = field(default=False, kw_only=True)
    """Whether the parts are for a pipe even without --json: a token and nothing else."""


def show(answer: Answer, *, as_json: bool) -> None:
    """Write it to standard output."""
    if as_json:
        click.echo(json.dumps(answer.document, ensure_ascii=False, indent=2))
        return
    for part in answer.parts:
        match part:
            case str():
                click.echo(part)
            case Facts(pairs):
                _show_facts(pairs)
            case Table():
                _show_table(part)


def show_error(code: str, message: str, exit_code: Exit, *, as_json: bool) -> None:
    """Words to standard error; with --json also a document, so that there always is one."""
    click.echo(f"Error: {message}", err=True)
    if as_json:
        document = {"error": {"code": code, "message": message, "exit_code": exit_code.value}}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _show_facts(pairs: Sequence[tuple[str, str]]) -> None:
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        click.echo(f"{name:<{width}}  {value}".rstrip())


def _show_table(table: Table) -> None:
    if not sys.stdout.isatty():
        if table.title:
            click.echo(table.title)
        for row in (table.headings, *table.rows):
            click.echo("\t".join(row))
        return
    # A pipe should not pay for it.
    from rich.console import Console  # noqa: PLC0415 - only what draws pays for it
    from rich.table import Table as Drawn  # noqa: PLC0415 - only what draws pays for it

    drawn = Drawn(title=table.title or None, title_justify="left", header_style="bold")
    for heading in table.headings:
        drawn.add_column(heading, overflow="fold")
    for row in table.rows:
        drawn.add_row(*row)
    console = Console(highlight=False, markup=False)
    console.print(drawn)
