"""Lists for the application's own use. Those for people are in `queries/`, and each takes an actor."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from attrs import evolve, frozen

from application.errors import StoreUnavailable
from application.ports.store import Listing, Page, Store
from domain.account import Account, Role

log = logging.getLogger(__name__)


async def every(store: Store, listing: Listing) -> AsyncIterator[Any]:
    """All records of a listing, page by page."""
    after: str | None = listing.after
    while True:
        page: Page[Any] = await store.list(evolve(listing, after=after))
        for record in page.items:
            yield record
        if page.next_cursor is None:
            return
        after = page.next_cursor


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
            log.exception("%s %s was passed over", listing.kind, record.id)
    return done


@frozen
class AccountListing:
    """Finds accounts by what they are."""

    store: Store

    async def of_rank(self, role: Role) -> list[Account]:
        return [account async for account in every(self.store, Listing("account", "by_rank", role))]
