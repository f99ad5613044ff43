"""What people agree to: asked at sign-up, and changed whenever they like."""

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from application.access import Actor
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.use_cases.administer_accounts import find_account
from application.work import Begin, Work
from domain.account import Role
from domain.consent import Consent, ConsentPlace
from domain.ids import AccountId

KEPT_IN_VIEW: Final = 100
"""How many changes of mind a history shows, the newest first. An export has them all."""


@frozen
class ConsentRecord:
    """Writes down what is agreed to, under the terms of the installation, in a unit of work of somebody else's."""

    clock: Clock
    ids: Ids
    terms_version: str

    def add(self, work: Work, account_id: AccountId, place: ConsentPlace, *, marketing: bool) -> Consent:
        consent = Consent(
            self.ids.new("cns"), account_id, self.clock.now(), self.terms_version, marketing=marketing, place=place
        )
        work.consents.add(consent)
        return consent


@frozen
class GiveConsent:
    """Agree to the terms as they are now, and to letters about other things, or not."""

    begin: Begin
    store: Store
    record: ConsentRecord

    async def __call__(self, actor: Actor, place: ConsentPlace, *, marketing: bool) -> Consent:
        """For oneself."""
        async with self.begin() as work:
            consent = self.record.add(work, actor.signed_in().id, place, marketing=marketing)
            await work.commit()
        return consent

    async def at_desk(self, actor: Actor, wanted: str, *, marketing: bool) -> Consent:
        """For somebody who told an operator."""
        actor.check(Role.SUPERADMIN)
        async with self.begin() as work:
            account = await find_account(work, wanted)
            consent = self.record.add(work, account.id, ConsentPlace.CLI, marketing=marketing)
            work.audit(actor, "account.consent", account.id)
            await work.commit()
        return consent

    async def mine(self, actor: Actor) -> Sequence[Consent]:
        """One's own history, the newest first."""
        return await self._history(actor.signed_in().id)

    async def of(self, actor: Actor, wanted: str) -> Sequence[Consent]:
        """Anybody's, for administrators."""
        actor.check(Role.ADMIN)
        return await self._history((await find_account(self.begin(), wanted)).id)

    async def _history(self, account_id: AccountId) -> Sequence[Consent]:
        listing = Listing("consent", "by_account", account_id, descending=True, limit=KEPT_IN_VIEW)
        page: Page[Any] = await self.store.list(listing)
        return page.items
