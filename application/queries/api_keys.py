"""API keys, for their owners and for operators. Nothing in them opens anything."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.session_rules import is_of_now
from application.use_cases.administer_accounts import find_account
from application.work import Begin, Work
from domain.account import Account, AccountStatus, Role
from domain.api_key import ApiKey


class KeyStanding(StrEnum):
    """What a key is good for now."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ENDED = "ended"
    """By a change of its owner's security, or with everybody's."""


@frozen
class ListedKey:
    key: ApiKey
    standing: KeyStanding


@frozen
class ApiKeys:
    begin: Begin
    clock: Clock
    store: Store

    async def own(self, actor: Actor, cursor: str | None, limit: int) -> Page[ListedKey]:
        """The newest first."""
        owner = actor.signed_in()
        return await self._page(Listing("api_key", "by_account", owner.id, descending=True, limit=limit, after=cursor))

    async def list(self, actor: Actor, wanted: str, cursor: str | None, limit: int) -> Page[ListedKey]:
        """Of one person, by id or address, or of everybody."""
        actor.check(Role.ADMIN)
        owner = await find_account(self.begin(), wanted) if wanted else None
        index, partition = ("by_account", owner.id) if owner else ("everything", "all")
        return await self._page(Listing("api_key", index, partition, descending=True, limit=limit, after=cursor))

    async def show(self, actor: Actor, key_id: str) -> ListedKey:
        """NotFound unless it is one's own, or an administrator asks."""
        work = self.begin()
        key = await find_key(work, actor, key_id)
        [listed] = await self._listed(work, [key])
        return listed

    async def _page(self, listing: Listing) -> Page[ListedKey]:
        page: Page[Any] = await self.store.list(listing)
        return Page(await self._listed(self.begin(), page.items), page.next_cursor)

    async def _listed(self, work: Work, keys: Sequence[ApiKey]) -> tuple[ListedKey, ...]:
        owners = {owner.id: owner for owner in await work.accounts.get_all({key.account_id for key in keys})}
        era = await work.era()
        return tuple(ListedKey(key, self._standing(key, owners.get(key.account_id), era)) for key in keys)

    def _standing(self, key: ApiKey, owner: Account | None, era: int) -> KeyStanding:
        """The same that decides at the door."""
        if key.revoked_at is not None:
            return KeyStanding.REVOKED
        if key.is_over(self.clock.now()):
            return KeyStanding.EXPIRED
        is_live = owner is not None and owner.status is AccountStatus.ACTIVE and is_of_now(key, owner, era)
        return KeyStanding.ACTIVE if is_live else KeyStanding.ENDED


async def find_key(work: Work, actor: Actor, key_id: str) -> ApiKey:
    """NotFound unless it is one's own, or an administrator asks: a key of others and none at all look the same."""
    key = await work.api_keys.find(key_id)
    if key is not None and (actor.is_person(key.account_id) or actor.has(Role.ADMIN)):
        return key
    actor.check(Role.USER)
    raise NotFound("no such key")
