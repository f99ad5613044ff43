"""Our books against those of a provider that tells us nothing: a suite for each that keeps a list of its own."""

from datetime import timedelta
from typing import ClassVar, Protocol

import pytest

from application.ports.payment_gateway import PaymentPage
from domain.booking import Booking, BookingStatus
from domain.money import Money
from domain.payment import Payment
from domain.reconciliation import FindingKind, FindingStatus
from tests.contracts.dashboard import Dashboard
from tests.contracts.payment_gateway import Counterparty
from tests.support.planted_money import compare, findings
from tests.support.world import World


class Provider(Counterparty, Dashboard, Protocol):
    """Its buyers and its back office in one."""


def page_of(payment: Payment) -> PaymentPage:
    return PaymentPage(payment.gateway_reference, payment.page_url)


@pytest.mark.anyio
class UntoldMoney:
    """Fixtures of a subclass: world, booking, its payment, counterparty; none of its webhooks arrives."""

    currency: ClassVar[str]

    async def test_what_nobody_told_is_found_and_put_right(
        self, world: World, booking: Booking, payment: Payment, counterparty: Provider
    ) -> None:
        await counterparty.buyer_pays(page_of(payment))
        odd = await counterparty.takes_by_hand(Money(700, self.currency))
        world.clock.advance(timedelta(minutes=5))

        first = await compare(world)
        await world.settle()
        ours = (await world.deeds.payments.show(world.operator, payment.id)).payment
        charge = (await world.deeds.ask_about_payment(world.operator, payment.id)).charge
        assert charge is not None
        await counterparty.refunds_by_hand(charge, Money(1000, self.currency))
        world.clock.advance(timedelta(minutes=5))
        second = await compare(world)

        assert (first.is_finished, second.is_finished) == (True, True)
        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
        assert not ours.announced
        found = {(one.kind, one.subject): one.status for one in await findings(world)}
        assert found == {
            (FindingKind.NOT_CAPTURED_HERE, payment.id): FindingStatus.HEALED,
            (FindingKind.MONEY_WITHOUT_BOOKING, odd): FindingStatus.OPEN,
            (FindingKind.REFUND_DIFFERS, payment.id): FindingStatus.HEALED,
        }
        after = (await world.deeds.payments.show(world.operator, payment.id)).payment
        assert after.outside == Money(1000, self.currency)

    async def test_a_sound_sale_is_told_by_nobody(self, world: World, payment: Payment, counterparty: Provider) -> None:
        await counterparty.buyer_pays(page_of(payment))
        world.clock.advance(timedelta(minutes=5))
        await world.deeds.poll_gateways()
        await world.settle()
        world.clock.advance(timedelta(minutes=5))

        compared = await compare(world)

        assert (sum(day.matched for day in compared.days), await findings(world)) == (1, [])
