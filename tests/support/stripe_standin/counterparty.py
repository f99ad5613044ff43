"""Buyers at Stripe's page, people in its dashboard, and its bad days."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from attrs import frozen

from adapters.payments.stripe_money import stripe_amount
from application.ports.payment_gateway import Charge, PaymentPage
from domain.money import Money
from tests.contracts.payment_gateway import Fate
from tests.support.stripe_standin.account import Account
from tests.support.stripe_standin.faults import Fault
from tests.support.stripe_standin.records import Record
from tests.support.stripe_standin.server import StandIn

_FAULTS: Final = {
    Fate.TIMES_OUT: Fault.TIME_OUT_BEFORE,
    Fate.TIMES_OUT_DONE: Fault.TIME_OUT_AFTER,
    Fate.FAILS: Fault.ERROR_BEFORE,
    Fate.FAILS_DONE: Fault.ERROR_AFTER,
    Fate.IS_THROTTLED: Fault.THROTTLE,
    Fate.ANSWERS_NONSENSE_DONE: Fault.GARBAGE_AFTER,
}


R = TypeVar("R")


@frozen
class StripeCounterparty:
    """The Counterparty and the Dashboard of the contracts, on a running stand-in."""

    stand_in: StandIn
    strikes: Collection[str] = ("GET", "POST")
    """The methods that a fate may befall: some deeds look something up before they are done."""

    async def buyer_pays(self, page: PaymentPage) -> None:
        with self._at(page) as (account, session):
            if session["status"] == "open":
                account.succeed(account.try_to_pay(session), session)

    async def buyer_is_declined(self, page: PaymentPage) -> None:
        """And gives up: as long as the page is open, another card may be tried."""
        with self._at(page) as (account, session):
            account.fail(account.try_to_pay(session), "card_declined", "Your card was declined.")
            account.expire(session)

    async def card_is_declined(self, page: PaymentPage) -> None:
        """And the buyer stays."""
        with self._at(page) as (account, session):
            account.fail(account.try_to_pay(session), "card_declined", "Your card was declined.")

    async def buyer_goes_to_the_bank(self, page: PaymentPage) -> None:
        with self._at(page) as (account, session):
            account.try_to_pay(session)["status"] = "requires_action"

    async def bank_answers(self, page: PaymentPage, *, approves: bool) -> None:
        with self._at(page) as (account, session):
            intent = account.try_to_pay(session)
            if approves:
                account.succeed(intent, session)
                return
            account.fail(intent, "payment_intent_authentication_failure", "The authentication failed.")
            account.expire(session)

    async def bank_captures_late(self, page: PaymentPage) -> None:
        with self._at(page) as (account, session):
            if session["status"] == "open":
                account.expire(session)
            account.succeed(account.try_to_pay(session))

    async def buyer_pays_slowly(self, page: PaymentPage) -> None:
        """By a method whose money comes days later, or does not come."""
        with self._at(page) as (account, session):
            intent = account.try_to_pay(session)
            account.charge(intent, "pending")
            intent["status"] = "processing"
            session |= {"status": "complete", "url": None}
            account.records.tell("checkout.session.completed", session)

    async def slow_money_ends(self, page: PaymentPage, *, comes: bool) -> None:
        with self._at(page) as (account, session):
            intent = account.try_to_pay(session)
            if comes:
                account.succeed(intent, session, slow=True)
                return
            account.fail(intent, "payment_intent_payment_attempt_failed", "The debit was returned.")
            account.records.tell("checkout.session.async_payment_failed", session)

    async def next_call(self, fate: Fate) -> None:
        self.stand_in.faults.methods = self.strikes
        self.stand_in.faults.next = _FAULTS[fate]

    async def refunds_go(self, *, pending_s: float = 0.0, fail: bool = False) -> None:
        account = self.stand_in.account
        account.refunds_pending_s, account.refunds_fail = pending_s, fail

    async def refunds_by_hand(self, charge: Charge, amount: Money) -> None:
        self._by_hand(
            lambda account: account.refund(
                {"payment_intent": charge.gateway_reference, "amount": stripe_amount(amount)}
            )
        )

    async def takes_by_hand(self, amount: Money) -> str:
        def deed(account: Account) -> Record:
            intent = account.new_intent(stripe_amount(amount), amount.currency.lower(), {})
            account.succeed(intent)
            return intent

        name: str = self._by_hand(deed)["id"]
        return name

    async def opens_dispute(self, charge: Charge) -> None:
        self._by_hand(lambda account: account.dispute(charge.gateway_reference))

    async def closes_dispute(self, charge: Charge, *, won: bool) -> None:
        self._by_hand(lambda account: account.decide(charge.gateway_reference, won=won))

    def _by_hand(self, deed: Callable[[Account], R]) -> R:
        account = self.stand_in.account
        with account.records.lock:
            return deed(account)

    @contextmanager
    def _at(self, page: PaymentPage) -> Iterator[tuple[Account, Record]]:
        account = self.stand_in.account
        with account.records.lock:
            account.tick()
            yield account, account.records.get("checkout.session", page.gateway_reference)
