from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from application.access import Actor, Via
from application.errors import NotFound
from application.event_access import booking_for
from application.gateways import Gateways
from application.ids import Ids
from application.once import Once
from application.ports.clock import Clock
from application.use_cases.cancel_booking import RefundPlan, end_booking, reserve_refund
from application.work import Begin, Work, retrying
from domain.account import NotAllowed, Role
from domain.booking import Booking, BookingOver, BookingStatus
from domain.booking_outcome import OutcomeState
from domain.errors import InvalidValue, NotAllowedNow
from domain.event import Event, EventStatus
from domain.money import Money
from domain.payment import NothingToRefund, Payment, RefundTooLarge
from domain.refund import Refund
from domain.refund_policy import BeyondRefundPolicy, FourEyes, RefundPolicy, RefundWindowClosed
from domain.second_factors import FactorPolicy
from domain.ticket import Ticket, TicketStatus, TicketUsed


class PartialRefundUnsupported(NotAllowedNow):
    """The payment provider can only give back the whole of a payment."""

    code = "partial_refund_unsupported"


class TicketsNotMade(NotAllowedNow):
    """The booking's tickets are still being made: until then nobody can give them up."""

    code = "tickets_not_made"


@frozen
class RefundCommand:
    """Either an amount, and the tickets stay valid; or tickets, which are withdrawn; or neither: all that is left."""

    booking_id: str
    reason: str
    amount: str | None = None
    """In major units: "100.00"."""
    ticket_ids: tuple[str, ...] = ()


@frozen
class RefundQuote:
    """What a refund would be."""

    amount: Money
    kept: Money
    """What the policy keeps of the price of these tickets."""
    tickets: Sequence[Ticket]
    """The tickets that would be withdrawn."""
    until: datetime | None
    """The end of the refund window, if the event has a policy."""
    ends_booking: bool
    needs_approval: bool


@frozen
class _Case:
    """A booking that somebody wants money back for, as it stands."""

    booking: Booking
    payment: Payment
    event: Event
    tickets: Sequence[Ticket]
    """Those not withdrawn."""

    def policy_over(self, actor: Actor) -> RefundPolicy | None:
        """What limits this person where places are given up.

        Giving one up at an event that was called off is not the buyer's wish: nothing is kept.
        """
        is_free = actor.has(Role.ADMIN) or self.event.status is EventStatus.CANCELLED
        return None if is_free else self.booking.refund_policy


