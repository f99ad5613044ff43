"""Attempts to pay, of everybody, for those who look after the money."""

from typing import Any

from attrs import frozen

from application.access import Actor
from application.ports.store import Listing, Page, Store
from application.work import Begin
from domain.account import Role
from domain.payment import Payment, PaymentStatus
from domain.refund import Refund


@frozen
class PaymentInFull:
    payment: Payment
    refunds: tuple[Refund, ...]


@frozen
class Payments:
    """Looks at payments, and changes nothing. For administrators."""

    begin: Begin
    store: Store

    async def list(self, actor: Actor, status: PaymentStatus | None, cursor: str | None, limit: int) -> Page[Payment]:
        """The newest first."""
        actor.check(Role.ADMIN)
        equal = {"status": str(status)} if status else {}
        return await self._page(
            Listing("payment", "everything", "all", descending=True, equal=equal, limit=limit, after=cursor)
        )

    async def quarantined(self, actor: Actor, cursor: str | None, limit: int) -> Page[Payment]:
        """Those of which the gateway says what cannot be, the newest first."""
        actor.check(Role.ADMIN)
        return await self._page(Listing("payment", "quarantined", "all", descending=True, limit=limit, after=cursor))

    async def show(self, actor: Actor, payment_id: str) -> PaymentInFull:
        """One, with its refunds."""
        actor.check(Role.ADMIN)
        payment = await self.begin().payments.get(payment_id)
        refunds: Page[Any] = await self.store.list(Listing("refund", "by_payment", payment.id))
        return PaymentInFull(payment, refunds.items)

    async def _page(self, listing: Listing) -> Page[Payment]:
        page: Page[Any] = await self.store.list(listing)
        return page
