from contextlib import suppress

from attrs import evolve, frozen

from application.ids import Ids
from application.ports.clock import Clock
from application.ports.payment_gateway import Charge, ChargeState
from application.use_cases.cancel_booking import RefundPlan, reserve_refund
from application.use_cases.expire_holds import ExpireHolds
from application.work import OVERTAKEN, Begin, Work, retrying
from domain.allotment import TakeRefused
from domain.booking import HOLDING, Booking, BookingStatus
from domain.event import Event, EventStatus
from domain.facts import PaymentPageAbandoned
from domain.ledger import Journal
from domain.payment import Payment, PaymentStatus


@frozen
class SettlePayment:
    """Bring a payment and its booking to where the gateway's truth puts them.

    It may be told the same thing any number of times, in any order. Money that was captured ends, in the same
    commit, in a confirmed booking or in a full refund that is set aside.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    expire_holds: ExpireHolds

    async def __call__(self, charge: Charge, *, announced: bool = False) -> Payment:
        """The payment as it then stands. WrongAmount if the gateway speaks of another sum: nothing moves.

        `announced` says that the gateway itself sent a notice about it.
        """
        try:
            return await retrying(lambda: self._once(charge, announced=announced, places_left=True), OVERTAKEN)
        except TakeRefused:
            # A lapsed hold of somebody else may still be counted.
            payment = await self.begin().payments.get(charge.payment_id)
            if await self.expire_holds.of_event(payment.event_id):
                with suppress(TakeRefused):
                    return await retrying(lambda: self._once(charge, announced=announced, places_left=True), OVERTAKEN)
            return await retrying(lambda: self._once(charge, announced=announced, places_left=False), OVERTAKEN)

    async def _once(self, charge: Charge, *, announced: bool, places_left: bool) -> Payment:
        now = self.clock.now()
        async with self.begin() as work:
            payment = await work.payments.get(charge.payment_id)
            moved = evolve(self._observe(payment, charge), announced=payment.announced or announced)
            if moved == payment:
                return payment
            booking = await work.bookings.get(payment.booking_id)
            journal = Journal(moved, booking, now)
            if moved.fee is not None and payment.fee is None:
                work.ledger.add(journal.fee(moved.fee))
            if moved.is_captured and not payment.is_captured:
                work.ledger.add(journal.captured())
                event = await work.events.get(booking.event_id)
                why_not = self._why_not(booking, moved, event, places_left=places_left)
                if why_not:
                    reserve_refund(work, self.ids, moved, RefundPlan(moved.refundable, why_not), now)
                else:
                    work.events.expect(event)
                    self._confirm(work, booking, moved)
                    work.payments.save(moved)
            else:
                if moved.status is PaymentStatus.FAILED and booking.payment_failed(moved.id) != booking:
                    work.bookings.save(booking.payment_failed(moved.id))
                work.payments.save(moved)
            await work.commit()
        return evolve(moved, version=moved.version + 1)

    def _observe(self, payment: Payment, charge: Charge) -> Payment:
        now = self.clock.now()
        match charge.state:
            case ChargeState.CAPTURED:
                captured = payment.captured(charge.amount, now, charge.gateway_reference)
                return captured if charge.fee is None else captured.cost(charge.fee)
            case ChargeState.FAILED:
                return payment.failed(now)
            case ChargeState.REQUIRES_ACTION | ChargeState.AUTHORISED:
                return payment.requires_action(now)
            case ChargeState.PENDING:
                return (
                    payment.submitted(charge.gateway_reference, payment.page_url, now)
                    if (payment.status is PaymentStatus.CREATED)
                    else payment
                )

    def _why_not(self, booking: Booking, payment: Payment, event: Event, *, places_left: bool) -> str:
        """Why this money cannot buy the places, in words for the buyer; empty if it can."""
        if booking.status is BookingStatus.CONFIRMED:
            return "the booking was paid already: this second payment goes back"
        if booking.status is BookingStatus.CANCELLED:
            return f"the booking was cancelled: {booking.ended_reason}"
        if event.status_at(self.clock.now()) in {EventStatus.CANCELLED, EventStatus.COMPLETED}:
            return "the event takes no more bookings"
        if booking.status is BookingStatus.EXPIRED and not places_left:
            return "the payment came after the hold had expired, and the places are gone"
        assert payment.amount == booking.price, "an attempt asks for the booking's price"
        return ""

    def _confirm(self, work: Work, booking: Booking, payment: Payment) -> None:
        if booking.status in HOLDING:
            work.change(*booking.moves(held=-1, sold=1))
        else:
            work.change(*booking.moves(sold=1))
        if booking.payment_id not in {None, payment.id}:
            # An earlier attempt was paid after all: the page of the later one must take no more money.
            work.tell(PaymentPageAbandoned(self.clock.now(), booking.payment_id))
        work.bookings.save(booking.confirm(self.clock.now(), payment.id))