@frozen
class RefundBooking:
    """Give money back: all of it, the price of some tickets, or a mere amount.

    Administrators always may. An organizer may within the event's policy or, where there is none, as they see fit;
    a co-organizer within the policy, and a buyer only within one that lets buyers. Above a limit a second person must
    agree before it is sent.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    gateways: Gateways
    four_eyes: FourEyes
    factor_policy: FactorPolicy

    async def quote(self, actor: Actor, command: RefundCommand) -> RefundQuote:
        """What the refund would be; the same errors as the refund itself."""
        case, actor = await self._case(self.begin(), actor, command.booking_id)
        return self._quote(actor, case, command)

    async def __call__(self, actor: Actor, command: RefundCommand, once: Once | None = None) -> Refund:
        return await retrying(lambda: self._once(actor, command, once))

    async def _once(self, actor: Actor, command: RefundCommand, once: Once | None) -> Refund:
        now = self.clock.now()
        async with self.begin() as work:
            case, actor = await self._case(work, actor, command.booking_id)
            if actor.account is not None and actor.manages(case.booking):
                self.factor_policy.check_before_money(actor.account, manages=True)
            quoted = self._quote(actor, case, command)
            plan = RefundPlan(
                quoted.amount,
                command.reason,
                actor.name,
                waits=quoted.needs_approval,
                ticket_ids=tuple(ticket.id for ticket in quoted.tickets),
            )
            refund = reserve_refund(work, self.ids, case.payment, plan, now)
            if not quoted.needs_approval:
                await withdraw_refunded(work, case.booking, case.event, refund, now)
            work.audit(actor, "booking.refund", case.booking.id, str(quoted.amount), reason=command.reason)
            stored = evolve(refund, version=refund.version + 1)
            work.answer(once, stored)
            await work.commit()
        return stored

    async def _case(self, work: Work, actor: Actor, booking_id: str) -> tuple[_Case, Actor]:
        """How it stands, and the actor with their rights at its event."""
        booking, actor = await booking_for(work, actor, booking_id)
        if booking.status not in {BookingStatus.CONFIRMED, BookingStatus.CANCELLED}:
            raise BookingOver(f"the booking is {booking.status}: nothing was paid for it")
        if booking.status is BookingStatus.CANCELLED:
            await self._check_ended(work, actor, booking)
        payment = await work.payments.find(booking.payment_id) if booking.payment_id else None
        if payment is None:
            raise NothingToRefund("nothing was paid for this booking: cancel it instead")
        tickets = [
            ticket
            for ticket in await work.tickets.get_all(booking.ticket_ids)
            if ticket.status is not TicketStatus.VOID
        ]
        return _Case(booking, payment, await work.events.get(booking.event_id), tickets), actor

    async def _check_ended(self, work: Work, actor: Actor, booking: Booking) -> None:
        if not actor.manages(booking):
            raise BookingOver("the booking has ended: if its money did not come back, ask the organizer")
        outcome = await work.booking_outcomes.find(booking.id)
        if outcome is not None and outcome.state is OutcomeState.PAID_BY_HAND:
            raise NothingToRefund(f"{outcome.settled_by} gave it back another way: {outcome.note}")

    def _quote(self, actor: Actor, case: _Case, command: RefundCommand) -> RefundQuote:
        if command.amount is not None and command.ticket_ids:
            raise InvalidValue("say an amount or tickets, not both: tickets are refunded at the price they had")
        case.payment.check_undisputed()
        tickets = [] if command.amount is not None else _wanted(actor, case, command.ticket_ids)
        asked = self._asked(actor, case, command, tickets)
        amount = self._granted(actor, case, asked, by_amount=command.amount is not None)
        if not amount:
            raise NothingToRefund("nothing is left to go back, or the event's policy gives nothing back")
        if not amount <= case.payment.refundable:
            raise RefundTooLarge(
                f"{amount} cannot be refunded: {case.payment.refundable} remains of {case.payment.amount}"
            )
        gateway = self.gateways.named(case.payment.gateway)
        if amount != case.payment.amount and gateway.partial_refunds is None:
            raise PartialRefundUnsupported(f"{gateway.name} gives back whole payments only: {case.payment.amount}")
        return RefundQuote(
            amount=amount,
            kept=asked - amount,
            tickets=tickets,
            until=case.booking.refund_window(case.event),
            ends_booking=bool(tickets) and len(tickets) == len(case.tickets),
            needs_approval=self.four_eyes.are_needed(case.payment.refunding + amount) and actor.via is not Via.SYSTEM,
        )

    def _asked(self, actor: Actor, case: _Case, command: RefundCommand, tickets: Sequence[Ticket]) -> Money:
        """The sum before the policy has its say."""
        if command.amount is not None:
            amount = Money.parse(command.amount, case.payment.amount.currency)
            if amount.amount_minor <= 0:
                raise InvalidValue("an amount to refund is more than zero")
            return amount
        shares, left = case.booking.shares(), case.payment.refundable
        price = Money.total((shares[ticket.number - 1] for ticket in tickets), left.currency)
        if command.ticket_ids:
            return price
        # What a policy kept of tickets that went before is left too, and not asked for once more.
        return price if tickets and case.policy_over(actor) is not None and price <= left else left

    def _granted(self, actor: Actor, case: _Case, asked: Money, *, by_amount: bool) -> Money:
        """What this person may give back of it."""
        organizes = actor.manages(case.booking)
        policy = case.booking.refund_policy
        if policy is None and not actor.owns(case.booking):
            raise NotAllowed("this event gives no money back by itself: ask its organizer")
        if policy is None or actor.has(Role.ADMIN):
            return asked
        if not organizes and (not policy.by_buyer or by_amount):
            raise NotAllowed("refunds of this event are made by its organizer: ask there")
        until = case.booking.refund_window(case.event)
        if until is not None and self.clock.now() >= until:
            raise RefundWindowClosed(f"money went back until {until.isoformat()}: an administrator still may")
        most = policy.rest(case.payment.amount, case.payment.refunding + case.payment.outside)
        if by_amount:
            if asked <= most:
                return asked
            raise BeyondRefundPolicy(f"the event's policy gives back {most} at most: an administrator may give more")
        if case.policy_over(actor) is None:
            return asked
        share = policy.share(asked)
        return min(share, most)


def _wanted(actor: Actor, case: _Case, ticket_ids: Sequence[str]) -> list[Ticket]:
    """The tickets that are to be withdrawn: those named, or all that are left."""
    if case.booking.status is BookingStatus.CONFIRMED and not case.booking.ticket_ids:
        # Made after the money is back, they would open the door.
        raise TicketsNotMade("the tickets are still being made: try again in a moment, or cancel the booking")
    known: dict[str, Ticket] = {ticket.id: ticket for ticket in case.tickets}
    names = list(dict.fromkeys(ticket_ids)) or list(known)
    for name in names:
        if name not in known:
            raise NotFound(f"the booking has no ticket {name}, or it was withdrawn already")
    wanted = [known[name] for name in names]
    used = [ticket for ticket in wanted if ticket.status is TicketStatus.USED]
    if used and (ticket_ids or not actor.has(Role.ADMIN)):
        raise TicketUsed(f"ticket {used[0].id} was used: undo the entry first, or refund an amount")
    return wanted


async def withdraw_refunded(work: Work, booking: Booking, event: Event, refund: Refund, at: datetime) -> None:
    """End the tickets that go with a refund: their codes die and their places return. The last one ends the booking."""
    if booking.status is not BookingStatus.CONFIRMED or not refund.ticket_ids:
        return
    tickets = await work.tickets.get_all(booking.ticket_ids)
    left = [ticket for ticket in tickets if ticket.status is not TicketStatus.VOID]
    going = [ticket for ticket in left if ticket.id in refund.ticket_ids]
    if len(going) == len(left):
        await end_booking(work, booking, refund.reason, at)
        return
    smaller, changes = booking.give_up([ticket.number for ticket in going], event)
    for ticket in going:
        work.tickets.save(ticket.withdraw())
    work.change(*changes)
    work.bookings.save(smaller)
