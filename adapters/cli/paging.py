"""Lists that are longer than a page."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, Protocol, TypeVar

import click
from attrs import frozen

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
F = TypeVar("F", bound=Callable[..., Any])

PAGE_MAX: Final = 100


class Page(Protocol[T_co]):
    """What a query answers."""

    @property
    def items(self) -> tuple[T_co, ...]: ...

    @property
    def next_cursor(self) -> str | None: ...


@frozen
class Wish:
    """Which part of a list is wanted."""

    limit: int
    cursor: str | None
    everything: bool


@frozen
class Listed(Generic[T]):
    items: list[T]
    next_cursor: str | None

    def document(self, view: Callable[[T], Any]) -> dict[str, Any]:
        """As the HTTP API shows a page."""
        return {"items": [view(item) for item in self.items], "next_cursor": self.next_cursor}

    @property
    def more(self) -> tuple[str, ...]:
        """How to see the rest, in words."""
        return (f"There is more: --cursor {self.next_cursor} or --all",) if self.next_cursor else ()


def paged(command: F) -> F:
    """The options --limit, --cursor and --all, which `Wish(limit, cursor, everything)` takes."""
    for option in (
        click.option("--all", "everything", is_flag=True, help="Every page, with progress on standard error."),
        click.option("--cursor", help="Where the page before ended, as it was told there."),
        click.option("--limit", type=click.IntRange(1, PAGE_MAX), default=20, show_default=True, help="How many."),
    ):
        command = option(command)
    return command


async def read(wish: Wish, fetch: Callable[[str | None, int], Awaitable[Page[T]]]) -> Listed[T]:
    """The page that is wanted, or all from there on."""
    if not wish.everything:
        page = await fetch(wish.cursor, wish.limit)
        return Listed(list(page.items), page.next_cursor)
    items: list[T] = []
    cursor = wish.cursor
    while True:
        page = await fetch(cursor, PAGE_MAX)
        items.extend(page.items)
        cursor = page.next_cursor
        show_progress(len(items), is_last=cursor is None)
        if cursor is None:
            return Listed(items, None)


def show_progress(count: int, *, is_last: bool) -> None:
    """On a terminal, how many were read so far."""
    if sys.stderr.isatty():
        click.echo(f"\r{count} read", err=True, nl=is_last)
