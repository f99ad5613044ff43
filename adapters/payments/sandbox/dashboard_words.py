"""What the dashboard says about a payment."""

from collections.abc import Sequence
from typing import Self

from attrs import frozen

from adapters.payments.sandbox.records import Dispute, PaymentStatus, Refund
from adapters.payments.sandbox.statement import Statement
from domain.money import Money


@frozen
class PaymentWords:
    """A payment in words, and which buttons make sense beside it."""

    reference: str
    description: str
    buyer: str
    amount: str
    status: str
    created: str
    fee: str
    left: str
    """As a form wants it: the number alone, empty if nothing is left."""
    currency: str
    refunds: Sequence[str]
    disputes: Sequence[str]
    can_capture: bool
    can_decide: bool
    """Whether a dispute is open."""

    @classmethod
    def of(cls, statement: Statement) -> Self:
        payment, request = statement.payment, statement.payment.request
        currency, fee, can_decide = request.currency, statement.fee_minor, statement.open_dispute is not None
        left = Money(statement.left_minor, currency)
        return cls(
            reference=payment.reference,
            description=request.description,
            buyer=request.buyer_email or "taken by hand",
            amount=str(Money(request.amount_minor, currency)),
            status=f"{payment.status.value}: {payment.reason}" if payment.reason else payment.status.value,
            created=payment.created_at.strftime("%d %B %Y, %H:%M:%S UTC"),
            fee="none yet" if fee is None else str(Money(fee, currency)),
            left=left.decimal() if left and not can_decide else "",
            currency=currency,
            refunds=[_refund(refund, currency) for refund in statement.refunds],
            disputes=[_dispute(dispute, currency) for dispute in statement.disputes],
            can_capture=payment.status is PaymentStatus.AUTHORISED,
            can_decide=can_decide,
        )


def _refund(refund: Refund, currency: str) -> str:
    whose = "by hand" if refund.request.refund_id is None else "by the seller's software"
    why = f" ({refund.reason})" if refund.reason else ""
    return f"Refund of {Money(refund.request.amount_minor, currency)} {whose}: {refund.status.value}{why}"


def _dispute(dispute: Dispute, currency: str) -> str:
    amount, fee = Money(dispute.amount_minor, currency), Money(dispute.fee_minor, currency)
    return f"Dispute about {amount} ({dispute.reason}), fee {fee}: {dispute.status.value}"
