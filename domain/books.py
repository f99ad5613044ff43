"""What the ledger must say of a payment, worked out from the payment, its refunds and its disputes alone."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from attrs import Factory, define, frozen

from domain.dispute import Dispute, DisputeStatus
from domain.ledger import LedgerAccount, LedgerTransaction
from domain.money import Money, decimal_text
from domain.payment import Payment
from domain.refund import Refund, RefundStatus


class Leg(NamedTuple):
    """What moved money, and what it is counted as."""

    subject: str
    account: LedgerAccount
    currency: str


@define
class Legs:
    """How much each thing moved on each account, in minor units."""

    sums: Counter[Leg] = Factory(Counter)

    @classmethod
    def of_records(cls, payment: Payment, refunds: Iterable[Refund], disputes: Iterable[Dispute]) -> "Legs":
        """As it must be."""
        legs = cls()
        if payment.is_captured:
            legs._moved(payment.id, LedgerAccount.SALES, payment.amount)
        if payment.fee is not None:
            legs._moved(payment.id, LedgerAccount.FEES, payment.fee * -1)
        for refund in refunds:
            # One that failed may have succeeded before and bounced: either way it comes to nothing.
            if refund.status is RefundStatus.SUCCEEDED:
                legs._moved(refund.id, LedgerAccount.REFUNDS, refund.amount * -1)
        for dispute in disputes:
            if dispute.withdrawn and dispute.status is not DisputeStatus.WON:
                legs._moved(dispute.id, LedgerAccount.DISPUTES, dispute.amount * -1)
            if dispute.fee is not None:
                legs._moved(dispute.id, LedgerAccount.FEES, dispute.fee * -1)
        return legs

    @classmethod
    def of_ledger(cls, rows: Iterable[LedgerTransaction]) -> "Legs":
        """As it is."""
        legs = cls()
        for row in rows:
            for entry in row.entries:
                legs.sums[Leg(row.subject, entry.account, entry.amount.currency)] += entry.amount.amount_minor
        return legs

    def _moved(self, subject: str, other: LedgerAccount, to_gateway: Money) -> None:
        self.sums[Leg(subject, LedgerAccount.GATEWAY, to_gateway.currency)] += to_gateway.amount_minor
        self.sums[Leg(subject, other, to_gateway.currency)] -= to_gateway.amount_minor


@frozen
class Difference:
    """Something that the ledger and the records tell differently."""

    payment_id: str
    subject: str
    """The payment, refund or dispute that it is about."""
    said: str


def differences(payment: Payment, records: Legs, ledger: Legs) -> list[Difference]:
    """One for each leg that is not as it must be."""
    return [
        Difference(
            payment.id,
            leg.subject,
            f"{leg.account}: the ledger has {decimal_text(ledger.sums[leg], leg.currency)} {leg.currency}, "
            f"the records make {decimal_text(records.sums[leg], leg.currency)}",
        )
        for leg in sorted({*records.sums, *ledger.sums})
        if records.sums[leg] != ledger.sums[leg]
    ]


def misfiled(row: LedgerTransaction, payment: Payment | None, organizer_id: str | None) -> list[Difference]:
    """What a row says of its payment that is not so; `organizer_id` is that of the payment's booking."""
    if payment is None:
        return [Difference(row.payment_id, row.subject, f"the row {row.id} is of a payment that does not exist")]
    filed = {
        "booking": (row.booking_id, payment.booking_id),
        "event": (row.event_id, payment.event_id),
        "gateway": (row.gateway, payment.gateway),
        "organizer": (row.organizer_id, organizer_id),
    }
    return [
        Difference(payment.id, row.subject, f"the row {row.id} is filed under {name} {said}, and belongs to {right}")
        for name, (said, right) in filed.items()
        if said != right
    ]
