"""A whole installation that is paid through Razorpay: its webhooks come as they really do, or not at all."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from adapters.payments.razorpay_building import on_line
from adapters.payments.razorpay_line import RazorpayLine, RazorpaySettings, open_line
from adapters.payments.razorpay_notices import RazorpayNotices
from application.access import Actor
from application.gateways import Gateways
from application.ports.payment_gateway import EmbeddedOrder, NoticeNotGenuine
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.booking import Booking, BookingStatus
from domain.payment import Payment, PaymentStatus
from domain.refund import RefundStatus
from tests.integration.razorpay_stage import RazorpayStage, line_settings
from tests.integration.untold_money import page_of
from tests.support.fake_clock import FakeClock
from tests.support.razorpay_counterparty import RazorpayCounterparty
from tests.support.razorpay_standin.server import WEBHOOK_SECRET, RazorpayStandin, running_razorpay
from tests.support.webhook_receiver import WebhookReceiver, webhook_receiver
from tests.support.world import World

pytestmark = pytest.mark.anyio
NEW_SECRET = "the-secret-after-the-change"


class PaidThroughRazorpay(RazorpayStage):
    @pytest.fixture
    def receiver(self) -> Iterator[WebhookReceiver]:
        with webhook_receiver() as receiver:
            yield receiver

    @pytest.fixture
    def standin(self, receiver: WebhookReceiver) -> Iterator[RazorpayStandin]:
        with running_razorpay(receiver.url) as standin:
            yield standin

    @pytest.fixture
    async def line(self, standin: RazorpayStandin) -> AsyncIterator[RazorpayLine]:
        settings = evolve(line_settings(standin), webhook_secrets=(NEW_SECRET, WEBHOOK_SECRET))
        line = open_line(settings)
        yield line
        await line.aclose()

    @pytest.fixture
    def world(self, tmp_path: Path, line: RazorpayLine) -> World:
        gateways = Gateways({"razorpay": on_line(line, frozenset({"INR"}))})
        return World.of(tmp_path, clock=FakeClock(datetime.now(UTC)), gateways=gateways)

    @pytest.fixture
    async def buyer(self, world: World) -> Actor:
        return await world.person()

    @pytest.fixture
    async def booking(self, world: World, buyer: Actor) -> Booking:
        return await world.hold(buyer, await world.event(currency="INR", capacity=2), 2)

    @pytest.fixture
    async def payment(self, world: World, buyer: Actor, booking: Booking) -> Payment:
        return await world.start_payment(buyer, booking)

    async def hears(self, world: World, receiver: WebhookReceiver) -> list[str]:
        """Our server takes what came, in its order, and works on it; the kinds of all that was genuine."""
        came, receiver.delivered = receiver.delivered, []
        for one in came:
            await world.deeds.receive_notice("razorpay", one.headers, one.body)
        await world.settle()
        return [RazorpayNotices(_settings(world)).read(one.headers, one.body, world.clock.now()).kind for one in came]


def _settings(world: World) -> RazorpaySettings:
    notices = world.deeds.receive_notice.gateways.named("razorpay").notices
    assert isinstance(notices, RazorpayNotices)
    return notices.settings


class TestWebhooks(PaidThroughRazorpay):
    @pytest.mark.parametrize("way", ["as they are", "twice", "last first"])
    async def test_a_buyer_who_pays_is_confirmed_once_however_the_notices_come(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
        way: str,
    ) -> None:
        standin.courier.copies = 2 if way == "twice" else 1
        standin.courier.hold_back = 4 if way == "last first" else 0

        await counterparty.buyer_pays(page_of(payment))
        kinds = await self.hears(world, receiver)

        told = {"payment.authorized", "payment.captured", "order.paid", "payment_link.paid"}
        assert (set(kinds), len(kinds)) == (told, 8 if way == "twice" else 4)
        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
        assert len(await world.tickets(booking)) == 2
        assert len(world.mailbox.to(booking.buyer_email)) == 1

    @pytest.mark.parametrize("way", ["dropped", "disabled"])
    async def test_without_any_notice_the_poll_finds_the_money(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
        way: str,
    ) -> None:
        standin.courier.drop = 100 if way == "dropped" else 0
        standin.courier.is_disabled = way == "disabled"
        await counterparty.buyer_pays(page_of(payment))
        assert await self.hears(world, receiver) == []
        assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT

        world.clock.advance(timedelta(minutes=3))
        await world.deeds.poll_gateways()
        await world.settle()

        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED

    async def test_a_message_of_before_the_change_of_the_secret_is_believed_while_the_old_one_is_listed(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
        line: RazorpayLine,
    ) -> None:
        receiver.always = 503
        await counterparty.buyer_pays(page_of(payment))
        receiver.delivered.clear()
        assert len(standin.courier.failed) == 4
        standin.courier.secret, receiver.always = NEW_SECRET, 200

        standin.courier.retry()

        old = receiver.delivered[0]
        only_new = RazorpayNotices(evolve(line.settings, webhook_secrets=(NEW_SECRET,)))
        with pytest.raises(NoticeNotGenuine):
            only_new.read(old.headers, old.body, world.clock.now())
        assert len(await self.hears(world, receiver)) == 4
        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED


class TestMoney(PaidThroughRazorpay):
    async def test_money_that_comes_after_the_places_went_goes_back_by_itself(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
    ) -> None:
        await counterparty.buyer_goes_to_the_bank(page_of(payment))
        world.clock.advance(timedelta(minutes=20))
        await world.deeds.jobs.run_once()
        await world.settle()
        assert standin.bank.links[payment.gateway_reference].status == "cancelled"
        event = await world.deeds.events.show(world.operator, booking.event_id)
        await world.hold(await world.person(), event.event, 2)

        await counterparty.bank_answers(page_of(payment), approves=True)
        await self.hears(world, receiver)

        ended = await world.deeds.bookings.show(world.operator, booking.id)
        assert ended.booking.status is BookingStatus.EXPIRED
        assert [refund.status for refund in ended.refunds] == [RefundStatus.SUCCEEDED]
        (returned,) = standin.bank.refunds.values()
        assert (returned.amount, returned.receipt) == (payment.amount.amount_minor, ended.refunds[0].id)

    async def test_money_that_a_bank_set_aside_late_is_taken(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
    ) -> None:
        await counterparty.buyer_is_declined(page_of(payment))
        await self.hears(world, receiver)
        standin.bank.captures = False

        await counterparty.bank_captures_late(page_of(payment))
        await self.hears(world, receiver)

        full = await world.deeds.bookings.show(world.operator, booking.id)
        assert full.payments[0].status is PaymentStatus.CAPTURED
        assert full.booking.status is BookingStatus.CONFIRMED
        assert {one.status for one in standin.bank.payments.values()} == {"captured"}

    async def test_a_refund_that_fails_after_days_is_known_to_have_failed(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
    ) -> None:
        await counterparty.buyer_pays(page_of(payment))
        await self.hears(world, receiver)
        await counterparty.refunds_go(pending_s=5 * 86_400, fail=True)
        await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "the hall burned down"))
        await world.settle()
        waiting = (await world.deeds.bookings.show(world.operator, booking.id)).refunds
        assert [refund.status for refund in waiting] == [RefundStatus.PENDING]
        await self.hears(world, receiver)

        standin.passes(5 * 86_400 + 1)
        world.clock.advance(timedelta(days=5))
        assert await self.hears(world, receiver) == ["refund.failed"]

        (failed,) = (await world.deeds.bookings.show(world.operator, booking.id)).refunds
        assert (failed.status, bool(failed.failure)) == (RefundStatus.FAILED, True)

    async def test_what_people_do_at_the_dashboard_reaches_our_books(
        self,
        *,
        world: World,
        booking: Booking,
        payment: Payment,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
    ) -> None:
        await counterparty.buyer_pays(page_of(payment))
        await self.hears(world, receiver)
        (taken,) = standin.bank.payments.values()
        with standin.lock:
            standin.bank.refund(taken.id, {"amount": 500})
            standin.bank.dispute(taken.id)

        kinds = await self.hears(world, receiver)

        assert kinds == ["refund.created", "refund.processed", "payment.dispute.created"]
        full = await world.deeds.bookings.show(world.operator, booking.id)
        assert [refund.amount.amount_minor for refund in full.refunds] == [500]
        assert full.payments[0].disputed


class TestInsideAPageOfOurs(PaidThroughRazorpay):
    async def test_a_buyer_who_pays_inside_is_confirmed_when_the_script_returns(
        self,
        *,
        world: World,
        buyer: Actor,
        booking: Booking,
        counterparty: RazorpayCounterparty,
        standin: RazorpayStandin,
        receiver: WebhookReceiver,
    ) -> None:
        payment = await world.deeds.start_payment(buyer, booking.id, embedded=True)
        opened = EmbeddedOrder(payment.gateway_reference, dict(payment.checkout))
        assert dict(payment.checkout)["order_id"] == payment.gateway_reference
        returned = await counterparty.buyer_pays_inside(opened)

        with pytest.raises(NoticeNotGenuine):
            await world.deeds.return_from_checkout(buyer, booking.id, {**returned, "razorpay_signature": "0" * 64})
        assert (await world.booking(booking)).status is BookingStatus.AWAITING_PAYMENT
        paid = await world.deeds.return_from_checkout(buyer, booking.id, returned)

        assert paid.status is PaymentStatus.CAPTURED
        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
        kinds = await self.hears(world, receiver)
        assert kinds == ["payment.authorized", "payment.captured", "order.paid"]
        assert len(standin.bank.orders) == len(standin.bank.payments) == 1

    async def test_a_buyer_who_pays_inside_and_closes_the_page_is_found_by_the_orders_receipt(
        self,
        *,
        world: World,
        buyer: Actor,
        booking: Booking,
        counterparty: RazorpayCounterparty,
        receiver: WebhookReceiver,
    ) -> None:
        payment = await world.deeds.start_payment(buyer, booking.id, embedded=True)
        await counterparty.buyer_pays_inside(EmbeddedOrder(payment.gateway_reference, {}))

        await self.hears(world, receiver)

        assert (await world.booking(booking)).status is BookingStatus.CONFIRMED
