"""What a receipt says, in English: names and values, and the lines of its table."""

from collections.abc import Iterator, Sequence

from adapters.messaging.local_time import local_time, time_span
from application.ports.receipts import Receipt
from domain.booking import BookingStatus
from domain.pricing import taxes_of

Row = tuple[str, ...]

HEADINGS: Row = ("Ticket", "Each", "How many", "Off", "Together")


def facts(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """Who, what, when and where."""
    booking, event = receipt.booking, receipt.event
    venue = event.venue
    assert booking.confirmed_at is not None, "there is a receipt of what was confirmed"
    yield "Number", booking.id
    yield "Date", local_time(booking.confirmed_at, event.schedule.zone)
    yield "Seller", receipt.seller or booking.organizer_id
    yield "Buyer", f"{booking.buyer_name} <{booking.buyer_email}>"
    yield "Event", event.title
    yield "When", time_span(event.schedule)
    yield "Where", ", ".join(part for part in (venue.name, venue.address, venue.city) if part)
    if booking.status is BookingStatus.CANCELLED:
        yield "Cancelled", booking.ended_reason or "yes"


def lines(receipt: Receipt) -> Sequence[Row]:
    """What was sold, at the prices of that moment."""
    return [
        (line.name, line.unit_price.decimal(), str(line.quantity), line.discount.decimal(), line.total.decimal())
        for line in receipt.booking.lines
    ]


def sums(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """What it comes to, and the tax that is in it."""
    booking = receipt.booking
    if booking.promo_code:
        yield f"Promotion code {booking.promo_code}", f"-{booking.discount}"
    yield "Total", str(booking.price)
    for rate, amount in taxes_of(booking.lines).items():
        yield f"{rate} included", str(amount)


def money_moved(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """How it was paid, and what went back since."""
    zone, payment = receipt.event.schedule.zone, receipt.payment
    if payment is None:
        yield "Paid", "nothing: it is free"
        return
    paid_on = f" on {local_time(payment.captured_at, zone)}" if payment.captured_at else ""
    reference = f", reference {payment.gateway_reference}" if payment.gateway_reference else ""
    yield "Paid", f"{payment.amount}{paid_on}, by {payment.gateway}{reference}"
    for refund in receipt.refunds:
        yield "Refunded", f"{refund.amount}, asked for on {local_time(refund.created_at, zone)}: {refund.reason}"
    if receipt.refunds:
        yield "Refunded so far", str(receipt.refunded)
    if receipt.charged_back:
        yield "Taken back", f"{receipt.charged_back}, by the bank of the buyer"
    if receipt.refunds or receipt.charged_back:
        yield "Net", str(receipt.net)
