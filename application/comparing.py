"""One payment in our books and in a gateway's: where the two disagree. Nothing is asked, and nothing is changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from application.ports.payment_gateway import Charge, ChargeState, StatementLine
from domain.booking import Booking, BookingStatus
from domain.money import Money
from domain.payment import Payment
from domain.reconciliation import Difference, FindingKind
from domain.refund import Refund, RefundStatus

ISSUED_WITHIN: Final = timedelta(minutes=15)
"""Tickets are made after the confirmation, by the relay: so long is it given before they count as missing."""
_KNOWN_THERE: Final = frozenset({RefundStatus.PENDING, RefundStatus.SUCCEEDED})
_GOES_BACK: Final = frozenset(RefundStatus) - {RefundStatus.FAILED, RefundStatus.REJECTED}


@frozen
class Ours:
    """What we know of one payment, read together."""

    payment: Payment
    booking: Booking
    refunds: Sequence[Refund]

    @property
    def refunded(self) -> Money:
        """What the gateway told us that it gives or gave back, whoever asked for it."""
        known = (refund.amount for refund in self.refunds if refund.status in _KNOWN_THERE)
        return Money.total(known, self.payment.amount.currency)

    @property
    def is_ticketed(self) -> bool:
        """Whether it is this payment that paid for the booking as it stands."""
        return self.booking.status is BookingStatus.CONFIRMED and self.booking.payment_id == self.payment.id

    @property
    def bought(self) -> bool:
        """Whether it ever paid for the booking, which may have ended since by its own rules."""
        return self.booking.confirmed_at is not None and self.booking.payment_id == self.payment.id


def line_of(charge: Charge, at: datetime) -> StatementLine | None:
    """What a statement would say of a charge; None if it took no money."""
    if charge.state is not ChargeState.CAPTURED:
        return None
    return StatementLine(charge.payment_id, charge.gateway_reference, charge.amount, charge.refunded, at)


def is_plainly_right(line: StatementLine, payment: Payment, booking: Booking) -> bool:
    """Whether payment and booking alone show that all is well, so that nothing needs to be asked: nearly all end here.

    What is not plain is not wrong yet.
    """
    if line.amount != payment.amount or not payment.is_captured:
        return False
    if payment.refunding + payment.outside != line.refunded:
        return False
    has_tickets = Ours(payment, booking, ()).is_ticketed and bool(booking.ticket_ids)
    return has_tickets or not payment.remaining


def compare(line: StatementLine | None, ours: Ours, at: datetime) -> Iterator[Difference]:
    """Where the two disagree about one payment; `line` is None if the gateway took no money for it."""
    payment = ours.payment

    def differs(kind: FindingKind, detail: str) -> Difference:
        return Difference(kind, payment.gateway, payment.id, detail)

    if line is None:
        if payment.is_captured:
            yield differs(FindingKind.NOT_CAPTURED_THERE, f"we count {payment.amount}, and they took nothing for it")
        return
    if line.amount != payment.amount:
        yield differs(FindingKind.AMOUNT_DIFFERS, f"we asked for {payment.amount}, and they took {line.amount}")
        return
    if not payment.is_captured:
        yield differs(
            FindingKind.NOT_CAPTURED_HERE, f"they took {line.amount}; with us the payment is {payment.status}"
        )
        return
    if line.refunded != ours.refunded:
        said = f"with them {line.refunded} went back or is on its way, with us {ours.refunded}"
        yield differs(FindingKind.REFUND_DIFFERS, said)
    wrong = why_without_tickets(ours, at)
    if wrong:
        yield differs(FindingKind.PAYMENT_WITHOUT_TICKETS, wrong)


def why_without_tickets(ours: Ours, at: datetime) -> str:
    """Why captured money bought nothing and does not go back either; empty if it did or does.

    One commit captures, and confirms or sets a refund aside: only a refund that failed, or tickets that could not
    be made, should ever be told here.
    """
    payment, booking = ours.payment, ours.booking
    if ours.is_ticketed:
        late = booking.confirmed_at is not None and at - booking.confirmed_at > ISSUED_WITHIN
        return "the booking is confirmed, and its tickets were not made" if late and not booking.ticket_ids else ""
    if payment.disputed or payment.charged_back or not payment.remaining:
        return ""
    if any(refund.status in _GOES_BACK for refund in ours.refunds):
        return ""
    failed = [refund for refund in ours.refunds if refund.status is RefundStatus.FAILED]
    if failed:
        return f"{payment.remaining} is still with us: the refund {failed[-1].id} failed: {failed[-1].failure}"
    if ours.refunds or ours.bought:
        return ""  # Somebody rejected the refund, or ended the booking without one: both are decisions.
    return f"{payment.remaining} was taken, the booking is {booking.status}, and nothing goes back"


def why_unpaid(booking: Booking, payment: Payment | None) -> str:
    """Why a confirmed booking has no money behind it; empty if it has, or needs none."""
    if booking.status is not BookingStatus.CONFIRMED or not booking.price:
        return ""
    if payment is None:
        return f"the booking for {booking.price} is confirmed, and there is no payment"
    if payment.is_captured and payment.booking_id == booking.id:
        return ""
    return f"the booking for {booking.price} is confirmed, and its payment {payment.id} is {payment.status}"
