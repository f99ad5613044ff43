"""Lists for the application's own use. Those for people are in `queries/`, and each takes an actor."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from attrs import evolve, frozen

from application.errors import StoreUnavailable
from application.ports.store import Listing, Page, Store
from domain.account import Account, Role

log = logging.getLogger(__name__)


async def pages(store: Store, listing: Listing) -> AsyncIterator[Sequence[Any]]:
    """All records of a listing, a page at a time. Others get their turn in between, whatever the store does."""
    after: str | None = listing.after
    while True:
        page: Page[Any] = await store.list(evolve(listing, after=after))
        yield page.items
        if page.next_cursor is None:
            return
        after = page.next_cursor
        await asyncio.sleep(0)


async def every(store: Store, listing: Listing) -> AsyncIterator[Any]:
    """All records of a listing, page by page."""
    async for page in pages(store, listing):
        for record in page:
            yield record


async def each(store: Store, listing: Listing, deed: Callable[[Any], Awaitable[bool]]) -> int:
    """Do something to every record of a listing; for how many it was done.

    One record that it cannot be done to is logged, and keeps no other from it.
    """
    done = 0
    async for record in every(store, listing):
        try:
            done += await deed(record)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("a record was passed over", extra={"kind": listing.kind, "record": record.id})
    return done


@frozen
class AccountListing:
    """Finds accounts by what they are."""

    store: Store

    async def of_rank(self, role: Role) -> list[Account]:
        return [account async for account in every(self.store, Listing("account", "by_rank", role))]
