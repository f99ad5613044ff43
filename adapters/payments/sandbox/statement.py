"""A payment with all that became of its money, and the list of those that took money."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

from adapters.payments.sandbox.fees import payment_fee
from adapters.payments.sandbox.records import (
    Dispute,
    DisputeStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)


@frozen
class Statement:
    """A payment, its refunds and its disputes."""

    payment: Payment
    refunds: Sequence[Refund] = ()
    disputes: Sequence[Dispute] = ()

    def given_back(self, status: RefundStatus) -> int:
        """The sum of its refunds of that status, in minor units."""
        return sum(refund.request.amount_minor for refund in self.refunds if refund.status is status)

    @property
    def refunded_minor(self) -> int:
        """What refunds took, or are about to take."""
        return self.given_back(RefundStatus.SUCCEEDED) + self.given_back(RefundStatus.PENDING)

    @property
    def contested_minor(self) -> int:
        """What disputes took: for now while they are open, for good once they are lost."""
        return sum(each.amount_minor for each in self.disputes if each.status is not DisputeStatus.WON)

    @property
    def left_minor(self) -> int:
        """What can still go back, one way or the other."""
        if self.payment.status is not PaymentStatus.CAPTURED:
            return 0
        return self.payment.request.amount_minor - self.refunded_minor - self.contested_minor

    @property
    def open_dispute(self) -> Dispute | None:
        return next((each for each in self.disputes if each.status is DisputeStatus.OPEN), None)

    @property
    def fee_minor(self) -> int | None:
        """What the sandbox keeps of it, stated as soon as there is money to keep it of."""
        if self.payment.status is not PaymentStatus.CAPTURED:
            return None
        return payment_fee(self.payment.request.amount_minor, self.payment.request.currency)


@frozen
class Place:
    """Where a list of captured payments goes on: behind that one."""

    captured_at_us: int
    number: int


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Since 1970, exactly, so that instants compare as they were written."""
    return (instant - _EPOCH) // timedelta(microseconds=1)
