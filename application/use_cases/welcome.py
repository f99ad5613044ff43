"""People whom only the identity provider knew."""

import logging

from attrs import frozen

from application.access import Actor
from application.errors import AlreadyExists
from application.even_work import account_of
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.credentials import KEPT_ELSEWHERE, Person
from application.records import Claim, email_claim_id
from application.work import Begin
from domain.account import Account
from domain.email_address import canonical_email
from domain.errors import InvalidValue
from domain.ids import AccountId

log = logging.getLogger(__name__)


@frozen
class Welcome:
    """Make the account of somebody who came in through the identity provider for the first time.

    Its roles are those that they have there, this once: from then on ours count, and the provider follows.
    """

    begin: Begin
    clock: Clock
    ids: Ids

    async def __call__(self, person: Person) -> Account | None:
        """None if the provider says nothing of whose account it could be."""
        now = self.clock.now()
        try:
            email = canonical_email(person.email)
        except InvalidValue:
            log.warning("the identity provider let somebody in who has no address there")
            return None
        account = Account(
            id=AccountId(self.ids.new("acc")),
            email=email,
            name=person.name,
            created_at=now,
            password_hash=KEPT_ELSEWHERE,
            roles=person.roles,
            email_confirmed_at=now if person.email_verified else None,
            login_id=person.login_id,
        )
        try:
            async with self.begin() as work:
                work.accounts.add(account)
                work.claims.add(Claim(email_claim_id(email), account.id))
                work.audit(Actor.system(), "account.create", account.id, account.rank)
                await work.commit()
                return await work.accounts.get(account.id)
        except AlreadyExists:
            return await self._who_was_faster(email)

    async def _who_was_faster(self, email: str) -> Account | None:
        """Another request of the same person, or somebody under another spelling of the address."""
        return await account_of(self.begin(), email)
