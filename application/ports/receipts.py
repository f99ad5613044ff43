from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from attrs import frozen

from domain.booking import Booking
from domain.event import Event
from domain.money import Money
from domain.payment import Payment
from domain.refund import Refund


@frozen
class Receipt:
    """What was sold to whom, what was paid for it, and what went back. Its number is the booking's id for good."""

    seller: str
    """The organizer's name; empty if there is no such account any more."""
    event: Event
    booking: Booking
    payment: Payment | None
    """The one that confirmed the booking; None if it cost nothing."""
    refunds: Sequence[Refund] = ()
    """Those of that payment that have succeeded, oldest first."""

    @property
    def refunded(self) -> Money:
        return Money.total((refund.amount for refund in self.refunds), self.booking.price.currency)

    @property
    def charged_back(self) -> Money:
        """What the buyer's bank took back for them."""
        return self.payment.charged_back if self.payment else Money.zero(self.booking.price.currency)

    @property
    def net(self) -> Money:
        """What the seller keeps; never negative, though a bank may take what a refund gives back as well."""
        left = self.booking.price - self.refunded - self.charged_back
        return left if left.amount_minor > 0 else Money.zero(left.currency)

    @property
    def fingerprint(self) -> str:
        """Changes with anything that the receipt says."""
        return sha256(repr(self).encode()).hexdigest()[:24]


class ReceiptDrawer(Protocol):
    """Draws receipts as PDF. The same receipt always gives the same bytes.

    It never fails for what a person is called: a letter that cannot be drawn is shown as a sign that one is missing.
    """

    async def pdf(self, receipt: Receipt) -> bytes:
        """One file. Drawing takes a fifth of a second of pure CPU, so it is done off the event loop, one at a time."""
