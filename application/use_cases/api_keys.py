from datetime import timedelta
from typing import Final

from attrs import field, frozen

from application.access import Actor, EventDeed
from application.errors import KeyNotLetIn, NotFound, TooManyKeys
from application.event_access import event_for
from application.ids import Ids
from application.key_format import new_key, read_key
from application.listing import every
from application.opening import still_open
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.store import Listing, Store
from application.queries.api_keys import find_key
from application.secrets import secret_id
from application.session_rules import is_of_now
from application.use_cases.administer_accounts import find_account
from application.work import Begin, Work, retrying
from domain.account import Account, AccountDisabled, AccountStatus
from domain.api_key import (
    DAYS_DEFAULT,
    OVERLAP_HOURS_DEFAULT,
    ApiKey,
    KeyEnded,
    Scope,
    WhyRevoked,
    overlap,
    term,
)
from domain.event import Event
from domain.facts import AccessChange, AccessChanged
from domain.ids import ApiKeyId

KEYS_MAX: Final = 20
"""Of one person, at a time."""


@frozen
class NewKey:
    """A key and its secret, which is told this once."""

    key: ApiKey
    secret: str = field(repr=False)


def check_is_person(actor: Actor) -> None:
    """KeyNotLetIn: no key makes or changes another."""
    if actor.key is not None:
        raise KeyNotLetIn("keys are made and changed by people")


@frozen
class KeyPlan:
    """What a key is to be for."""

    name: str
    scopes: tuple[Scope, ...]
    days: int = DAYS_DEFAULT
    event_id: str | None = None
    owner: str = ""
    """For operators, who have no account of their own: whose it is to be, by id or address."""


@frozen
class CreateApiKey:
    """Let a program act for somebody. Persons do it for themselves, with a fresh sign-in."""

    begin: Begin
    clock: Clock
    ids: Ids
    randomness: Randomness
    store: Store

    async def __call__(self, actor: Actor, plan: KeyPlan) -> NewKey:
        check_is_person(actor)
        now, valid = self.clock.now(), term(plan.days)
        actor.check_fresh(now)
        async with self.begin() as work:
            owner = await self._owner(work, actor, plan)
            era = await work.era()
            event = await _event(work, owner, plan.event_id) if plan.event_id else None
            await self._check_count(owner, era)
            key_id = ApiKeyId(self.ids.new("key"))
            secret = new_key(self.randomness, owner.id, key_id)
            key = ApiKey(
                id=key_id,
                account_id=owner.id,
                name=plan.name,
                scopes=tuple(sorted(set(plan.scopes))),
                secret_hash=secret_id(secret),
                epoch=owner.epoch,
                era=era,
                created_at=now,
                expires_at=now + valid,
                event_id=event.id if event else None,
            )
            work.api_keys.add(key)
            work.audit(actor, "api_key.create", key.id, " ".join(key.scopes))
            await work.commit()
        return NewKey(key, secret)

    async def _owner(self, work: Work, actor: Actor, plan: KeyPlan) -> Account:
        if not actor.is_trusted:
            owner, _ = await still_open(work, actor, self.clock.now())
            return owner
        owner = await find_account(work, plan.owner)
        if owner.status is not AccountStatus.ACTIVE:
            raise AccountDisabled("a disabled account has no keys: enable it first")
        return owner

    async def _check_count(self, owner: Account, era: int) -> None:
        now, live = self.clock.now(), 0
        async for key in every(self.store, Listing("api_key", "by_account", owner.id)):
            live += not key.is_over(now) and is_of_now(key, owner, era)
        if live >= KEYS_MAX:
            raise TooManyKeys(f"you have {live} keys, and may have {KEYS_MAX}: revoke one first")


async def _event(work: Work, owner: Account, event_id: str) -> Event:
    """NotFound unless the owner has something to do at it."""
    return await event_for(work, Actor.person(owner), event_id, EventDeed.SCAN)


@frozen
class RotateApiKey:
    """A new secret for a key, with a new term. For some hours the old one goes on, so that no program stops."""

    begin: Begin
    clock: Clock
    randomness: Randomness

    async def __call__(
        self, actor: Actor, key_id: str, *, overlap_hours: int = OVERLAP_HOURS_DEFAULT, days: int = DAYS_DEFAULT
    ) -> NewKey:
        check_is_person(actor)
        actor.check_fresh(self.clock.now())
        terms = overlap(overlap_hours), term(days)
        return await retrying(lambda: self._once(actor, key_id, *terms))

    async def _once(self, actor: Actor, key_id: str, hours: timedelta, valid: timedelta) -> NewKey:
        async with self.begin() as work:
            key = await _own_key(work, actor, key_id)
            owner = await work.accounts.get(key.account_id)
            if not is_of_now(key, owner, await work.era()):
                raise KeyEnded("this key ended with a change of its owner's security: make a new one")
            secret = new_key(self.randomness, key.account_id, key.id)
            rotated = key.rotate(secret_id(secret), self.clock.now(), overlap=hours, valid=valid)
            work.api_keys.save(rotated)
            work.audit(actor, "api_key.rotate", key.id)
            await work.commit()
        return NewKey(rotated, secret)


async def _own_key(work: Work, actor: Actor, key_id: str) -> ApiKey:
    """NotFound of an administrator too: the secret of somebody else's key is nobody's but theirs."""
    key = await find_key(work, actor, key_id)
    if actor.is_trusted or actor.is_person(key.account_id):
        return key
    raise NotFound("no such key")


@frozen
class RevokeApiKey:
    """End a key for good: one's own, or as an administrator anybody's."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, key_id: str) -> ApiKey:
        check_is_person(actor)
        return await retrying(lambda: self._once(actor, key_id))

    async def _once(self, actor: Actor, key_id: str) -> ApiKey:
        async with self.begin() as work:
            key = await find_key(work, actor, key_id)
            why = WhyRevoked.BY_OWNER if actor.is_person(key.account_id) else WhyRevoked.BY_STAFF
            revoked = key.revoke(self.clock.now(), why)
            if revoked == key:
                return key
            work.api_keys.save(revoked)
            work.audit(actor, "api_key.revoke", key.id, why)
            await work.commit()
        return revoked


@frozen
class ReportLeakedKey:
    """Whoever shows a key's secret may end it: it is no secret any more, and its owner is told by mail.

    What is no key of ours gets silence.
    """

    begin: Begin
    clock: Clock

    async def __call__(self, text: str) -> None:
        given = read_key(text.strip())
        if given is not None:
            await retrying(lambda: self._once(given.key_id, given.secret_hash))

    async def _once(self, key_id: ApiKeyId, secret_hash: str) -> None:
        now, actor = self.clock.now(), Actor.anonymous()
        async with self.begin() as work:
            key = await work.api_keys.find(key_id)
            if key is None or not key.opens(secret_hash, now):
                return
            work.api_keys.save(key.revoke(now, WhyRevoked.LEAKED))
            work.tell(AccessChanged(now, key.account_id, AccessChange.KEY_LEAKED))
            work.audit(actor, "api_key.leaked", key.id)
            await work.commit()
