from attrs import frozen

from application.access import Actor
from application.use_cases.learn_payment import Learned, LearnPayment
from application.work import Begin
from domain.account import Role


@frozen
class AskAboutPayment:
    """An administrator asks the gateway about one payment now, whether or not it is time."""

    begin: Begin
    learn_payment: LearnPayment

    async def __call__(self, actor: Actor, payment_id: str) -> Learned:
        """What it said, and where ours then stands. GatewayUnavailable or GatewayRefused if it says nothing."""
        actor.check(Role.ADMIN)
        async with self.begin() as work:
            payment = await work.payments.get(payment_id)
            work.audit(actor, "payment.ask", payment.id)
            await work.commit()
        return await self.learn_payment(payment)
