"""Accounts, for administrators."""

from typing import Any

from attrs import frozen

from application.access import Actor
from application.ports.store import Listing, Page, Store
from application.use_cases.administer_accounts import find_account
from application.work import Begin
from domain.account import Account, Role


@frozen
class Accounts:
    begin: Begin
    store: Store

    async def show(self, actor: Actor, wanted: str) -> Account:
        """By id or address."""
        actor.check(Role.ADMIN)
        return await find_account(self.begin(), wanted)

    async def list(
        self, actor: Actor, cursor: str | None, limit: int, *, words: str = "", role: Role | None = None
    ) -> Page[Account]:
        """Newest first; `role` is the highest that each has."""
        actor.check(Role.ADMIN)
        found = tuple(words.casefold().split())
        listing = Listing(
            "account",
            "everything" if role is None else "by_rank",
            "all" if role is None else role,
            descending=True,
            containing={"search": found} if found else {},
            limit=limit,
            after=cursor,
        )
        page: Page[Any] = await self.store.list(listing)
        return page
