"""Razorpay's own books: what it took, and what buyers contest."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from adapters.payments.razorpay_answers import PaymentAnswer, payment_of
from adapters.payments.razorpay_charges import RazorpayCharges
from adapters.payments.razorpay_line import NeverHeardOf, RazorpayLine
from application.ports.payment_gateway import DisputeReport, Sought, StatementLine


@frozen
class RazorpayBooks:
    """DisputeReader and StatementReader."""

    line: RazorpayLine
    charges: RazorpayCharges

    async def disputes_of(self, sought: Sought) -> Sequence[DisputeReport]:
        attempts = await self.charges.attempts(sought)
        if attempts is None:
            return ()
        taken = [payment for payment in attempts.payments if payment.is_taken]
        return [dispute.report() for payment in taken for dispute in await self.charges.disputes(payment)]

    async def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        """See StatementReader. Razorpay tells when a buyer began to pay and not when the money was taken, so a payment
        that the bank approved late stands at its beginning, up to five days before.
        """
        window = {"from": math.floor(start.timestamp()), "to": math.ceil(end.timestamp())}

        def deed(client: Any, page: dict[str, int]) -> Any:
            return client.payment.all({**window, **page})

        # The newest comes first: what is paid meanwhile shifts the pages, and shows a payment twice but hides none.
        told: set[str] = set()
        async for payment in self.line.every(PaymentAnswer, deed):
            if payment.is_taken and start <= payment.at < end and payment.id not in told:
                told.add(payment.id)
                yield await self._line(payment)

    async def _line(self, payment: PaymentAnswer) -> StatementLine:
        line = payment.line()
        if line.payment_id is None and payment.order_id:
            # The notes of an order do not reach a payment that was made inside a page of ours.
            with suppress(NeverHeardOf):
                order = await self.charges.order(payment.order_id)
                return evolve(line, payment_id=payment_of(order.notes, order.receipt))
        return line
