"""Our books against those of Razorpay, over the vendor's own client and a real socket, with every webhook lost."""

from datetime import timedelta

import pytest

from domain.booking import Booking, BookingStatus
from domain.money import Money
from domain.payment import Payment
from domain.reconciliation import FindingKind, FindingStatus
from tests.integration.test_razorpay_story import PaidThroughRazorpay, page_of
from tests.support.planted_money import compare, findings
from tests.support.razorpay_counterparty import RazorpayCounterparty
from tests.support.world import World

pytestmark = pytest.mark.anyio


class TestBooks(PaidThroughRazorpay):
    async def test_what_no_webhook_told_is_found_and_put_right(
        self, world: World, booking: Booking, payment: Payment, counterparty: RazorpayCounterparty
    ) -> None:
        await counterparty.buyer_pays(page_of(payment))
        odd = await counterparty.takes_by_hand(Money(700, "INR"))
        world.clock.advance(timedelta(minutes=5))

        first = await compare(world)
        await world.settle()
        ours = (await world.deeds.payments.show(world.operator, payment.id)).payment
        [charge] = [await world.deeds.ask_about_payment(world.operator, payment.id)]
        assert charge.charge is not None
        await counterparty.refunds_by_hand(charge.charge, Money(100, "INR"))
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
        assert after.outside == Money(100, "INR")

    async def test_a_sound_sale_is_told_by_nobody(
        self, world: World, payment: Payment, counterparty: RazorpayCounterparty
    ) -> None:
        await counterparty.buyer_pays(page_of(payment))
        world.clock.advance(timedelta(minutes=5))
        await world.deeds.poll_gateways()
        await world.settle()
        world.clock.advance(timedelta(minutes=5))

        compared = await compare(world)

        assert (sum(day.matched for day in compared.days), await findings(world)) == (1, [])
