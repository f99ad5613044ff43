"""Whether the ledger says the same as the payments, refunds and disputes that it was written from."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from attrs import Factory, define, frozen

from application.access import Actor
from application.listing import every, pages
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.queries.ledger_rows import LedgerRows
from application.work import Begin
from domain.account import Role
from domain.books import Difference, Legs, differences, misfiled
from domain.ledger import LedgerAccount, LedgerTransaction
from domain.payment import Payment
from domain.span import SPAN_DAYS_MAX, Span

DIFFERENCES_MAX: Final = 500
"""How many are told one by one. All are counted."""
LOOKS_MAX: Final = 3
"""How often a payment with a difference is looked at: money may be moving at this very moment, and lists may lag."""


@frozen
class Balance:
    """One account of one currency, over everything, by both ways to know it."""

    currency: str
    account: LedgerAccount
    ledger_minor: int
    records_minor: int


@frozen
class BooksChecked:
    """What a check found."""

    payments: int
    rows: int
    balances: tuple[Balance, ...]
    differences: tuple[Difference, ...]
    differences_count: int

    @property
    def is_right(self) -> bool:
        return not self.differences_count


@define
class _Findings:
    """What is found while a check is under way."""

    looked: Callable[[int], None]
    payments: int = 0
    rows: int = 0
    ledger: Counter[tuple[str, LedgerAccount]] = Factory(Counter)
    records: Counter[tuple[str, LedgerAccount]] = Factory(Counter)
    told: list[Difference] = Factory(list)
    count: int = 0

    def differ(self, found: Sequence[Difference]) -> None:
        self.count += len(found)
        self.told += found[: DIFFERENCES_MAX - len(self.told)]

    def result(self) -> BooksChecked:
        balances = tuple(
            Balance(currency, account, self.ledger[currency, account], self.records[currency, account])
            for currency, account in sorted({*self.ledger, *self.records})
        )
        return BooksChecked(self.payments, self.rows, balances, tuple(self.told), self.count)


@frozen
class Books:
    """Compares, and changes nothing."""

    begin: Begin
    clock: Clock
    store: Store

    async def check(self, actor: Actor, looked: Callable[[int], None] = lambda _: None) -> BooksChecked:
        """Every payment with its rows, then every row with its payment.

        Only payments and rows of one page are kept at a time. `looked` hears how many were looked at so far.
        """
        actor.check(Role.ADMIN)
        found = _Findings(looked)
        await self._check_payments(found)
        await self._check_rows(found)
        return found.result()

    async def _check_payments(self, found: _Findings) -> None:
        async for page in pages(self.store, Listing("payment", "everything", "all")):
            for payment in page:
                records, ledger = await self._patiently(payment)
                _add(found.records, records)
                _add(found.ledger, ledger)
                found.differ(differences(payment, records, ledger))
            found.payments += len(page)
            found.looked(found.payments)

    async def _patiently(self, payment: Payment) -> tuple[Legs, Legs]:
        for _ in range(LOOKS_MAX):
            records, ledger = await self._both_of(payment)
            if not differences(payment, records, ledger):
                break
            payment = await self.begin().payments.get(payment.id)
        return records, ledger

    async def _both_of(self, payment: Payment) -> tuple[Legs, Legs]:
        """What the records make of a payment, and what the ledger has."""
        refunds = [refund async for refund in every(self.store, Listing("refund", "by_payment", payment.id))]
        disputes = await self.begin().disputes.get_all(payment.dispute_ids)
        of_booking = every(self.store, Listing("ledger", "by_booking", payment.booking_id))
        rows = [row async for row in of_booking if row.payment_id == payment.id]
        return Legs.of_records(payment, refunds, disputes), Legs.of_ledger(rows)

    async def _check_rows(self, found: _Findings) -> None:
        async for rows in self._all_rows():
            work = self.begin()
            payments = {one.id: one for one in await work.payments.get_all({row.payment_id for row in rows})}
            bookings = await work.bookings.get_all({one.booking_id for one in payments.values()})
            organizers = {booking.id: booking.organizer_id for booking in bookings}
            for row in rows:
                payment = payments.get(row.payment_id)
                if payment is None or row.booking_id != payment.booking_id:
                    # Those that lie beside their payment were counted with it.
                    _add(found.ledger, Legs.of_ledger([row]))
                found.differ(misfiled(row, payment, organizers.get(payment.booking_id) if payment else None))
            found.rows += len(rows)
            found.looked(found.payments + found.rows)

    async def _all_rows(self) -> AsyncIterator[Sequence[LedgerTransaction]]:
        """From the day before the first payment to tomorrow, so that no clock that was a little wrong matters."""
        oldest: Page[Any] = await self.store.list(Listing("payment", "everything", "all", limit=1))
        now = self.clock.now()
        one_day = timedelta(days=1)
        first = min((payment.created_at for payment in oldest.items), default=now).date() - one_day
        while first <= (tomorrow := now.date() + one_day):
            last: date = min(first + one_day * (SPAN_DAYS_MAX - 1), tomorrow)
            async for rows in LedgerRows(self.store, Span(first, last, "UTC")).read():
                yield rows
            first = last + one_day


def _add(sums: Counter[tuple[str, LedgerAccount]], legs: Legs) -> None:
    for leg, amount_minor in legs.sums.items():
        sums[leg.currency, leg.account] += amount_minor
