from collections.abc import Mapping

from attrs import frozen

from application.access import Actor
from application.errors import NotFound, PaymentUnavailable
from application.gateways import Gateways, sought
from application.ports.payment_gateway import GatewayUnavailable
from application.use_cases.learn_payment import LearnPayment
from application.work import Begin
from domain.payment import Payment


@frozen
class ReturnFromCheckout:
    """A buyer has paid inside a page of ours, and the gateway's script says so with a signature.

    The signature lets us ask at once; what counts is what the gateway answers. NoticeNotGenuine if it does not hold.
    """

    begin: Begin
    gateways: Gateways
    learn_payment: LearnPayment

    async def __call__(self, actor: Actor, booking_id: str, fields: Mapping[str, str]) -> Payment:
        work = self.begin()
        booking = await work.bookings.get(booking_id)
        if not actor.is_buyer_of(booking):
            actor.check_buyer()
            raise NotFound("no such booking")
        payment = await work.payments.find(booking.payment_id) if booking.payment_id else None
        if payment is None or not payment.checkout:
            raise NotFound("nothing is paid inside our page for this booking")
        embedded = self.gateways.named(payment.gateway).embedded
        assert embedded is not None, "it made what the page was given"
        embedded.check_return(sought(payment), fields)
        try:
            return (await self.learn_payment(payment)).payment
        except GatewayUnavailable as error:
            raise PaymentUnavailable("the payment provider does not answer: your tickets come when it does") from error
