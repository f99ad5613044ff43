"""The rest of an erasure: whatever an account that is no more has left behind."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from attrs import evolve, frozen

from application.errors import StaleVersion
from application.listing import every, pages
from application.ports.clock import Clock
from application.ports.object_store import ObjectStore
from application.ports.store import Listing, Store
from application.records import DeliveryState, OutboxEntry
from application.records_of_kind import Records
from application.redaction import without_addresses
from application.use_cases.event_images import pictures_of
from application.use_cases.forget_checks import ForgetChecks
from application.use_cases.profile_pictures import folder_of
from application.work import Begin, Work, retrying
from domain.account import Account
from domain.admission import Admission
from domain.booking import Booking
from domain.booking_outcome import BookingOutcome
from domain.erasure import Erasure, ErasureState
from domain.event import EventStatus
from domain.facts import Fact, StandingChanged
from domain.ids import AccountId
from domain.payment import Payment
from domain.refund import Refund
from domain.ticket import Ticket

TOGETHER: Final = 40
"""Records in one commit."""
_OURS: Final = re.compile(rb"[a-z]{3}_[0-9a-z]{26}")

Table = Callable[[Work], Records[Any]]
Change = Callable[[Any], Any]


@frozen
class SweepErased:
    """Forget the names of erased people wherever they stand, and remove what was only theirs.

    Each commit is small and leaves the records whole. Killed anywhere, the next run finds what is left by looking
    again. The money of payments and refunds, the ledger and the audit are not touched: they name ids alone.
    """

    begin: Begin
    clock: Clock
    store: Store
    checks: ForgetChecks
    objects: ObjectStore

    async def __call__(self) -> int:
        """As a job: how many records it changed or removed."""
        running = [erasure async for erasure in every(self.store, Listing("erasure", "by_state", ErasureState.RUNNING))]
        return sum([await self.of(erasure.id) for erasure in running])

    async def of(self, account_id: AccountId) -> int:
        """One look at all of one person."""
        found = await self._change(lambda work: work.accounts, [account_id], Account.forget_again)
        found += await self._bookings(account_id)
        # Before the drafts themselves, without which nobody would know of their pictures.
        found += await self._pictures(account_id)
        for table, listing in _REMOVED:
            found += await self._everything(table, listing(account_id), None)
        found += await self.checks(account_id)
        found += await self._letters(account_id)
        await retrying(lambda: self._note(account_id, found))
        return found

    async def invitations(self, work: Work, email: str) -> None:
        """Those to work at events name an address, which nobody knows after the commit of `work`.

        As many as fit there; more than that go by themselves after a week.
        """
        page = await self.store.list(Listing("event_invitation", "by_email", email, limit=TOGETHER))
        for invitation in await work.invitations.get_all(listed.id for listed in page.items):
            work.invitations.delete(invitation)

    async def _note(self, account_id: AccountId, found: int) -> None:
        async with self.begin() as work:
            erasure = await work.erasures.find(account_id)
            if erasure is None:
                return
            swept: Erasure = erasure.swept(found, self.clock.now())
            if swept is not erasure:
                work.erasures.save(swept)
                await work.commit()

    async def _bookings(self, account_id: AccountId) -> int:
        """What stands on bookings and around them, and the answers that are kept of requests about them."""
        found, ids = 0, {account_id.encode()}
        async for page in pages(self.store, Listing("booking", "by_buyer", account_id)):
            bookings = [booking.id for booking in page]
            ids |= {booking_id.encode() for booking_id in bookings}
            for booking_id in bookings:
                for table, kind, change in _AROUND_BOOKING:
                    found += await self._everything(table, Listing(kind, "by_booking", booking_id), change)
            found += await self._change(lambda work: work.booking_outcomes, bookings, BookingOutcome.forget_words)
            # Last: what is left to do is found by way of the bookings, and tickets are made from their names.
            found += await self._change(lambda work: work.bookings, bookings, Booking.forget_buyer)
        return found + await self._answers(ids)

    async def _answers(self, ids: set[bytes]) -> int:
        found = 0
        async for page in pages(self.store, Listing("answer", "expiring", "all")):
            theirs = [answer.id for answer in page if not ids.isdisjoint(_OURS.findall(answer.body))]
            found += await self._change(lambda work: work.answers, theirs, None)
        return found

    async def _letters(self, account_id: AccountId) -> int:
        """Letters that wait for nobody, and addresses in what a mail server said."""
        found = 0
        for state in DeliveryState:
            async for page in pages(self.store, Listing("outbox", "queue", state)):
                theirs = [entry.id for entry in page if _is_to(account_id, entry.fact)]
                found += await self._change(lambda work: work.outbox, theirs, None)
                others = [entry.id for entry in page if entry.id not in theirs and entry.last_error]
                found += await self._change(lambda work: work.outbox, others, _without_addresses)
        return found

    async def _pictures(self, account_id: AccountId) -> int:
        """Of the person and of drafts: what was shown, and what a process left that died before it showed it."""
        found = await self._emptied(folder_of(account_id))
        async for drafts in self._ids(_drafts(account_id)):
            found += sum([await self._emptied(pictures_of(draft)) for draft in drafts])
        return found

    async def _emptied(self, folder: str) -> int:
        # Whenever they were put: the object store's clock may be ahead of ours.
        keys = await self.objects.put_before(folder, self.clock.now() + timedelta(days=1))
        for key in keys:
            await self.objects.delete(key)
        return len(keys)

    async def _everything(self, table: Table, listing: Listing, change: Change | None) -> int:
        return sum([await self._change(table, ids, change) async for ids in self._ids(listing)])

    async def _ids(self, listing: Listing) -> AsyncIterator[Sequence[str]]:
        async for page in pages(self.store, listing):
            yield [record.id for record in page]

    async def _change(self, table: Table, ids: Sequence[str], change: Change | None) -> int:
        """Change those that `change` would change, or remove all without it; how many that were."""
        found = 0
        for start in range(0, len(ids), TOGETHER):
            found += await self._together(table, ids[start : start + TOGETHER], change)
        return found

    async def _together(self, table: Table, ids: Iterable[str], change: Change | None) -> int:
        async def once() -> int:
            async with self.begin() as work:
                records = table(work)
                touched = 0
                for record in await records.get_all(ids):
                    if change is None:
                        records.delete(record)
                        touched += 1
                    elif (changed := change(record)) != record:
                        records.save(changed)
                        touched += 1
                await work.commit()
            return touched

        try:
            return await retrying(once)
        except StaleVersion:
            return 1  # Somebody works on them: the next look finds them.


def _is_to(account_id: AccountId, fact: Fact) -> bool:
    """An identity provider must still learn that it has somebody to forget."""
    return getattr(fact, "account_id", None) == account_id and not isinstance(fact, StandingChanged)


def _without_addresses(entry: OutboxEntry) -> OutboxEntry:
    return evolve(entry, last_error=without_addresses(entry.last_error))


def _drafts(account_id: AccountId) -> Listing:
    return Listing("event", "by_organizer", account_id, equal={"status": EventStatus.DRAFT})


_AROUND_BOOKING: Final[tuple[tuple[Table, str, Change], ...]] = (
    (lambda work: work.tickets, "ticket", Ticket.forget_holder),
    (lambda work: work.admissions, "admission", Admission.forget_holder),
    (lambda work: work.payments, "payment", Payment.forget_page),
    (lambda work: work.refunds, "refund", Refund.forget_words),
)
_REMOVED: Final[tuple[tuple[Table, Callable[[AccountId], Listing]], ...]] = (
    (lambda work: work.sessions, lambda who: Listing("session", "by_account", who)),
    (lambda work: work.api_keys, lambda who: Listing("api_key", "by_account", who)),
    (lambda work: work.known_devices, lambda who: Listing("known_device", "by_account", who)),
    (lambda work: work.grants, lambda who: Listing("event_grant", "by_account", who)),
    (lambda work: work.tokens, lambda who: Listing("one_time_token", "expiring", "all", equal={"account_id": who})),
    (lambda work: work.events, _drafts),
)
