"""What every capturer promises, on whatever provider that sets money aside first."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

import pytest
from attrs import evolve

from application.ports.payment_gateway import (
    Capturer,
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    PaymentPage,
    Sought,
)
from domain.money import Money
from tests.contracts.payment_gateway import PRICE, Collector, Counterparty, Fate, order, reaches, sought


class SettingAside(Counterparty, Protocol):
    """A provider that can leave money at the buyer's bank."""

    async def buyer_leaves_it_authorised(self, page: PaymentPage) -> None:
        """The bank says yes, and nobody takes the money yet."""


@pytest.mark.anyio
class CapturerContract:
    """Fixtures of a subclass: gateway, capturer, impatient_capturer, counterparty."""

    adapter: ClassVar[str]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def set_aside(self, gateway: Collector, counterparty: SettingAside) -> Charge:
        """A payment of PRICE that waits to be captured."""
        asked = order()
        await counterparty.buyer_leaves_it_authorised(await gateway.open_page(asked))
        await reaches(gateway, asked, ChargeState.AUTHORISED)
        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        return charge

    async def test_money_that_is_set_aside_is_not_there_yet(self, set_aside: Charge) -> None:
        assert (set_aside.state, set_aside.amount) == (ChargeState.AUTHORISED, PRICE)

    async def test_capture_takes_the_whole(self, gateway: Collector, capturer: Capturer, set_aside: Charge) -> None:
        taken = await capturer.capture(_of(set_aside))

        assert (taken.state, taken.amount) == (ChargeState.CAPTURED, PRICE)
        assert await gateway.look_up(_of(set_aside)) == taken

    async def test_our_reference_alone_is_enough(self, capturer: Capturer, set_aside: Charge) -> None:
        taken = await capturer.capture(evolve(_of(set_aside), gateway_reference=""))

        assert taken.state is ChargeState.CAPTURED

    async def test_money_taken_already_is_no_error(self, capturer: Capturer, set_aside: Charge) -> None:
        assert await capturer.capture(_of(set_aside)) == await capturer.capture(_of(set_aside))

    async def test_many_captures_at_once_take_it_once(
        self, gateway: Collector, capturer: Capturer, set_aside: Charge
    ) -> None:
        taken = await asyncio.gather(*(capturer.capture(_of(set_aside)) for _ in range(10)))

        assert {charge.state for charge in taken} == {ChargeState.CAPTURED}
        charge = await gateway.look_up(_of(set_aside))
        assert charge is not None
        assert charge.amount == PRICE

    async def test_what_nobody_set_aside_is_refused(self, gateway: Collector, capturer: Capturer) -> None:
        waiting = order()
        page = await gateway.open_page(waiting)

        for asked in (sought(waiting, page.gateway_reference), sought(order())):
            with pytest.raises(GatewayRefused):
                await capturer.capture(asked)

    async def test_another_amount_than_was_set_aside_is_refused(
        self, gateway: Collector, capturer: Capturer, set_aside: Charge
    ) -> None:
        with pytest.raises(GatewayRefused):
            await capturer.capture(evolve(_of(set_aside), amount=PRICE + Money(1, "INR")))

        charge = await gateway.look_up(_of(set_aside))
        assert charge is not None
        assert charge.state is ChargeState.AUTHORISED

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_leaves_a_capture_unknown_until_it_is_looked_up(
        self,
        *,
        gateway: Collector,
        capturer: Capturer,
        impatient_capturer: Capturer,
        counterparty: SettingAside,
        set_aside: Charge,
        fate: Fate,
    ) -> None:
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_capturer.capture(_of(set_aside))

        charge = await gateway.look_up(_of(set_aside))
        assert charge is not None
        assert charge.state is (ChargeState.CAPTURED if fate.is_done else ChargeState.AUTHORISED)
        assert (await capturer.capture(_of(set_aside))).state is ChargeState.CAPTURED


def _of(charge: Charge) -> Sought:
    ordered_at = datetime.now(UTC) - timedelta(seconds=30)
    return Sought(charge.payment_id, charge.gateway_reference, PRICE, ordered_at)
