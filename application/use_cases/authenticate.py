from attrs import frozen

from application.access import Actor
from application.ports.clock import Clock
from application.records import Session
from application.secrets import secret_id
from application.seen import Seen
from application.session_rules import SessionRules
from application.work import Begin
from domain.ids import ID_LETTERS
from domain.second_factors import FactorPolicy


@frozen
class Authenticate:
    """Who a session's secret stands for; None if it was ended, by whatever means."""

    begin: Begin
    clock: Clock
    factor_policy: FactorPolicy
    rules: SessionRules
    seen: Seen

    async def __call__(self, secret: str) -> Actor | None:
        work = self.begin()
        # All at once: the secret begins with whose it is, which proves nothing and saves a round trip.
        session, account, era = await work.find_in_its_era(
            work.sessions, secret_id(secret), work.accounts, f"acc_{secret[:ID_LETTERS]}"
        )
        if session is None or account is None or not self.rules.holds(session, account, era, self.clock.now()):
            return None
        if session.awaits_factor:
            return Actor.half(account, session)
        # A policy that became stricter holds for sessions that are open already: they end.
        if self.factor_policy.lacks_factor(account):
            return None
        self.seen.note(Session, session, self.rules.span_of(account).touched_every)
        return Actor.person(account, session)
