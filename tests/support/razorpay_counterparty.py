"""Buyers, banks and people at the dashboard of the stand-in, as the contracts know them."""

from typing import Final

from attrs import frozen

from application.ports.payment_gateway import Charge, EmbeddedOrder, PaymentPage
from domain.money import Money
from tests.contracts.payment_gateway import Fate
from tests.support.razorpay_standin.bank import Bank
from tests.support.razorpay_standin.courier import signature
from tests.support.razorpay_standin.records import Payment
from tests.support.razorpay_standin.server import KEY_SECRET, Fault, RazorpayStandin

_FAULTS: Final = {
    Fate.TIMES_OUT: Fault.TIME_OUT_BEFORE,
    Fate.TIMES_OUT_DONE: Fault.TIME_OUT_AFTER,
    Fate.FAILS: Fault.SERVER_ERROR_BEFORE,
    Fate.FAILS_DONE: Fault.SERVER_ERROR_AFTER,
    Fate.IS_THROTTLED: Fault.TOO_MANY_REQUESTS,
    Fate.ANSWERS_NONSENSE_DONE: Fault.GARBAGE_AFTER,
}


def _newest(bank: Bank, reference: str, status: str) -> Payment | None:
    order = bank.order_of(reference)
    found = [one for one in bank.payments.values() if (one.order_id, one.status) == (order.id, status)]
    return found[-1] if found else None


@frozen
class RazorpayCounterparty:
    """Counterparty, Dashboard and Script of the contracts. It is told the link or the order, and needs no page."""

    standin: RazorpayStandin
    faulty_method: str = ""
    """Which calls its faults befall: those of any method, or only POST, for a deed that looks before it acts."""

    async def buyer_pays(self, page: PaymentPage) -> None:
        with self.standin.lock:
            payment = self.standin.bank.attempt(page.gateway_reference)
            if payment is not None:
                self.standin.bank.authorised(payment)

    async def buyer_leaves_it_authorised(self, page: PaymentPage) -> None:
        with self.standin.lock:
            self.standin.bank.captures = False
        await self.buyer_pays(page)

    async def buyer_is_declined(self, page: PaymentPage) -> None:
        with self.standin.lock:
            payment = self.standin.bank.attempt(page.gateway_reference)
            assert payment is not None
            self.standin.bank.failed(payment)

    async def buyer_goes_to_the_bank(self, page: PaymentPage) -> None:
        with self.standin.lock:
            self.standin.bank.attempt(page.gateway_reference)

    async def bank_answers(self, page: PaymentPage, *, approves: bool) -> None:
        with self.standin.lock:
            bank = self.standin.bank
            payment = _newest(bank, page.gateway_reference, "created")
            assert payment is not None
            (bank.authorised if approves else bank.failed)(payment)

    async def bank_captures_late(self, page: PaymentPage) -> None:
        with self.standin.lock:
            bank, name = self.standin.bank, page.gateway_reference
            payment = _newest(bank, name, "failed") or bank.began(bank.order_of(name), bank.links.get(name))
            bank.authorised(payment)

    async def next_call(self, fate: Fate) -> None:
        self.standin.next_call(_FAULTS[fate], self.faulty_method)

    async def refunds_go(self, *, pending_s: float = 0.0, fail: bool = False) -> None:
        with self.standin.lock:
            self.standin.bank.refunds_after_s, self.standin.bank.refunds_fail = pending_s, fail

    async def refunds_by_hand(self, charge: Charge, amount: Money) -> None:
        with self.standin.lock:
            self.standin.bank.refund(charge.gateway_reference, {"amount": amount.amount_minor})

    async def takes_by_hand(self, amount: Money) -> str:
        with self.standin.lock:
            return self.standin.bank.take_by_hand(amount.amount_minor, amount.currency).id

    async def opens_dispute(self, charge: Charge) -> None:
        with self.standin.lock:
            self.standin.bank.dispute(charge.gateway_reference)

    async def closes_dispute(self, charge: Charge, *, won: bool) -> None:
        with self.standin.lock:
            bank = self.standin.bank
            (dispute,) = [one for one in bank.disputes.values() if one.payment_id == charge.gateway_reference]
            bank.decide(dispute, "won" if won else "lost")

    async def buyer_pays_inside(self, order: EmbeddedOrder) -> dict[str, str]:
        with self.standin.lock:
            payment = self.standin.bank.attempt(order.gateway_reference)
            assert payment is not None
            self.standin.bank.authorised(payment)
        signed = signature(KEY_SECRET, f"{order.gateway_reference}|{payment.id}".encode())
        return {
            "razorpay_order_id": order.gateway_reference,
            "razorpay_payment_id": payment.id,
            "razorpay_signature": signed,
        }
