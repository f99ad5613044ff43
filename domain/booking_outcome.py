"""What became of one booking of an event that was called off, and of the money that its buyer had paid."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.booking import Booking
from domain.checks import text
from domain.errors import NotAllowedNow
from domain.ids import BookingId, EventId
from domain.money import Money
from domain.payment import Payment
from domain.refund import REFUND_SETTLED, Refund, RefundStatus
from domain.time import is_aware

TROUBLE_CHARS_MAX = 500
NOTE_CHARS_MAX = 500
TRY_AGAIN: Final = tuple(timedelta(seconds=s) for s in (5, 60, 300, 900, 3600))
"""How long to wait after each failed try to end a booking; the last pause repeats."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""How often money under way is looked at though nobody told us of news."""


class NothingOwed(NotAllowedNow):
    """The buyer has the money back, or it is on its way: there is nothing to settle."""

    code = "nothing_owed"


class OutcomeState(StrEnum):
    NOT_CANCELLED = "not_cancelled"
    """It could not be ended yet: that is tried again."""
    CANCELLED = "cancelled"
    """It ended, and nobody has looked yet where its money stands."""
    NOTHING_PAID = "nothing_paid"
    AWAITING_APPROVAL = "awaiting_approval"
    RESERVED = "reserved"
    PENDING = "pending"
    DISPUTED = "disputed"
    """The buyer's bank asks for the money: nothing goes back before it has decided."""
    FAILED = "failed"
    """Money is owed that no refund brings: somebody must decide."""
    SUCCEEDED = "succeeded"
    CHARGED_BACK = "charged_back"
    """The buyer's bank took the money back for them."""
    PAID_BY_HAND = "paid_by_hand"


_UNDER_WAY: Final = frozenset(
    {
        OutcomeState.CANCELLED,
        OutcomeState.AWAITING_APPROVAL,
        OutcomeState.RESERVED,
        OutcomeState.PENDING,
        OutcomeState.DISPUTED,
    }
)


@frozen
class MoneyOfBooking:
    """Every payment of a booking that took money, and every refund of them."""

    payments: Sequence[Payment]
    refunds: Sequence[Refund]

    @property
    def owing(self) -> Sequence[Payment]:
        """Those of which something is neither back nor on its way."""
        return [payment for payment in self.payments if payment.remaining]

    def standing(self, currency: str) -> "Standing":
        """Where it stands as a whole: what needs somebody comes before what goes on by itself."""
        moving = [refund for refund in self.refunds if refund.status not in REFUND_SETTLED]
        owed = Money.total((payment.remaining for payment in self.owing), currency)
        under_way = Money.total((refund.amount for refund in moving), currency)
        came_back = [refund for refund in self.refunds if refund.status is RefundStatus.SUCCEEDED]
        if any(payment.disputed for payment in self.payments) and (owed or under_way):
            return Standing(OutcomeState.DISPUTED, owed + under_way)
        if owed:
            return Standing(OutcomeState.FAILED, owed, self._why())
        for state, statuses in _MOVING:
            if any(refund.status in statuses for refund in moving):
                return Standing(state, under_way)
        if not self.payments:
            return Standing(OutcomeState.NOTHING_PAID, Money.zero(currency))
        charged_back = Money.total((payment.charged_back for payment in self.payments), currency)
        if charged_back and not came_back:
            return Standing(OutcomeState.CHARGED_BACK, charged_back)
        return Standing(OutcomeState.SUCCEEDED, Money.total((refund.amount for refund in came_back), currency))

    def _why(self) -> str:
        failed = [refund for refund in self.refunds if refund.failure]
        return max(failed, key=lambda refund: refund.created_at).failure if failed else ""


_MOVING: Final = (
    (OutcomeState.AWAITING_APPROVAL, {RefundStatus.AWAITING_APPROVAL}),
    (OutcomeState.RESERVED, {RefundStatus.RESERVED, RefundStatus.SUBMITTED}),
    (OutcomeState.PENDING, {RefundStatus.PENDING}),
)


