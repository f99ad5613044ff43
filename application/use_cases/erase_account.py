"""The end of an account, whoever asks for it."""

from contextlib import suppress
from typing import Final

from attrs import frozen

from application.access import Actor
from application.counted import address_id
from application.erasure_check import Belongings, ErasureCheck
from application.errors import ConfirmationNeeded, NotFound, StaleVersion, StoreUnavailable
from application.factor_records import forget_factors
from application.last_superadmin import check_someone_is_left
from application.listing import AccountListing
from application.ports.clock import Clock
from application.records import email_claim_id
from application.use_cases.administer_accounts import find_account
from application.use_cases.sweep_erased import SweepErased
from application.work import Begin, Work, retrying
from domain.account import Account, AccountStatus, Role
from domain.erasure import Erasure, ErasureRefused
from domain.errors import DomainError
from domain.ids import AccountId

_NAMED: Final = 5
"""How many obstacles a refusal names."""


@frozen
class EraseAccount:
    """Forget a person, unless something still needs them: ErasureRefused then says what, and what to do.

    The account is marked before anybody looks, so that nothing that would need the person is begun between the look
    and the end: see `Account.check_stays`. Whoever is still needed loses the mark again. From the end on nobody can
    sign in or write to them; the rest is swept after it.
    """

    begin: Begin
    clock: Clock
    listing: AccountListing
    check: ErasureCheck
    sweep: SweepErased

    async def preview(self, actor: Actor, wanted: str = "") -> tuple[Account, Belongings]:
        """What would go and what stands in the way; one's own without `wanted`. Changes nothing."""
        if not wanted:
            account = actor.signed_in()
        else:
            actor.check(Role.ADMIN)
            account = await find_account(self.begin(), wanted)
        return account, await self.check.belongings(account.id)

    async def mine(self, actor: Actor, typed: str) -> None:
        """The person asks, and types their address to confirm it."""
        account = actor.signed_in()
        if typed.strip().casefold() != account.email:
            raise ConfirmationNeeded("type the e-mail address of your account to confirm")
        await self._erase(actor, account.id)

    async def __call__(self, actor: Actor, wanted: str) -> Account:
        """An administrator who outranks them asks, or an operator."""
        actor.check(Role.ADMIN)
        account = await find_account(self.begin(), wanted)
        if account.status is AccountStatus.DELETED:
            raise NotFound("no such account")
        if actor.account is not None:
            actor.account.check_may_grant(Role.USER, account)
        return await self._erase(actor, account.id)

    async def _erase(self, actor: Actor, account_id: AccountId) -> Account:
        marked = await retrying(lambda: self._mark(account_id))
        try:
            await self._check_is_free(account_id)
            erased = await retrying(lambda: self._end(actor, marked))
        except DomainError:
            await retrying(lambda: self._unmark(marked))
            raise
        # It is over for the person. What is left the job does too, if the store goes away now.
        with suppress(StoreUnavailable):
            await self.sweep.of(account_id)
        return erased

    async def _mark(self, account_id: AccountId) -> Account:
        async with self.begin() as work:
            account = await work.accounts.get(account_id)
            marked = account.start_erasing(self.clock.now())
            work.accounts.save(marked)
            await work.commit()
        return marked

    async def _unmark(self, marked: Account) -> None:
        async with self.begin() as work:
            account = await work.accounts.get(marked.id)
            if account.erasing_until == marked.erasing_until:
                work.accounts.save(account.stop_erasing())
                await work.commit()

    async def _check_is_free(self, account_id: AccountId) -> None:
        obstacles = await self.check.obstacles(account_id)
        if obstacles:
            named = "; ".join(f"{one.kind} {one.id}: {one.what_to_do}" for one in obstacles[:_NAMED])
            more = f"; and {len(obstacles) - _NAMED} more" if len(obstacles) > _NAMED else ""
            raise ErasureRefused(f"this account is still needed. {named}{more}")

    async def _end(self, actor: Actor, marked: Account) -> Account:
        async with self.begin() as work:
            account = await work.accounts.get(marked.id)
            if not account.is_marked_as(marked, self.clock.now()):
                raise StaleVersion("it took too long to look for what needs this account: ask again")
            if actor.account is not None and actor.account.id != account.id:
                actor.account.check_may_grant(Role.USER, account)
            erased = account.delete()
            await check_someone_is_left(work, self.listing, account, erased)
            work.accounts.save(erased)
            work.erasures.add(Erasure(account.id, actor.name, self.clock.now()))
            await self._release(work, account)
            work.audit(actor, "account.delete", account.id)
            await work.commit()
        return erased

    async def _release(self, work: Work, account: Account) -> None:
        """The address is free for others, and nothing that could be signed in with is left."""
        claim = await work.claims.find(email_claim_id(account.email))
        if claim is not None and claim.owner_id == account.id:
            work.claims.delete(claim)
        guesses = await work.guess_counts.find(address_id(account.email))
        if guesses is not None:
            work.guess_counts.delete(guesses)
        await forget_factors(work, account)
        await self.sweep.invitations(work, account.email)
