"""Lists for the application's own use. Those for people are in `queries/`, and each takes an actor."""

from collections.abc import AsyncIterator
from typing import Any

from attrs import evolve, frozen

from application.ports.store import Listing, Page, Store
from domain.account import Account, Role


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


@frozen
class AccountListing:
    """Finds accounts by what they are."""

    store: Store

    async def of_rank(self, role: Role) -> list[Account]:
        return [account async for account in every(self.store, Listing("account", "by_rank", role))]