@frozen
class Standing:
    """Where the money of a booking is, and how much of it that is about."""

    state: OutcomeState
    amount: Money
    trouble: str = ""


@frozen
class BookingOutcome:
    """One line of the report on an event that was called off. Its id is the booking's."""

    id: BookingId
    event_id: EventId
    created_at: datetime = field(validator=is_aware)
    amount: Money
    """What goes back, went back or is owed, as the state says; zero if nothing was paid."""
    state: OutcomeState = OutcomeState.CANCELLED
    look_at: datetime | None = None
    """When to try again or to look again; None if only news can change it."""
    tries: int = 0
    trouble: str = ""
    """Why the booking could not be ended, or why a refund failed: for whoever manages the event."""
    settled_by: str = ""
    """Who paid by hand, in the words of the audit."""
    note: str = field(default="", validator=text(NOTE_CHARS_MAX))
    version: int = 0

    @classmethod
    def of(cls, booking: Booking, at: datetime) -> Self:
        """The first line about a booking."""
        return cls(booking.id, booking.event_id, at, Money.zero(booking.price.currency))

    @property
    def is_alive(self) -> bool:
        """Whether the booking has yet to end."""
        return self.state is OutcomeState.NOT_CANCELLED

    @property
    def awaits_refund(self) -> bool:
        """Whether no refund of this cancellation was started yet: the first is started without asking anybody."""
        return self.state in {OutcomeState.CANCELLED, OutcomeState.DISPUTED}

    def is_resting(self, at: datetime) -> bool:
        """Whether ending the booking failed, and is not to be tried again before later."""
        return self.is_alive and self.look_at is not None and at < self.look_at

    def not_cancelled(self, trouble: str, at: datetime) -> Self:
        """Ending the booking failed: again later."""
        pause = TRY_AGAIN[min(self.tries, len(TRY_AGAIN) - 1)]
        return evolve(
            self,
            state=OutcomeState.NOT_CANCELLED,
            trouble=trouble[:TROUBLE_CHARS_MAX],
            tries=self.tries + 1,
            look_at=at + pause,
        )

    def ended(self, booking: Booking, refund: Refund | None, at: datetime) -> Self:
        """The booking was ended, and `refund` was set aside in the same commit."""
        if not (self.is_alive or not self.version):
            return self
        if refund is not None:
            standing = Standing(OutcomeState.RESERVED, refund.amount)
        elif booking.payment_id is None:
            standing = Standing(OutcomeState.NOTHING_PAID, self.amount)
        else:
            return evolve(self, state=OutcomeState.CANCELLED, trouble="", look_at=at)
        return self.stands(standing, at)

    def stands(self, standing: Standing, at: datetime) -> Self:
        """Its money was looked at. What was paid by hand stays so, whatever the gateway says."""
        if self.state is OutcomeState.PAID_BY_HAND:
            return self
        return evolve(
            self,
            state=standing.state,
            amount=standing.amount,
            trouble=standing.trouble[:TROUBLE_CHARS_MAX],
            look_at=at + LOOK_AGAIN if standing.state in _UNDER_WAY else None,
        )

    def put_off(self, at: datetime) -> Self:
        """Its money could not be looked at: again later."""
        return evolve(self, look_at=at + LOOK_AGAIN)

    def paid_by_hand(self, by: str, note: str) -> Self:
        """Somebody says that they gave the money back another way; said twice, the first counts."""
        if self.state is OutcomeState.PAID_BY_HAND:
            return self
        if self.state is not OutcomeState.FAILED:
            raise NothingOwed(f"the booking's outcome is {self.state}: nothing is owed that no refund brings")
        return evolve(self, state=OutcomeState.PAID_BY_HAND, settled_by=by, note=note, look_at=None)

    def forget_words(self) -> Self:
        """Without what somebody wrote about how the buyer got the money."""
        return evolve(self, note="")
