"""What Razorpay keeps, and how it writes it: fields that nobody filled are null, and empty notes are a list."""

from typing import Any, Final

from attrs import define, field

RATE: Final = 50
"""One part in fifty is Razorpay's fee, and tax comes on top of it."""


@define
class Link:
    id: str
    amount: int
    currency: str
    created_at: int
    asked: dict[str, Any]
    status: str = "created"
    order_id: str = ""

    def entity(self) -> dict[str, Any]:
        shown = {"order_id": self.order_id} if self.order_id else {}
        return {
            "accept_partial": False,
            "amount": self.amount,
            "amount_paid": self.amount if self.status == "paid" else 0,
            "callback_method": self.asked.get("callback_method", ""),
            "callback_url": self.asked.get("callback_url", ""),
            "created_at": self.created_at,
            "currency": self.currency,
            "customer": self.asked.get("customer") or [],
            "description": self.asked.get("description", ""),
            "expire_by": self.asked.get("expire_by", 0),
            "id": self.id,
            "notes": self.asked.get("notes") or [],
            "payments": None,
            "reference_id": self.asked.get("reference_id", ""),
            "short_url": f"https://rzp.io/rzp/{self.id}",
            "status": self.status,
            "user_id": "",
            **shown,
        }


@define
class Order:
    id: str
    amount: int
    currency: str
    created_at: int
    receipt: str | None = None
    notes: dict[str, Any] = field(factory=dict)
    status: str = "created"
    attempts: int = 0

    def entity(self) -> dict[str, Any]:
        paid = self.amount if self.status == "paid" else 0
        return {
            "id": self.id,
            "entity": "order",
            "amount": self.amount,
            "amount_paid": paid,
            "amount_due": self.amount - paid,
            "currency": self.currency,
            "receipt": self.receipt,
            "offer_id": None,
            "status": self.status,
            "attempts": self.attempts,
            "notes": self.notes or [],
            "created_at": self.created_at,
        }


@define
class Payment:
    id: str
    amount: int
    currency: str
    created_at: int
    order_id: str | None = None
    notes: dict[str, Any] = field(factory=dict)
    status: str = "created"
    amount_refunded: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.amount_refunded

    def entity(self) -> dict[str, Any]:
        is_taken = self.status in {"captured", "refunded"}
        return {
            "id": self.id,
            "entity": "payment",
            "amount": self.amount,
            "currency": self.currency,
            "base_amount": self.amount,
            "status": self.status,
            "order_id": self.order_id,
            "invoice_id": None,
            "method": "upi",
            "amount_refunded": self.amount_refunded,
            "refund_status": ("full" if not self.left else "partial") if self.amount_refunded else None,
            "captured": is_taken,
            "email": "buyer@example.org",
            "notes": self.notes or [],
            "fee": self.amount // RATE if is_taken else None,
            "tax": self.amount // RATE // 6 if is_taken else None,
            "fee_bearer": "platform",
            "error_code": "BAD_REQUEST_ERROR" if self.status == "failed" else None,
            "created_at": self.created_at,
        }


@define
class Refund:
    id: str
    payment_id: str
    amount: int
    currency: str
    created_at: int
    settles_at: float
    fails: bool = False
    receipt: str | None = None
    notes: dict[str, Any] = field(factory=dict)
    status: str = "pending"

    def entity(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "entity": "refund",
            "amount": self.amount,
            "currency": self.currency,
            "payment_id": self.payment_id,
            "notes": self.notes or [],
            "receipt": self.receipt,
            "acquirer_data": {"arn": None},
            "created_at": self.created_at,
            "batch_id": None,
            "status": self.status,
            "speed_processed": "normal",
            "speed_requested": "normal",
        }


@define
class Dispute:
    id: str
    payment_id: str
    amount: int
    currency: str
    created_at: int
    status: str = "open"

    def entity(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "entity": "dispute",
            "payment_id": self.payment_id,
            "amount": self.amount,
            "currency": self.currency,
            "amount_deducted": self.amount if self.status == "lost" else 0,
            "reason_code": "goods_or_services_not_received_or_partially_received",
            "respond_by": self.created_at + 604_800,
            "status": self.status,
            "phase": "chargeback",
            "created_at": self.created_at,
        }
