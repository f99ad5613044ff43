"""Accounts, for administrators."""

from datetime import datetime
from typing import Any

from attrs import frozen

from application.access import Actor
from application.kind import bound
from application.ports.store import Listing, Page, Store
from application.use_cases.administer_accounts import find_account
from application.work import Begin
from domain.account import Account, AccountStatus, KycStatus, Role


@frozen(kw_only=True)
class AccountFilter:
    """Which accounts are wanted; all of them without."""

    words: str = ""
    """In address and name."""
    role: Role | None = None
    """The highest that each has."""
    status: AccountStatus | None = None
    kyc: KycStatus | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Not in it itself."""

    def listing(self, cursor: str | None, limit: int) -> Listing:
        """The newest first, by the narrowest index."""
        found = tuple(self.words.casefold().split())
        sieve = {"status": self.status, "kyc": self.kyc}
        return Listing(
            "account",
            "everything" if self.role is None else "by_rank",
            "all" if self.role is None else self.role,
            least=bound(self.since),
            below=bound(self.until),
            descending=True,
            equal={name: value for name, value in sieve.items() if value is not None},
            containing={"search": found} if found else {},
            limit=limit,
            after=cursor,
        )


@frozen
class Accounts:
    begin: Begin
    store: Store

    async def show(self, actor: Actor, wanted: str) -> Account:
        """By id or address."""
        actor.check(Role.ADMIN)
        return await find_account(self.begin(), wanted)

    async def list(self, actor: Actor, wanted: AccountFilter, cursor: str | None, limit: int) -> Page[Account]:
        """Newest first."""
        actor.check(Role.ADMIN)
        page: Page[Any] = await self.store.list(wanted.listing(cursor, limit))
        return page
