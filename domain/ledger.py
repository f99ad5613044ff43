"""Ledger: every movement of money as a balanced transaction. Its rows never change, and reports read nothing else.

Double entry (Pacioli, 1494): what one account gains, others lose, so that each transaction sums to zero.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from domain.booking import Booking
from domain.dispute import Dispute
from domain.ids import AccountId, BookingId, EventId, LedgerId, PaymentId
from domain.money import Money
from domain.payment import Payment
from domain.refund import Refund
from domain.time import is_aware


class LedgerAccount(StrEnum):
    """What money is counted as. Positive amounts are what we have or what it cost, negative ones where it came from."""

    GATEWAY = "gateway"
    """What the payment gateway holds for us."""
    SALES = "sales"
    FEES = "fees"
    REFUNDS = "refunds"
    DISPUTES = "disputes"


class LedgerKind(StrEnum):
    CAPTURE = "capture"
    FEE = "fee"
    REFUND = "refund"
    REFUND_BOUNCED = "refund_bounced"
    DISPUTE = "dispute"
    DISPUTE_FEE = "dispute_fee"
    DISPUTE_WON = "dispute_won"


@frozen
class LedgerEntry:
    """One leg."""

    account: LedgerAccount
    amount: Money


def _balanced(_transaction: object, _attribute: object, entries: tuple[LedgerEntry, ...]) -> None:
    sums = balances(entries)
    assert entries, "a transaction moves something"
    assert all(not sum(by_account.values()) for by_account in sums.values()), f"unbalanced: {entries}"


@frozen
class LedgerTransaction:
    """One movement of money. `id` is made from what moved it, so that it can be written only once."""

    id: LedgerId
    at: datetime = field(validator=is_aware)
    kind: LedgerKind
    gateway: str
    entries: tuple[LedgerEntry, ...] = field(validator=_balanced)
    event_id: EventId
    organizer_id: AccountId
    booking_id: BookingId
    payment_id: PaymentId
    subject: str
    """The payment, refund or dispute that moved it."""
    version: int = 0

    @property
    def at_gateway(self) -> tuple[Money, ...]:
        """What our balance at the gateway moved by, by currency."""
        sums = balances(self.entries)
        return tuple(Money(by.get(LedgerAccount.GATEWAY, 0), currency) for currency, by in sums.items())


@frozen
class Journal:
    """Writes down what moves the money of one payment."""

    payment: Payment
    booking: Booking
    at: datetime

    def captured(self) -> LedgerTransaction:
        """A buyer's money came in."""
        return self._line(LedgerKind.CAPTURE, self.payment.id, self.payment.amount, LedgerAccount.SALES)

    def fee(self, fee: Money) -> LedgerTransaction:
        """The gateway kept its part."""
        return self._line(LedgerKind.FEE, self.payment.id, _minus(fee), LedgerAccount.FEES)

    def refunded(self, refund: Refund) -> LedgerTransaction:
        """Money went back to the buyer."""
        return self._line(LedgerKind.REFUND, refund.id, _minus(refund.amount), LedgerAccount.REFUNDS)

    def bounced(self, refund: Refund) -> LedgerTransaction:
        """The buyer's bank sent a refund back that had succeeded."""
        return self._line(LedgerKind.REFUND_BOUNCED, refund.id, refund.amount, LedgerAccount.REFUNDS)

    def disputed(self, dispute: Dispute) -> LedgerTransaction:
        """The buyer's bank took the money."""
        return self._line(LedgerKind.DISPUTE, dispute.id, _minus(dispute.amount), LedgerAccount.DISPUTES)

    def dispute_fee(self, dispute: Dispute, fee: Money) -> LedgerTransaction:
        """The gateway charged for a dispute."""
        return self._line(LedgerKind.DISPUTE_FEE, dispute.id, _minus(fee), LedgerAccount.FEES)

    def dispute_won(self, dispute: Dispute) -> LedgerTransaction:
        """The money came back to us."""
        return self._line(LedgerKind.DISPUTE_WON, dispute.id, dispute.amount, LedgerAccount.DISPUTES)

    def _line(self, kind: LedgerKind, subject: str, to_gateway: Money, other: LedgerAccount) -> LedgerTransaction:
        return LedgerTransaction(
            id=LedgerId(f"led/{subject}/{kind}"),
            at=self.at,
            kind=kind,
            gateway=self.payment.gateway,
            entries=(LedgerEntry(LedgerAccount.GATEWAY, to_gateway), LedgerEntry(other, _minus(to_gateway))),
            event_id=self.payment.event_id,
            organizer_id=self.booking.organizer_id,
            booking_id=self.payment.booking_id,
            payment_id=self.payment.id,
            subject=subject,
        )


def _minus(amount: Money) -> Money:
    return amount * -1


def balances(entries: Iterable[LedgerEntry]) -> Mapping[str, Mapping[LedgerAccount, int]]:
    """The sum of each account in minor units, by currency."""
    sums: dict[str, dict[LedgerAccount, int]] = {}
    for entry in entries:
        by_account = sums.setdefault(entry.amount.currency, {})
        by_account[entry.account] = by_account.get(entry.account, 0) + entry.amount.amount_minor
    return sums
