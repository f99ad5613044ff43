"""Puts notices into the courier's hands, in the transaction of what they tell of."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from adapters.payments.sandbox.records import Delivery, Dispute, DisputeStatus, Payment, PaymentStatus, Refund
from adapters.payments.sandbox.storage import Storage

_PAYMENT_KINDS: Final = {
    PaymentStatus.REQUIRES_ACTION: "payment.requires_action",
    PaymentStatus.AUTHORISED: "payment.authorised",
    PaymentStatus.CAPTURED: "payment.captured",
    PaymentStatus.FAILED: "payment.failed",
    PaymentStatus.EXPIRED: "payment.expired",
    PaymentStatus.CLOSED: "payment.expired",
}
_DISPUTE_KINDS: Final = {
    DisputeStatus.OPEN: "dispute.opened",
    DisputeStatus.WON: "dispute.won",
    DisputeStatus.LOST: "dispute.lost",
}


@frozen
class Announcing:
    """References and the kind: whoever hears it looks the truth up, so that neither order nor age matters."""

    storage: Storage
    account: str
    random_name: Callable[[], str]

    def payment(self, payment: Payment, at: datetime) -> None:
        self._tell(_PAYMENT_KINDS[payment.status], payment, payment.request.amount_minor, {}, at)

    def refund(self, refund: Refund, payment: Payment, at: datetime) -> None:
        names = {"refund_reference": refund.reference}
        if refund.request.refund_id is not None:
            names |= {"refund_id": refund.request.refund_id}
        self._tell(f"refund.{refund.status}", payment, refund.request.amount_minor, names, at)

    def dispute(self, dispute: Dispute, payment: Payment, at: datetime) -> None:
        names = {"dispute_reference": dispute.reference}
        self._tell(_DISPUTE_KINDS[dispute.status], payment, dispute.amount_minor, names, at)

    def _tell(self, kind: str, payment: Payment, amount_minor: int, names: Mapping[str, str], at: datetime) -> None:
        request = payment.request
        if not request.webhook_url:
            return
        data: dict[str, str | int | None] = {
            "payment_id": request.payment_id,
            "payment_reference": payment.reference,
            "amount_minor": amount_minor,
            "currency": request.currency,
            **names,
        }
        body = {"type": kind, "timestamp": at.isoformat(), "account": self.account, "data": data}
        self.storage.put_delivery(
            Delivery(f"sbx_msg_{self.random_name()}", request.webhook_url, json.dumps(body), due_at=at)
        )
