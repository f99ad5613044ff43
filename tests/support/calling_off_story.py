"""An event with paid, held and awaiting bookings is called off by a process that may die anywhere on the way."""

from typing import ClassVar, Final

from attrs import evolve

from application.ports.payment_gateway import ChargeState, RefundOrder, RefundReceipt
from application.use_cases.cancel_bookings import LEASE
from domain.ids import PaymentId, RefundId
from tests.support.story import FileBank, Story

QUANTITIES: Final = (2, 1)
"""Of the bookings that are paid before."""


class CallingOff(Story):
    """`sell_all` beforehand; `tell` calls the event off, as often as the process was killed on the way."""

    async def sell_all(self) -> None:
        """Two bookings are paid, one is in a basket, and one buyer is on the gateway's page."""
        buyer, event = self.cast.buyer, self.cast.event
        for quantity in QUANTITIES:
            await self.world.buy(buyer, event, quantity)
        await self.world.hold(buyer, event)
        await self.world.start_payment(buyer, await self.world.hold(buyer, event))
        self.bank.keep()

    async def tell(self) -> None:
        event, deeds = self.cast.event, self.world.deeds
        await deeds.move_event.cancel(self.cast.organizer, event.id, event.title, "the hall is flooded")
        await deeds.cancel_bookings()
        await self.late_money()
        await self.world.settle()
        # A process that died had the event in hand for a while.
        self.world.clock.advance(LEASE)
        await self.world.settle()

    async def late_money(self) -> None:
        """The buyer on the gateway's page pays all the same."""
        mine = await self.world.deeds.bookings.mine(self.cast.buyer, None, 100)
        for payment_id in [booking.payment_id for booking in mine.items if booking.payment_id]:
            await self._paid(payment_id)

    async def _paid(self, payment_id: PaymentId) -> None:
        self.bank.becomes(payment_id, ChargeState.CAPTURED)
        self.bank.keep()
        headers, body = self.bank.notice(payment_id)
        await self.world.deeds.receive_notice("pocket", headers, body)


class KeylessBank(FileBank):
    """A gateway that takes every call for a new wish, as one would be that is called without keys."""

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        fresh = RefundId(f"{order.refund_id}-{len(self.refunds)}")
        charge = self.charges[order.payment_id]
        # It has money enough to give back what it never took.
        self.charges[order.payment_id] = evolve(charge, amount=charge.amount * 2)
        receipt = await super().refund(evolve(order, refund_id=fresh))
        self.charges[order.payment_id] = evolve(self.charges[order.payment_id], amount=charge.amount)
        self.keep()
        return evolve(receipt, refund_id=order.refund_id)


class KeylessCallingOff(CallingOff):
    """The same at a gateway without keys."""

    bank_type: ClassVar[type[FileBank]] = KeylessBank
