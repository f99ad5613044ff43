"""The main job with Stripe: a place is held, paid on its page, confirmed and given back, told by events or not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.payments.stripe_building import stripe
from adapters.settings import Settings
from application.gateways import Gateways, sought
from application.ports.payment_gateway import Charge, PaymentPage
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.booking import Booking, BookingStatus
from domain.dispute import DisputeStatus
from domain.money import Money
from domain.payment import Payment
from domain.refund import RefundStatus
from domain.ticket import TicketStatus
from tests.integration.stripe_stage import WEBHOOK_SECRET, StripeStage
from tests.support.fake_clock import FakeClock
from tests.support.stripe_standin.counterparty import StripeCounterparty
from tests.support.stripe_standin.courier import Endpoint
from tests.support.stripe_standin.server import API_KEY, StandIn
from tests.support.webhook_receiver import webhook_receiver
from tests.support.world import World


class PaidThroughStripe(StripeStage):
    """A whole installation that is paid through Stripe; no event comes unless a test delivers it."""

    @pytest.fixture
    async def world(self, stand_in: StandIn, tmp_path: Path) -> AsyncIterator[World]:
        settings = Settings(
            stripe_api_key=API_KEY, stripe_webhook_secrets=(WEBHOOK_SECRET,), stripe_api_base=stand_in.url
        )
        gateway = stripe(settings)
        yield World.of(tmp_path, clock=FakeClock(datetime.now(UTC)), gateways=Gateways({"stripe": gateway}))
        await gateway.pages.aclose()  # type: ignore[attr-defined]

    async def pays_for(self, world: World) -> tuple[Booking, Payment, PaymentPage]:
        event, buyer = await world.event(), await world.person(email="buyer@example.com")
        booking = await world.hold(buyer, event)
        payment = await world.start_payment(buyer, booking)
        return booking, payment, PaymentPage(payment.gateway_reference, payment.page_url)


@pytest.mark.anyio
class TestStory(PaidThroughStripe):
    async def events_arrive(self, world: World, stand_in: StandIn) -> None:
        """Deliver everything that Stripe has told since the start, twice and the last one first."""
        with webhook_receiver() as receiver:
            stand_in.courier.endpoint = Endpoint(receiver.url, WEBHOOK_SECRET)
            for told in [*reversed(stand_in.courier.events), *stand_in.courier.events]:
                stand_in.courier.send(told)
            stand_in.courier.flush()
            for one in receiver.delivered:
                await world.deeds.receive_notice("stripe", one.headers, one.body)
        stand_in.courier.endpoint = None
        await world.settle()

    async def refunds(self, world: World, booking: Booking) -> list[RefundStatus]:
        return [one.status for one in (await world.deeds.bookings.show(world.operator, booking.id)).refunds]

    async def truth(self, world: World, payment: Payment) -> Charge:
        charge = await world.container.gateways().named("stripe").charges.look_up(sought(payment))
        assert charge is not None
        return charge

    def given_back(self, stand_in: StandIn) -> list[int]:
        return [refund["amount"] for refund in stand_in.account.records.those("refund", status="succeeded")]

    async def test_events_in_any_order_confirm_once_and_a_cancellation_gives_the_money_back(
        self, world: World, stand_in: StandIn, counterparty: StripeCounterparty
    ) -> None:
        booking, _, page = await self.pays_for(world)

        await counterparty.buyer_pays(page)
        await self.events_arrive(world, stand_in)

        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
        assert len(await world.tickets(booking)) == 1
        await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "the buyer asked"))
        await world.settle()
        await self.events_arrive(world, stand_in)
        assert await self.refunds(world, booking) == [RefundStatus.SUCCEEDED]
        assert self.given_back(stand_in) == [2500]

    async def test_without_any_event_polling_is_enough(self, world: World, counterparty: StripeCounterparty) -> None:
        booking, _, page = await self.pays_for(world)
        await counterparty.buyer_pays(page)

        world.clock.advance(timedelta(minutes=3))
        await world.deeds.poll_gateways()
        await world.settle()

        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED

    async def test_a_disabled_endpoint_stops_no_sale_and_leaves_the_payment_unannounced(
        self, world: World, stand_in: StandIn, counterparty: StripeCounterparty
    ) -> None:
        booking, _, page = await self.pays_for(world)
        with webhook_receiver() as receiver:
            stand_in.courier.endpoint = Endpoint(receiver.url, WEBHOOK_SECRET, is_enabled=False)
            await counterparty.buyer_pays(page)
            stand_in.courier.flush()
            assert (stand_in.courier.events != [], receiver.delivered) == (True, [])
        assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT

        world.clock.advance(timedelta(minutes=3))
        await world.deeds.poll_gateways()
        await world.settle()

        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
        [payment] = (await world.deeds.bookings.show(world.operator, booking.id)).payments
        assert not payment.announced, "the doctor and the metrics count those"

    async def test_a_refund_that_stripe_fails_after_days_is_known_to_have_failed(
        self, world: World, stand_in: StandIn, counterparty: StripeCounterparty
    ) -> None:
        booking, payment, page = await self.pays_for(world)
        await counterparty.buyer_pays(page)
        await self.events_arrive(world, stand_in)
        await counterparty.refunds_go(pending_s=5 * 86_400, fail=True)
        await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "the hall burned down"))
        await world.settle()
        assert await self.refunds(world, booking) == [RefundStatus.PENDING]

        stand_in.pass_time(5 * 86_400 + 1)
        world.clock.advance(timedelta(days=5))
        await world.deeds.poll_gateways()
        await world.settle()

        (failed,) = (await world.deeds.bookings.show(world.operator, booking.id)).refunds
        assert (failed.status, bool(failed.failure)) == (RefundStatus.FAILED, True)
        assert (await self.truth(world, payment)).refunded == Money(0, "EUR")
        assert self.given_back(stand_in) == []

    async def test_the_page_is_closed_when_the_hold_ends_and_late_money_goes_back(
        self, world: World, stand_in: StandIn, counterparty: StripeCounterparty
    ) -> None:
        booking, payment, page = await self.pays_for(world)
        await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "the buyer asked"))
        await world.settle()
        session = stand_in.account.records.get("checkout.session", payment.gateway_reference)
        assert session["status"] == "expired"

        await counterparty.bank_captures_late(page)
        await self.events_arrive(world, stand_in)

        assert await self.refunds(world, booking) == [RefundStatus.SUCCEEDED]
        assert self.given_back(stand_in) == [2500]
        assert (await self.truth(world, payment)).refunded == Money(2500, "EUR")

    async def test_what_people_do_in_the_dashboard_and_what_buyers_contest_is_learned(
        self, world: World, stand_in: StandIn, counterparty: StripeCounterparty
    ) -> None:
        booking, payment, page = await self.pays_for(world)
        await counterparty.buyer_pays(page)
        await self.events_arrive(world, stand_in)
        charge = await self.truth(world, payment)

        await counterparty.refunds_by_hand(charge, Money(1000, "EUR"))
        await counterparty.opens_dispute(charge)
        await self.events_arrive(world, stand_in)  # Those about the dispute name Stripe's payment, and nothing of ours.

        assert await self.refunds(world, booking) == [RefundStatus.SUCCEEDED]
        [dispute] = (await world.deeds.money.disputes(world.operator, None, None, 10)).items
        assert (dispute.status, dispute.fee) == (DisputeStatus.OPEN, Money(1500, "EUR"))
        assert [ticket.status for ticket in await world.tickets(booking)] == [TicketStatus.BLOCKED]
        await counterparty.closes_dispute(charge, won=True)
        await self.events_arrive(world, stand_in)
        assert [ticket.status for ticket in await world.tickets(booking)] == [TicketStatus.VALID]
