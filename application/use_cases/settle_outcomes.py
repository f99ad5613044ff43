"""What whoever manages a cancelled event decides about money that no refund brought."""

from attrs import evolve, frozen

from application.access import Actor, EventDeed
from application.errors import NotFound
from application.event_access import event_for
from application.ids import Ids
from application.listing import every
from application.once import AnsweredAlready, Once
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.use_cases.follow_refunds import RestPlan, money_of_booking, refund_rest
from application.work import Begin, Work, retrying
from domain.booking_outcome import BookingOutcome, OutcomeState
from domain.refund import RefundStatus
from domain.refund_policy import FourEyes


@frozen
class RefundAgain:
    """Begin a new refund of what remains, where the last one failed. Where nothing is owed, nothing happens."""

    begin: Begin
    clock: Clock
    ids: Ids
    store: Store
    four_eyes: FourEyes

    async def one(self, actor: Actor, event_id: str, booking_id: str, once: Once | None = None) -> int:
        """How many refunds began: one or none."""
        return await retrying(lambda: self._one(actor, event_id, booking_id, once))

    async def all_failed(self, actor: Actor, event_id: str, once: Once | None = None) -> int:
        """For every booking of the event whose refund failed; how many refunds began."""
        work = self.begin()
        await event_for(work, actor, event_id, EventDeed.OWN)
        if once is not None and await work.answers.find(once.id) is not None:
            raise AnsweredAlready(once.id)
        failed = Listing("booking_outcome", "by_event", event_id, equal={"state": OutcomeState.FAILED})
        found = [outcome.id async for outcome in every(self.store, failed)]
        begun = 0
        for booking_id in found:
            begun += await self.one(actor, event_id, booking_id)
        async with self.begin() as work:
            work.answer(once, begun)
            await work.commit()
        return begun

    async def _one(self, actor: Actor, event_id: str, booking_id: str, once: Once | None) -> int:
        now = self.clock.now()
        async with self.begin() as work:
            outcome = await outcome_of(work, actor, event_id, booking_id)
            money = await money_of_booking(self.store, work, booking_id)
            before = len(money.refunds)
            if outcome.state is OutcomeState.FAILED:
                # A second person once said no: a repetition is no way around them.
                refused = any(refund.status is RefundStatus.REJECTED for refund in money.refunds)
                plan = RestPlan("the refund before it failed", actor.name, self.four_eyes if refused else FourEyes())
                money = refund_rest(work, self.ids, money, plan, now)
            begun = len(money.refunds) - before
            moved = outcome.stands(money.standing(outcome.amount.currency), now)
            if moved != outcome:
                work.booking_outcomes.save(moved)
            if begun:
                work.audit(actor, "booking.refund_again", booking_id)
            work.answer(once, begun)
            await work.commit()
        return begun


@frozen
class PayByHand:
    """Take down that the money went back another way, by whom and how: no refund is then tried again."""

    begin: Begin

    async def __call__(self, actor: Actor, event_id: str, booking_id: str, note: str) -> BookingOutcome:
        """NothingOwed unless a refund failed."""
        return await retrying(lambda: self._once(actor, event_id, booking_id, note))

    async def _once(self, actor: Actor, event_id: str, booking_id: str, note: str) -> BookingOutcome:
        async with self.begin() as work:
            outcome = await outcome_of(work, actor, event_id, booking_id)
            paid = outcome.paid_by_hand(actor.name, note)
            if paid == outcome:
                return outcome
            work.booking_outcomes.save(paid)
            work.audit(actor, "booking.paid_by_hand", booking_id, reason=note)
            await work.commit()
        return evolve(paid, version=paid.version + 1)


async def outcome_of(work: Work, actor: Actor, event_id: str, booking_id: str) -> BookingOutcome:
    """The line about one booking, for the event's organizer; NotFound for strangers to it."""
    await event_for(work, actor, event_id, EventDeed.OWN)
    outcome = await work.booking_outcomes.find(booking_id)
    if outcome is None or outcome.event_id != event_id:
        raise NotFound("no such booking of the event has ended with it")
    return outcome
