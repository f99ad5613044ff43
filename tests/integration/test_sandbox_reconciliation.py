"""Our books against those of the sandbox, in a process of its own, with every webhook lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from adapters.payments.sandbox_gateway import SandboxGateway
from application.gateways import Gateway, Gateways
from application.ports.payment_gateway import PaymentPage
from domain.booking import BookingStatus
from domain.money import Money
from domain.payment import Payment
from domain.reconciliation import FindingKind, FindingStatus
from tests.contracts.payment_gateway import order
from tests.integration.sandbox_stage import SandboxStage
from tests.support.fake_clock import FakeClock
from tests.support.planted_money import compare, findings
from tests.support.sandbox_counterparty import SandboxCounterparty
from tests.support.world import World

pytestmark = pytest.mark.anyio


def paid_through(gateway: SandboxGateway, folder: Path) -> World:
    known = Gateway(
        "sandbox", pages=gateway, charges=gateway, notices=gateway, refunds=gateway, closer=gateway, statements=gateway
    )
    return World.of(folder, clock=FakeClock(datetime.now(UTC)), gateways=Gateways({"sandbox": known}))


class TestBooks(SandboxStage):
    async def test_what_no_webhook_told_is_found_and_the_rest_agrees(
        self, gateway: SandboxGateway, counterparty: SandboxCounterparty, tmp_path: Path
    ) -> None:
        world = paid_through(gateway, tmp_path)
        buyer, event = await world.person(), await world.event()

        async def paid() -> Payment:
            payment = await world.start_payment(buyer, await world.hold(buyer, event))
            await counterparty.buyer_pays(PaymentPage(payment.gateway_reference, payment.page_url))
            return payment

        known, left = await paid(), await world.start_payment(buyer, await world.hold(buyer, event))
        world.clock.advance(timedelta(minutes=3))
        await world.deeds.poll_gateways()
        await world.settle()
        unheard = await paid()
        foreign = await gateway.open_page(order())
        await counterparty.buyer_pays(foreign)
        world.clock.advance(timedelta(minutes=5))

        compared = await compare(world)

        found = {(one.kind, one.subject): one.status for one in await findings(world)}
        assert compared.is_finished
        assert sum(day.matched for day in compared.days) == 1
        assert found == {
            (FindingKind.NOT_CAPTURED_HERE, unheard.id): FindingStatus.HEALED,
            (FindingKind.MONEY_WITHOUT_BOOKING, foreign.gateway_reference): FindingStatus.OPEN,
        }
        for payment, status in ((known, BookingStatus.CONFIRMED), (unheard, BookingStatus.CONFIRMED)):
            assert (await world.deeds.bookings.show(buyer, payment.booking_id)).booking.status is status
        assert (await world.deeds.payments.show(world.operator, left.id)).payment.remaining == Money(0, "EUR")

    async def test_a_sandbox_that_is_gone_leaves_the_day_unfinished(
        self, gateway: SandboxGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = paid_through(gateway, tmp_path)

        def gone(*_: object, **__: object) -> None:
            raise httpx.ConnectError("nobody there")

        monkeypatch.setattr(httpx.AsyncClient, "stream", gone)
        compared = await compare(world, days=1)

        assert not compared.is_finished
        assert "did not answer" in compared.days[0].trouble
