"""As much work for an address that nobody has as for one with an account: how long an answer takes tells nobody."""

from attrs import frozen

from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.records import OneTimeToken, TokenPurpose, email_claim_id
from application.secrets import new_secret, secret_id
from application.work import Work
from domain.account import Account
from domain.ids import AccountId

NOBODY = AccountId("acc_nobody")
"""Whom to look for where there is no account: a read as well."""


async def account_of(work: Work, email: str) -> Account | None:
    """Whose address it is, in its canonical spelling; read as often if it is nobody's."""
    claim = await work.claims.find(email_claim_id(email))
    return await work.accounts.find(claim.owner_id if claim else NOBODY)


@frozen
class EvenWork:
    """Stores what is over already, for the job that forgets."""

    clock: Clock
    randomness: Randomness

    async def commit(self, work: Work) -> None:
        """A link that is sent to nobody and opens nothing: one record, as what is told of an account would be."""
        hidden = secret_id(new_secret(self.randomness))
        work.tokens.add(OneTimeToken(hidden, TokenPurpose.RESET_PASSWORD, NOBODY, self.clock.now()))
        await work.commit()
