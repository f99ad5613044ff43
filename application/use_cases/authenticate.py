from datetime import timedelta
from typing import Final

from attrs import frozen

from application.access import Actor
from application.key_format import looks_like_key, read_key
from application.ports.clock import Clock
from application.records import Session
from application.secrets import secret_id
from application.seen import Seen
from application.session_rules import SessionRules, is_of_now
from application.work import Begin
from domain.account import AccountStatus
from domain.api_key import ApiKey
from domain.ids import ID_LETTERS
from domain.second_factors import FactorPolicy

KEY_USE_NOTED_EVERY: Final = timedelta(minutes=10)


@frozen
class Authenticate:
    """Who a session's secret, or an API key, stands for; None if it was ended, by whatever means."""

    begin: Begin
    clock: Clock
    factor_policy: FactorPolicy
    rules: SessionRules
    seen: Seen

    async def __call__(self, secret: str) -> Actor | None:
        return await (self._program(secret) if looks_like_key(secret) else self._person(secret))

    async def _person(self, secret: str) -> Actor | None:
        work = self.begin()
        # All at once: the secret begins with whose it is, which proves nothing and saves a round trip.
        session, account, era = await work.find_in_its_era(
            work.sessions, secret_id(secret), work.accounts, f"acc_{secret[:ID_LETTERS]}"
        )
        if session is None or account is None or not self.rules.holds(session, account, era, self.clock.now()):
            return None
        if session.awaits_factor:
            return Actor.half(account, session)
        if session.is_guest:
            return Actor.of_guest(account, session)
        # A policy that became stricter holds for sessions that are open already: they end.
        if self.factor_policy.lacks_factor(account) or account.password_is_over(self.clock.now()):
            return None
        if account.must_change_password:
            return Actor.changing(account, session)
        self.seen.note(Session, session, self.rules.span_of(account).touched_every)
        return Actor.person(account, session)

    async def _program(self, text: str) -> Actor | None:
        given = read_key(text)
        if given is None:
            return None
        work = self.begin()
        key, account, era = await work.find_in_its_era(work.api_keys, given.key_id, work.accounts, given.account_id)
        if key is None or account is None or not key.opens(given.secret_hash, self.clock.now()):
            return None
        is_live = account.status is AccountStatus.ACTIVE and is_of_now(key, account, era)
        if not is_live or account.must_change_password or self.factor_policy.lacks_factor(account):
            return None
        self.seen.note(ApiKey, key, KEY_USE_NOTED_EVERY)
        return Actor.program(account, key)
