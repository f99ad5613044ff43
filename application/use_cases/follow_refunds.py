from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen

from application.ids import Ids
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.use_cases.cancel_booking import RefundPlan, reserve_refund
from application.work import Begin, Work, retrying
from domain.booking_outcome import MoneyOfBooking
from domain.refund_policy import FourEyes


@frozen
class FollowRefunds:
    """Bring the line about a booking, whose event was called off, to where its money is.

    It looks at the payments and refunds themselves, so that neither the order nor the number of the news matters. What
    a dispute held back at first is set aside for going back as soon as the dispute is over.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    store: Store

    async def __call__(self, booking_id: str) -> None:
        """Nothing happens if the booking's event was not called off."""
        await retrying(lambda: self._once(booking_id))

    async def _once(self, booking_id: str) -> None:
        now = self.clock.now()
        async with self.begin() as work:
            outcome = await work.booking_outcomes.find(booking_id)
            if outcome is None or outcome.is_alive:
                return
            money = await money_of_booking(self.store, work, booking_id)
            if outcome.awaits_refund and money.owing:
                booking = await work.bookings.get(booking_id)
                money = refund_rest(work, self.ids, money, RestPlan(booking.ended_reason), now)
            moved = outcome.stands(money.standing(outcome.amount.currency), now)
            if moved != outcome:
                work.booking_outcomes.save(moved)
                await work.commit()


async def money_of_booking(store: Store, work: Work, booking_id: str) -> MoneyOfBooking:
    """The payments that took money for a booking, and all refunds of it, as this unit of work reads them."""
    payments: Page[Any] = await store.list(Listing("payment", "by_booking", booking_id))
    refunds: Page[Any] = await store.list(Listing("refund", "by_booking", booking_id))
    read = await work.payments.get_all(payment.id for payment in payments.items)
    return MoneyOfBooking(
        [payment for payment in read if payment.is_captured],
        await work.refunds.get_all(refund.id for refund in refunds.items),
    )


@frozen
class RestPlan:
    """Why the rest goes back, by whose wish, and from which amount on somebody else must agree first."""

    reason: str
    by: str = ""
    four_eyes: FourEyes = field(factory=FourEyes)


def refund_rest(work: Work, ids: Ids, money: MoneyOfBooking, plan: RestPlan, at: datetime) -> MoneyOfBooking:
    """Set aside all that is owed and not held back by a dispute, in this unit of work; the money as it then stands."""
    refunds, payments = list(money.refunds), []
    for payment in money.payments:
        amount = payment.refundable
        if amount:
            waits = plan.four_eyes.are_needed(amount)
            refunds.append(reserve_refund(work, ids, payment, RefundPlan(amount, plan.reason, plan.by, waits), at))
        payments.append(payment.reserve_refund(amount) if amount else payment)
    return evolve(money, payments=payments, refunds=refunds)
