"""Finding at Stripe what is known of a payment: its page, the buyer's tries at paying there, its refunds."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from adapters.payments.stripe_answers import IntentAnswer, ListedSession, RefundAnswer, SessionAnswer
from adapters.payments.stripe_line import NeverHeardOf, StripeLine
from application.ports.payment_gateway import PaymentOrder, Sought
from domain.ids import PaymentId, RefundId

_BEFORE: Final = timedelta(minutes=10)
_AFTER: Final = timedelta(hours=2)
"""A page is ordered while its hold lives, and clocks differ a little."""
_KEYS_ARE_KEPT: Final = timedelta(hours=24)

_TRY: Final = ("latest_charge.balance_transaction", "latest_charge.refunds")


@frozen
class StripeRecords:
    """Reads what Stripe keeps. None means that Stripe itself says that there is nothing of the kind."""

    line: StripeLine = field(repr=False)

    async def standing(self, sought: Sought) -> tuple[SessionAnswer | None, IntentAnswer | None]:
        """The page, the buyer's last try at paying there, or both: as much as tells where the payment stands."""
        reference = sought.gateway_reference
        if reference.startswith("pi_"):
            intent = await self.intent(reference)
            if intent is not None and intent.is_between:
                return await self.session_around(intent.id), intent
            return None, intent
        if not reference:
            reference = await self._find_sought(sought)
            if not reference:
                return None, None
        session = await self.session(reference)
        return session, session.intent if session is not None else None

    async def session(self, session_id: str) -> SessionAnswer | None:
        wanted = {"expand": [f"payment_intent.{name}" for name in _TRY]}
        try:
            return await self.line.asked(
                SessionAnswer, lambda: self.line.api.checkout.sessions.retrieve_async(session_id, wanted)
            )
        except NeverHeardOf:
            return None

    async def session_around(self, intent_id: str) -> SessionAnswer | None:
        wanted = {"payment_intent": intent_id}
        async for session in self.line.each(SessionAnswer, self.line.api.checkout.sessions.list_async, wanted):
            return session
        return None

    async def session_id(self, sought: Sought) -> str:
        """Stripe's name for the page; empty if there is none."""
        reference = sought.gateway_reference
        if reference.startswith("cs_"):
            return reference
        if not reference:
            return await self._find_sought(sought)
        session = await self.session_around(reference)
        return "" if session is None else session.id

    async def find_ordered(self, order: PaymentOrder) -> SessionAnswer | None:
        """The page, if it was made since Stripe last forgot a key."""
        found = await self._find_session(
            order.payment_id, order.expires_at - _KEYS_ARE_KEPT, order.expires_at + _BEFORE
        )
        return await self.session(found) if found else None

    async def _find_sought(self, sought: Sought) -> str:
        return await self._find_session(sought.payment_id, sought.created_at - _BEFORE, sought.created_at + _AFTER)

    async def _find_session(self, payment_id: PaymentId, start: datetime, end: datetime) -> str:
        """The name of the page that carries our reference; empty if there is none."""
        # Listed and not searched for: what Stripe's search finds is a minute old, and more on a bad day.
        wanted = {"created": {"gte": int(start.timestamp()), "lte": int(end.timestamp())}}
        async for session in self.line.each(ListedSession, self.line.api.checkout.sessions.list_async, wanted):
            if session.client_reference_id == payment_id:
                return session.id
        return ""

    async def intent(self, intent_id: str) -> IntentAnswer | None:
        try:
            return await self.line.asked(
                IntentAnswer, lambda: self.line.api.payment_intents.retrieve_async(intent_id, {"expand": [*_TRY]})
            )
        except NeverHeardOf:
            return None

    async def intent_id(self, reference: str) -> str:
        """Empty if the buyer never tried to pay."""
        if not reference.startswith("cs_"):
            return reference
        session = await self.session(reference)
        return session.intent_id if session is not None else ""

    async def refunds_under(self, intent: IntentAnswer | None) -> Sequence[RefundAnswer]:
        listed = intent.charge.refunds if intent is not None and intent.charge is not None else None
        if listed is None:
            return ()
        if not listed.has_more:
            return listed.data
        assert intent is not None, "it has a charge"
        return [refund async for refund in self._refunds(intent.id)]

    async def find_refund(self, intent_id: str, refund_id: RefundId) -> RefundAnswer | None:
        try:
            async for refund in self._refunds(intent_id):
                if refund.refund_id == refund_id:
                    return refund
        except NeverHeardOf:
            return None
        return None

    def _refunds(self, intent_id: str) -> AsyncIterator[RefundAnswer]:
        return self.line.each(RefundAnswer, self.line.api.refunds.list_async, {"payment_intent": intent_id})
