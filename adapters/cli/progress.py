"""How far long work is, on standard error, where somebody looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@contextmanager
def progress(words: str) -> Iterator[Advance]:
    """A bar while the work lasts; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    # A pipe should not pay for it.
    from rich.console import Console  # noqa: PLC0415 - only what draws pays for it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - only what draws pays for it

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
