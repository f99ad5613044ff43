"""What the ledger's rows come to: the figures of every report."""

from collections import Counter

from attrs import Factory, define, frozen

from domain.ledger import LedgerAccount, LedgerKind, LedgerTransaction


@frozen
class Totals:
    """One currency's. In minor units and no Money: a total may be larger than any amount that is paid at once."""

    currency: str
    gross_minor: int = 0
    """What buyers paid."""
    fees_minor: int = 0
    """What gateways kept, for disputes too."""
    refunds_minor: int = 0
    """What went back, less what bounced."""
    disputes_minor: int = 0
    """What banks took, less what they gave back."""
    net_minor: int = 0
    """What the balance at the gateways moved by: gross less all of the others."""
    payments: int = 0
    fees: int = 0
    refunds: int = 0
    refunds_bounced: int = 0
    disputes: int = 0
    disputes_won: int = 0


@define
class Tally:
    """Adds up transactions, one at a time, however many."""

    _sums: Counter[tuple[str, LedgerAccount]] = Factory(Counter)
    _counts: Counter[tuple[str, LedgerKind]] = Factory(Counter)

    def add(self, moved: LedgerTransaction) -> None:
        for entry in moved.entries:
            self._sums[entry.amount.currency, entry.account] += entry.amount.amount_minor
        for currency in {entry.amount.currency for entry in moved.entries}:
            self._counts[currency, moved.kind] += 1

    def totals(self) -> tuple[Totals, ...]:
        """One for each currency that moved, by its code."""
        return tuple(self._of(currency) for currency in sorted({currency for currency, _ in self._counts}))

    def _of(self, currency: str) -> Totals:
        def summed(account: LedgerAccount) -> int:
            return self._sums[currency, account]

        def counted(*kinds: LedgerKind) -> int:
            return sum(self._counts[currency, kind] for kind in kinds)

        return Totals(
            currency=currency,
            gross_minor=-summed(LedgerAccount.SALES),
            fees_minor=summed(LedgerAccount.FEES),
            refunds_minor=summed(LedgerAccount.REFUNDS),
            disputes_minor=summed(LedgerAccount.DISPUTES),
            net_minor=summed(LedgerAccount.GATEWAY),
            payments=counted(LedgerKind.CAPTURE),
            fees=counted(LedgerKind.FEE, LedgerKind.DISPUTE_FEE),
            refunds=counted(LedgerKind.REFUND),
            refunds_bounced=counted(LedgerKind.REFUND_BOUNCED),
            disputes=counted(LedgerKind.DISPUTE),
            disputes_won=counted(LedgerKind.DISPUTE_WON),
        )
