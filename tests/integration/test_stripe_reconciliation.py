"""Our books against those of Stripe, over the vendor's own client and a real socket, with every event lost."""

from datetime import timedelta

import pytest

from application.ports.payment_gateway import PaymentPage
from domain.booking import Booking, BookingStatus
from domain.money import Money
from domain.payment import Payment
from domain.reconciliation import FindingKind, FindingStatus
from tests.integration.test_stripe_story import PaidThroughStripe
from tests.support.planted_money import compare, findings
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.world import World

pytestmark = pytest.mark.anyio


class TestBooks(PaidThroughStripe):
    @pytest.fixture
    async def sold(self, world: World) -> tuple[Booking, Payment, PaymentPage]:
        return await self.pays_for(world)

    async def test_what_no_event_told_is_found_and_put_right(
        self, world: World, sold: tuple[Booking, Payment, PaymentPage], counterparty: StripeCounterparty
    ) -> None:
        booking, payment, page = sold
        await counterparty.buyer_pays(page)
        odd = await counterparty.takes_by_hand(Money(700, "EUR"))
        world.clock.advance(timedelta(minutes=5))

        first = await compare(world)
        await world.settle()
        ours = (await world.deeds.payments.show(world.operator, payment.id)).payment
        charge = (await world.deeds.ask_about_payment(world.operator, payment.id)).charge
        assert charge is not None
        await counterparty.refunds_by_hand(charge, Money(1000, "EUR"))
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
        assert after.outside == Money(1000, "EUR")

    async def test_a_sound_sale_is_told_by_nobody(
        self, world: World, sold: tuple[Booking, Payment, PaymentPage], counterparty: StripeCounterparty
    ) -> None:
        _, _, page = sold
        await counterparty.buyer_pays(page)
        world.clock.advance(timedelta(minutes=5))
        await world.deeds.poll_gateways()
        await world.settle()
        world.clock.advance(timedelta(minutes=5))

        compared = await compare(world)

        assert (sum(day.matched for day in compared.days), await findings(world)) == (1, [])
