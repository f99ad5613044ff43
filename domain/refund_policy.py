"""What a buyer gets back for giving up places, as promised when they were sold."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import field, frozen

from domain.checks import whole
from domain.errors import NotAllowedNow
from domain.money import AMOUNT_MAX, Money

HOURS_MAX = 366 * 24


class RefundWindowClosed(NotAllowedNow):
    """The time in which the event's policy gives money back is over."""

    code = "refund_window_closed"


class BeyondRefundPolicy(NotAllowedNow):
    """More than the event's policy gives back: an administrator may."""

    code = "beyond_refund_policy"


@frozen
class RefundPolicy:
    """A share of the price until some hours before the start, less a fee for each booking."""

    until_hours: int = field(validator=whole(0, HOURS_MAX))
    """The window ends so many hours before the event starts."""
    percent: int = field(default=100, validator=whole(0, 100))
    fee_minor: int = field(default=0, validator=whole(0, AMOUNT_MAX))
    """What is kept of each refund, in the event's currency."""
    by_buyer: bool = True
    """Whether buyers may give places up by themselves."""

    def ends_at(self, starts_at: datetime) -> datetime:
        """The end of the window for an event that starts then."""
        return starts_at - timedelta(hours=self.until_hours)

    def rest(self, paid: Money, gone_back: Money) -> Money:
        """What may still go back of so much, after all that did: what is kept stays kept, however often one asks."""
        left = self.share(paid) - gone_back
        return left if left.amount_minor > 0 else Money.zero(paid.currency)

    def share(self, paid: Money) -> Money:
        """What goes back of so much: the percentage rounded half up to the minor unit, less the fee, never negative."""
        part = (paid.amount_minor * self.percent + 50) // 100
        return Money(max(part - self.fee_minor, 0), paid.currency)


@frozen
class FourEyes:
    """From which amount on a refund needs a second person, by currency. Currencies without a limit need none.

    What counts is all that goes back of one payment: many small refunds are no way around it.
    """

    limits: Mapping[str, Money] = field(factory=dict)

    def are_needed(self, amount: Money) -> bool:
        """Whether so much is above the limit."""
        limit = self.limits.get(amount.currency)
        return limit is not None and limit < amount
