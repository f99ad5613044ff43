from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound, PaymentUnavailable, StaleVersion
from application.gateways import Gateway, Gateways
from application.ids import Ids
from application.once import LEASE, AnsweredAlready, Once
from application.passing import Passing, Point
from application.ports.clock import Clock
from application.ports.payment_gateway import (
    EmbeddedCheckout,
    EmbeddedOrder,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOrder,
    PaymentPage,
)
from application.records import Answer
from application.work import Begin, Work, retrying
from domain.booking import Booking
from domain.errors import DomainError, NotAllowedNow
from domain.ids import PaymentId
from domain.payment import OPEN, POLL_PAUSES, Payment

DESCRIPTION_MAX: Final = 120


class PaymentRefused(DomainError):
    """The payment provider will not take this payment."""

    code = "payment_refused"


class EmbeddingUnsupported(NotAllowedNow):
    """The payment provider is paid on a page of its own only."""

    code = "embedding_unsupported"


@frozen
class _Intent:
    """What was stored before the gateway is called."""

    booking: Booking
    payment: Payment
    description: str
    started: Answer | None


@frozen
class StartPayment:
    """Open the page where a held booking is paid.

    The intent is stored, then the gateway is called with a key made from it, then its answer is stored.
    Asked again while an attempt is open, it goes on with that attempt, so that an impatient buyer pays once.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    gateways: Gateways
    passing: Passing
    return_url: str
    """Where the gateway sends the buyer back to; `{booking_id}` stands for the booking."""

    async def __call__(
        self, actor: Actor, booking_id: str, once: Once | None = None, *, embedded: bool = False
    ) -> Payment:
        """`embedded`: paid inside a page of ours, where the gateway can do that; EmbeddingUnsupported where not."""
        intent = await retrying(lambda: self._intend(actor, booking_id, once, embedded=embedded))
        payment = intent.payment
        try:
            if not payment.page_url and not payment.checkout:
                opened = await self._open(intent, embedded=embedded)
                payment = await retrying(lambda: self._submitted(payment.id, opened))
        except DomainError:
            await self._settle(intent.started, None, None)
            raise
        await self._settle(intent.started, once, payment)
        return payment

    async def _intend(self, actor: Actor, booking_id: str, once: Once | None, *, embedded: bool) -> _Intent:
        now = self.clock.now()
        async with self.begin() as work:
            booking = await work.bookings.get(booking_id)
            if not actor.is_buyer_of(booking):
                actor.check_buyer()
                raise NotFound("no such booking")
            actor.buyer().check_stays(now)
            event = await work.events.get(booking.event_id)
            event.check_takes_payment(now)
            current = await work.payments.find(booking.payment_id) if booking.payment_id else None
            if current is not None and current.status in OPEN:
                payment = current
                paying = booking.start_payment(payment.id, now)
            else:
                paying, payment = self._attempt(booking, now)
                if embedded:
                    _embedding(self.gateways.named(payment.gateway))
                work.payments.add(payment)
                work.events.expect(event)
            if paying != booking:
                work.bookings.save(paying)
            started = await self._start(work, once, now)
            await work.commit()
        return _Intent(paying, payment, event.title[:DESCRIPTION_MAX], started)

    def _attempt(self, booking: Booking, now: datetime) -> tuple[Booking, Payment]:
        payment = Payment(
            id=PaymentId(self.ids.new("pay")),
            booking_id=booking.id,
            event_id=booking.event_id,
            buyer_id=booking.buyer_id,
            gateway=self.gateways.taking(booking.price.currency).name,
            amount=booking.price,
            created_at=now,
            page_expires_at=booking.hold_expires_at,
            next_poll_at=now + POLL_PAUSES[0],
        )
        return booking.start_payment(payment.id, now), payment

    async def _start(self, work: Work, once: Once | None, now: datetime) -> Answer | None:
        """Mark the request as under way, or take over one that died there."""
        if once is None:
            return None
        found = await work.answers.find(once.id)
        if found is None:
            started = once.started(now)
            work.answers.add(started)
        else:
            if once.check(found, now):
                raise AnsweredAlready(once.id)
            started = evolve(found, lease_until=now + LEASE)
            work.answers.save(started)
        return evolve(started, version=started.version + 1)

    async def _open(self, intent: _Intent, *, embedded: bool) -> PaymentPage | EmbeddedOrder:
        payment = intent.payment
        order = PaymentOrder(
            payment_id=payment.id,
            amount=payment.amount,
            description=intent.description,
            buyer_email=intent.booking.buyer_email,
            return_url=self.return_url.replace("{booking_id}", intent.booking.id),
            expires_at=payment.page_expires_at,
        )
        gateway = self.gateways.named(payment.gateway)
        self.passing(Point.BEFORE_GATEWAY)
        try:
            opened = await (_embedding(gateway).open_order(order) if embedded else gateway.pages.open_page(order))
        except GatewayUnavailable as error:
            await retrying(lambda: self._unknown(payment.id))
            raise PaymentUnavailable("the payment provider did not answer: try again in a moment") from error
        except GatewayRefused as error:
            await retrying(lambda: self._failed(payment.id))
            raise PaymentRefused(f"the payment provider refused: {error}") from error
        self.passing(Point.AFTER_GATEWAY)
        return opened

    async def _submitted(self, payment_id: PaymentId, opened: PaymentPage | EmbeddedOrder) -> Payment:
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            if isinstance(opened, EmbeddedOrder):
                submitted = payment.embedded(opened.gateway_reference, opened.fields, self.clock.now())
            else:
                submitted = payment.submitted(opened.gateway_reference, opened.url, self.clock.now())
            work.payments.save(submitted)
            await work.commit()
        return evolve(submitted, version=submitted.version + 1)

    async def _unknown(self, payment_id: PaymentId) -> None:
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            work.payments.save(payment.unknown(self.clock.now()))
            await work.commit()

    async def _failed(self, payment_id: PaymentId) -> None:
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            booking = await work.bookings.get(payment.booking_id)
            work.payments.save(payment.failed(self.clock.now()))
            work.bookings.save(booking.payment_failed(payment_id))
            await work.commit()

    async def _settle(self, started: Answer | None, once: Once | None, payment: Payment | None) -> None:
        """Keep the answer; without one, let the request be made again at once."""
        if started is None:
            return
        async with self.begin() as work:
            if once is not None and payment is not None:
                answer = once.answer(payment, started.created_at)
                work.answers.save(evolve(answer, version=started.version))
            else:
                work.answers.delete(started)
            try:
                await work.commit()
            except StaleVersion:
                return  # Another took the request over after its lease: its answer counts.


def _embedding(gateway: Gateway) -> EmbeddedCheckout:
    if gateway.embedded is None:
        raise EmbeddingUnsupported(f"{gateway.name} is paid on a page of its own: ask for that")
    return gateway.embedded
