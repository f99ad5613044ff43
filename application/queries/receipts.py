"""What was paid, for those who may see the booking."""

from attrs import frozen

from application.access import Actor
from application.ports.receipts import Receipt
from application.queries.bookings import Bookings
from application.work import Begin
from domain.errors import NotAllowedNow
from domain.refund import RefundStatus


class NoReceipt(NotAllowedNow):
    """Nothing was sold: the booking is not confirmed, and never was."""

    code = "no_receipt"


@frozen
class Receipts:
    begin: Begin
    bookings: Bookings

    async def show(self, actor: Actor, booking_id: str) -> Receipt:
        """Of a booking that is or was confirmed; NoReceipt of any other."""
        full = await self.bookings.show(actor, booking_id)
        booking = full.booking
        if booking.confirmed_at is None:
            raise NoReceipt("there is a receipt once the booking is confirmed")
        work = self.begin()
        organizer = await work.accounts.find(booking.organizer_id)
        payment = await work.payments.find(booking.payment_id) if booking.price and booking.payment_id else None
        return Receipt(
            seller=organizer.name if organizer else "",
            event=full.event,
            booking=booking,
            payment=payment,
            refunds=tuple(
                refund
                for refund in full.refunds
                if payment and refund.payment_id == payment.id and refund.status is RefundStatus.SUCCEEDED
            ),
        )
