"""What happens at Stripe: pages are opened and paid, money is taken and given back, buyers dispute."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from tests.support.stripe_standin.records import Record, Records
from tests.support.stripe_standin.refusals import Refusal, missing, unknown_parameter

PAGE_LIVES_MIN_S = 30 * 60
PAGE_LIVES_MAX_S = 24 * 60 * 60
DISPUTE_FEE = 1500

_LEAST = {"eur": 50, "inr": 50, "jpy": 50, "usd": 50, "isk": 10_000, "kwd": 200}
_STEPS = dict.fromkeys(("bhd", "jod", "kwd", "omr", "tnd"), 10) | dict.fromkeys(("isk", "ugx"), 100)
_SESSION_TAKES = {
    *("mode", "line_items", "customer_email", "success_url", "cancel_url", "client_reference_id", "metadata"),
    *("payment_intent_data", "expires_at", "adaptive_pricing", "expand"),
}
_REFUND_TAKES = {"payment_intent", "charge", "amount", "metadata", "reason", "expand"}
_STILL_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


@define(eq=False)
class Account:
    """One account at Stripe, in the test mode. Whoever calls holds the records' lock."""

    records: Records = field(factory=Records)
    page_base: str = ""
    refunds_pending_s: float = 0.0
    refunds_fail: bool = False

    def tick(self) -> None:
        """What time alone brings about."""
        now = self.records.now()
        for session in self.records.those("checkout.session", status="open"):
            if session["expires_at"] <= now:
                self.expire(session)
        for refund in self.records.those("refund", status="pending"):
            if refund["_due_at"] <= now:
                self._end_refund(refund)

    # Pages

    def open_session(self, asked: Mapping[str, Any]) -> Record:
        for name in asked.keys() - _SESSION_TAKES:
            raise unknown_parameter(name)
        if asked.get("mode") != "payment" or len(asked.get("line_items", ())) != 1:
            raise Refusal(400, "this stand-in knows pages for one payment of one thing", "parameter_invalid")
        price = asked["line_items"][0]["price_data"]
        amount, currency = int(price["unit_amount"]), price["currency"]
        if not price["product_data"]["name"]:
            raise Refusal(400, "product_data[name] must not be empty", "parameter_invalid_empty")
        _check_amount(amount, currency)
        expires_at = int(asked["expires_at"])
        lives_s = expires_at - self.records.now()
        if not PAGE_LIVES_MIN_S <= lives_s <= PAGE_LIVES_MAX_S:
            raise Refusal(
                400,
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            )
        session = self.records.add(
            "cs_test",
            "checkout.session",
            amount_total=amount,
            cancel_url=asked["cancel_url"],
            client_reference_id=asked.get("client_reference_id"),
            currency=currency,
            customer_email=asked["customer_email"],
            expires_at=expires_at,
            metadata=asked.get("metadata", {}),
            mode="payment",
            payment_intent=None,
            payment_status="unpaid",
            status="open",
            success_url=asked["success_url"],
            _intent_metadata=asked.get("payment_intent_data", {}).get("metadata", {}),
        )
        session["url"] = f"{self.page_base}/c/pay/{session['id']}"
        return session

    def expire(self, session: Record) -> Record:
        if session["status"] != "open":
            raise Refusal(
                400,
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{session['status']}`.",
            )
        session |= {"status": "expired", "url": None}
        intent = self.records.find("payment_intent", session["payment_intent"])
        if intent is not None and intent["status"] in _STILL_OPEN:
            intent["status"] = "canceled"
        self.records.tell("checkout.session.expired", session)
        return session

    # Buyers

    def try_to_pay(self, session: Record) -> Record:
        """The payment intent, which there is from the buyer's first try on."""
        intent = self.records.find("payment_intent", session["payment_intent"])
        if intent is None:
            intent = self.new_intent(session["amount_total"], session["currency"], session["_intent_metadata"])
            session["payment_intent"] = intent["id"]
        return intent

    def new_intent(self, amount: int, currency: str, metadata: Mapping[str, str]) -> Record:
        return self.records.add(
            "pi",
            "payment_intent",
            amount=amount,
            amount_received=0,
            currency=currency,
            last_payment_error=None,
            latest_charge=None,
            metadata=dict(metadata),
            status="requires_payment_method",
        )

    def succeed(self, intent: Record, session: Record | None = None, *, slow: bool = False) -> None:
        """The money is there."""
        charge = self.records.find("charge", intent["latest_charge"])
        if charge is None or charge["status"] == "failed":
            charge = self.charge(intent, "pending")
        amount, fee = intent["amount"], intent["amount"] * 3 // 100 + 1
        balance = self.records.add(
            "txn",
            "balance_transaction",
            amount=amount,
            currency=intent["currency"],
            fee=fee,
            net=amount - fee,
            source=charge["id"],
            type="payment" if slow else "charge",
        )
        charge |= {
            "status": "succeeded",
            "paid": True,
            "captured": True,
            "amount_captured": amount,
            "balance_transaction": balance["id"],
        }
        intent |= {"status": "succeeded", "amount_received": amount, "last_payment_error": None}
        self.records.tell("charge.succeeded", charge)
        self.records.tell("payment_intent.succeeded", intent)
        if session is not None:
            session |= {"status": "complete", "payment_status": "paid", "url": None}
            kind = "checkout.session.async_payment_succeeded" if slow else "checkout.session.completed"
            self.records.tell(kind, session)

    def fail(self, intent: Record, code: str, message: str) -> None:
        """The buyer's bank says no."""
        charge = self.records.find("charge", intent["latest_charge"])
        if charge is None or charge["status"] != "pending":
            charge = self.charge(intent, "failed")
        charge["status"] = "failed"
        intent |= {
            "status": "requires_payment_method",
            "last_payment_error": {"type": "card_error", "code": code, "message": message},
        }
        self.records.tell("payment_intent.payment_failed", intent)

    def charge(self, intent: Record, status: str) -> Record:
        charge = self.records.add(
            "ch",
            "charge",
            amount=intent["amount"],
            amount_captured=0,
            amount_refunded=0,
            balance_transaction=None,
            captured=False,
            currency=intent["currency"],
            disputed=False,
            metadata=dict(intent["metadata"]),
            paid=False,
            payment_intent=intent["id"],
            refunded=False,
            status=status,
        )
        intent["latest_charge"] = charge["id"]
        return charge

    # Refunds

    def refund(self, asked: Mapping[str, Any]) -> Record:
        for name in asked.keys() - _REFUND_TAKES:
            raise unknown_parameter(name)
        charge = self._charge_to_refund(asked)
        amount = int(asked.get("amount", charge["amount_captured"] - charge["amount_refunded"]))
        _check_steps(amount, charge["currency"])
        left = charge["amount_captured"] - charge["amount_refunded"]
        if not left:
            raise Refusal(400, f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
        if not 0 < amount <= left:
            raise Refusal(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        refund = self.records.add(
            "re",
            "refund",
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            failure_reason=None,
            metadata=asked.get("metadata", {}),
            payment_intent=charge["payment_intent"],
            status="pending",
            _due_at=self.records.now() + self.refunds_pending_s,
            _fails=self.refunds_fail,
        )
        charge["amount_refunded"] += amount
        self.records.tell("refund.created", refund)
        if not self.refunds_pending_s:
            self._end_refund(refund)
        return refund

    def _charge_to_refund(self, asked: Mapping[str, Any]) -> Record:
        if "charge" in asked:
            charge = self.records.get("charge", asked["charge"])
        else:
            intent = self.records.get("payment_intent", asked.get("payment_intent", ""))
            found = self.records.find("charge", intent["latest_charge"])
            if found is None or found["status"] != "succeeded":
                raise Refusal(400, f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
            charge = found
        if any(one["status"] == "needs_response" for one in self.records.those("dispute", charge=charge["id"])):
            raise Refusal(400, f"Charge {charge['id']} has been charged back.", "charge_disputed")
        return charge

    def _end_refund(self, refund: Record) -> None:
        charge = self.records.get("charge", refund["charge"])
        if refund["_fails"]:
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
            charge["amount_refunded"] -= refund["amount"]
            self.records.tell("refund.failed", refund)
        else:
            refund["status"] = "succeeded"
            charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
            self.records.tell("charge.refunded", charge)
        self.records.tell("refund.updated", refund)
        self.records.tell("charge.refund.updated", refund)

    # Disputes

    def dispute(self, intent_id: str) -> Record:
        intent = self.records.get("payment_intent", intent_id)
        charge = self.records.get("charge", intent["latest_charge"])
        charge["disputed"] = True
        dispute = self.records.add(
            "du",
            "dispute",
            amount=charge["amount"],
            charge=charge["id"],
            currency=charge["currency"],
            metadata={},
            payment_intent=intent_id,
            reason="fraudulent",
            status="needs_response",
        )
        taken = self._moves(dispute, -dispute["amount"], DISPUTE_FEE)
        dispute["balance_transactions"] = [taken]
        self.records.tell("charge.dispute.created", dispute)
        self.records.tell("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def decide(self, intent_id: str, *, won: bool) -> None:
        found = self.records.those("dispute", payment_intent=intent_id)
        if not found:
            raise missing("dispute", intent_id)
        dispute = found[0]
        dispute["status"] = "won" if won else "lost"
        if won:
            dispute["balance_transactions"].append(self._moves(dispute, dispute["amount"], 0))
            self.records.tell("charge.dispute.funds_reinstated", dispute)
        self.records.tell("charge.dispute.closed", dispute)

    def _moves(self, dispute: Record, amount: int, fee: int) -> Record:
        return self.records.add(
            "txn",
            "balance_transaction",
            amount=amount,
            currency=dispute["currency"],
            fee=fee,
            net=amount - fee,
            source=dispute["id"],
            type="adjustment",
        )


def _check_amount(amount: int, currency: str) -> None:
    _check_steps(amount, currency)
    if amount < _LEAST.get(currency, 1):
        raise Refusal(400, "The Checkout Session's total amount due is too small.", "amount_too_small")


def _check_steps(amount: int, currency: str) -> None:
    if amount % _STEPS.get(currency, 1):
        raise Refusal(
            400,
            f"Invalid amount. Currency {currency.upper()} takes no amount as fine as that.",
            "invalid_charge_amount_no_decimal_compatible",
        )
