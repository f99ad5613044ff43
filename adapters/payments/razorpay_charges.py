"""Where a payment stands at Razorpay, pieced together from its link, its orders and the attempts to pay them."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from attrs import frozen

from adapters.payments.razorpay_answers import (
    DisputeAnswer,
    LinkAnswer,
    LinksAnswer,
    OrderAnswer,
    PaymentAnswer,
    RefundAnswer,
    standing,
)
from adapters.payments.razorpay_line import PAGES_MAX, Collection, NeverHeardOf, RazorpayLine
from application.ports.payment_gateway import Charge, ChargeState, GatewayRefused, GatewayUnavailable, Sought
from domain.ids import PaymentId
from domain.money import Money

T = TypeVar("T")

LINK: Final = "plink_"
ORDER: Final = "order_"
PAYMENT: Final = "pay_"
CLOCKS_DIFFER: Final = timedelta(hours=1)


@frozen
class Attempts:
    """All that buyers tried for one payment of ours."""

    gateway_reference: str
    amount: Money
    payments: tuple[PaymentAnswer, ...]
    is_over: bool = False

    @property
    def taken(self) -> PaymentAnswer | None:
        """The attempt that took money."""
        state, payment = standing(self.payments, is_over=self.is_over)
        return payment if state is ChargeState.CAPTURED else None


@frozen
class RazorpayCharges:
    """ChargeReader. Each of Razorpay's names for a payment will do, and ours alone will too."""

    line: RazorpayLine

    async def look_up(self, sought: Sought) -> Charge | None:
        attempts = await self.attempts(sought)
        if attempts is None:
            return None
        state, payment = standing(attempts.payments, is_over=attempts.is_over)
        if payment is None:
            return Charge(sought.payment_id, attempts.gateway_reference, state, attempts.amount)
        if state is not ChargeState.CAPTURED:
            return Charge(sought.payment_id, payment.id, state, payment.money)
        return Charge(
            payment_id=sought.payment_id,
            gateway_reference=payment.id,
            state=state,
            amount=payment.money,
            refunds=tuple(refund.received() for refund in await self.refunds(payment.id)),
            fee=payment.kept,
            disputed=await self._is_disputed(payment),
        )

    async def attempts(self, sought: Sought) -> Attempts | None:
        """What became of it; None if Razorpay never heard of it."""
        name = sought.gateway_reference
        _check_name(name)
        try:
            if name.startswith(PAYMENT):
                payment = await self.line.ask(PaymentAnswer, lambda client: client.payment.fetch(name))
                return Attempts(payment.id, payment.money, (payment,))
            if name.startswith(ORDER):
                order = await self.order(name)
                return await self._of_orders([_about(order, order.receipt, sought)])
            if name.startswith(LINK):
                link = await self.line.ask(LinkAnswer, lambda client: client.payment_link.fetch(name))
                return await self._of_link(_about(link, link.reference_id, sought), sought.payment_id)
        except NeverHeardOf:
            return None
        found = await self.link(sought.payment_id, sought.created_at)
        if found is not None:
            return await self._of_link(found, sought.payment_id)
        return await self._of_orders(await self.orders(sought.payment_id))

    async def link(self, payment_id: PaymentId, since: datetime) -> LinkAnswer | None:
        """The link that carries our reference; there is never more than one."""
        by_reference = {"reference_id": payment_id}
        found = await self.line.ask(LinksAnswer, lambda client: client.payment_link.all(by_reference))
        for link in found.payment_links:
            if link.reference_id == payment_id:
                return link
        # Strangers in the answer say that the list was not searched for our reference: then we search it.
        return await self._link_among_all(payment_id, since) if found.payment_links else None

    async def order(self, reference: str) -> OrderAnswer:
        """An order by its name at Razorpay; NeverHeardOf if there is none."""
        _check_name(reference)
        return await self.line.ask(OrderAnswer, lambda client: client.order.fetch(reference))

    async def orders(self, payment_id: PaymentId) -> list[OrderAnswer]:
        """The orders that carry our reference, the oldest first: Razorpay lets several do so."""

        def deed(client: Any, page: dict[str, int]) -> Any:
            return client.order.all({"receipt": payment_id, **page})

        found = [order async for order in self.line.every(OrderAnswer, deed) if order.receipt == payment_id]
        # The newest comes first in a list, which tells those of one second apart.
        found.reverse()
        return sorted(found, key=lambda order: order.created_at)

    async def refunds(self, reference: str) -> list[RefundAnswer]:
        """All refunds of a payment, by its name at Razorpay."""
        _check_name(reference)

        def deed(client: Any, page: dict[str, int]) -> Any:
            return client.payment.fetch_multiple_refund(reference, page)

        return [refund async for refund in self.line.every(RefundAnswer, deed)]

    async def disputes(self, payment: PaymentAnswer) -> list[DisputeAnswer]:
        """All disputes about a payment. The list knows no payment, but it knows how far back we need to look."""
        since = int((payment.at - CLOCKS_DIFFER).timestamp())

        def deed(client: Any, page: dict[str, int]) -> Any:
            return client.dispute.all({"from": since, **page})

        found = [dispute async for dispute in self.line.every(DisputeAnswer, deed)]
        return [dispute for dispute in found if dispute.payment_id == payment.id]

    async def _is_disputed(self, payment: PaymentAnswer) -> bool:
        # Razorpay opens this list not to every account; that must not hide what it says about the money.
        with suppress(GatewayRefused):
            return bool(await self.disputes(payment))
        return False

    async def _of_link(self, link: LinkAnswer, payment_id: PaymentId) -> Attempts:
        # A link names its order only once it has shown it to somebody; the order is named after ours all along.
        names = [link.order_id] if link.order_id else [order.id for order in await self.orders(payment_id)]
        payments = [payment for name in names for payment in await self._payments(name)]
        unseen = {paid.payment_id for paid in link.payments or ()} - {payment.id for payment in payments}
        payments += [await self.line.ask(PaymentAnswer, _fetching(name)) for name in sorted(unseen)]
        attempts = Attempts(link.id, link.money, tuple(payments), link.is_over)
        if link.status == "paid" and attempts.taken is None:
            raise GatewayUnavailable("Razorpay says that the link is paid, and does not show the payment yet")
        return attempts

    async def _of_orders(self, orders: list[OrderAnswer]) -> Attempts | None:
        if not orders:
            return None
        payments = [payment for order in orders for payment in await self._payments(order.id)]
        return Attempts(orders[0].id, orders[0].money, tuple(payments))

    async def _payments(self, order: str) -> tuple[PaymentAnswer, ...]:
        # All of them come at once: this list knows no pages.
        return (await self.line.ask(Collection[PaymentAnswer], lambda client: client.order.payments(order))).items

    async def _link_among_all(self, payment_id: PaymentId, since: datetime) -> LinkAnswer | None:
        start, size = int((since - CLOCKS_DIFFER).timestamp()), self.line.settings.page_size
        for number in range(PAGES_MAX):
            window = {"from": start, "count": size, "skip": number * size}
            page = (await self.line.ask(LinksAnswer, _listing(window))).payment_links
            for link in page:
                if link.reference_id == payment_id:
                    return link
            if len(page) < size:
                return None
        raise GatewayUnavailable("Razorpay's list of links does not end")


def _listing(window: dict[str, int]) -> Any:
    return lambda client: client.payment_link.all(window)


def _fetching(reference: str) -> Any:
    return lambda client: client.payment.fetch(reference)


def _check_name(name: str) -> None:
    # Razorpay's names are plain letters; anything else would change which address is asked.
    kind, _, rest = name.partition("_")
    if name and not (name.isascii() and kind.isalpha() and rest.isalnum()):
        raise GatewayRefused("that is no name of Razorpay's")


def _about(answer: T, reference: str | None, sought: Sought) -> T:
    if reference != sought.payment_id:
        raise GatewayUnavailable("Razorpay answered about another payment")
    return answer
