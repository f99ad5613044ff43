"""What every sender of refunds promises, on whatever provider."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from attrs import evolve

from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    RefundOrder,
    RefundReceipt,
    RefundSender,
    RefundState,
    Sought,
)
from domain.ids import RefundId, make_id
from domain.money import Money
from tests.contracts.payment_gateway import PRICE, Collector, Counterparty, Fate, order, reaches, sought
from tests.support.polling import eventually


def refund_of(charge: Charge, amount: Money = PRICE) -> RefundOrder:
    """A refund that nobody asked for before."""
    refund_id = RefundId(make_id("ref", secrets.token_bytes(16)))
    return RefundOrder(refund_id, charge.payment_id, charge.gateway_reference, amount)


async def ends(sender: RefundSender, order: RefundOrder, state: RefundState) -> RefundReceipt:
    """Wait until the refund stands so."""
    receipt = await eventually(
        lambda: sender.look_up_refund(order), lambda found: found is not None and found.state is state
    )
    assert receipt is not None
    return receipt


def sought_again(charge: Charge) -> Sought:
    """How it is asked about a charge that we know."""
    ordered_at = datetime.now(UTC) - timedelta(seconds=30)
    return Sought(charge.payment_id, charge.gateway_reference, charge.amount, ordered_at)


async def refunded(gateway: Collector, charge: Charge) -> Money:
    found = await gateway.look_up(sought_again(charge))
    assert found is not None
    return found.refunded


@pytest.mark.anyio
class RefundSenderContract:
    """Fixtures of a subclass: gateway, sender, impatient_sender, counterparty."""

    adapter: ClassVar[str]
    least: ClassVar[Money] = Money(10, "INR")
    """A small part of PRICE, but not less than the provider gives back."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def charge(self, gateway: Collector, counterparty: Counterparty) -> Charge:
        """A captured payment of PRICE."""
        asked = order()
        await counterparty.buyer_pays(await gateway.open_page(asked))
        await reaches(gateway, asked, ChargeState.CAPTURED)
        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        return charge

    async def test_a_full_refund_gives_everything_back(
        self, gateway: Collector, sender: RefundSender, charge: Charge
    ) -> None:
        asked = refund_of(charge)

        await sender.refund(asked)

        receipt = await ends(sender, asked, RefundState.SUCCEEDED)
        assert (receipt.amount, await refunded(gateway, charge)) == (PRICE, PRICE)

    async def test_a_refund_asked_again_is_the_same_refund(
        self, gateway: Collector, sender: RefundSender, charge: Charge
    ) -> None:
        asked = refund_of(charge, Money(500, "INR"))

        first = await sender.refund(asked)
        again = await sender.refund(asked)

        assert first.gateway_reference == again.gateway_reference
        await ends(sender, asked, RefundState.SUCCEEDED)
        assert await refunded(gateway, charge) == Money(500, "INR")

    async def test_fifty_requests_at_once_are_one_refund(
        self, gateway: Collector, sender: RefundSender, charge: Charge
    ) -> None:
        asked = refund_of(charge, self.least)

        receipts = await asyncio.gather(*(sender.refund(asked) for _ in range(50)))

        assert len({receipt.gateway_reference for receipt in receipts}) == 1
        await ends(sender, asked, RefundState.SUCCEEDED)
        assert await refunded(gateway, charge) == self.least

    async def test_a_refund_id_stands_for_one_refund(self, sender: RefundSender, charge: Charge) -> None:
        asked = refund_of(charge, Money(500, "INR"))
        await sender.refund(asked)

        with pytest.raises(GatewayRefused):
            await sender.refund(evolve(asked, amount=Money(501, "INR")))

    async def test_parts_never_exceed_the_whole(self, gateway: Collector, sender: RefundSender, charge: Charge) -> None:
        await sender.refund(refund_of(charge, Money(1000, "INR")))

        with pytest.raises(GatewayRefused):
            await sender.refund(refund_of(charge, Money(501, "INR")))
        last = refund_of(charge, Money(500, "INR"))
        await sender.refund(last)

        await ends(sender, last, RefundState.SUCCEEDED)
        assert await refunded(gateway, charge) == PRICE

    async def test_parts_asked_for_at_once_never_exceed_the_whole(
        self, gateway: Collector, sender: RefundSender, charge: Charge
    ) -> None:
        asked = [refund_of(charge, Money(400, "INR")) for _ in range(10)]

        outcomes = await asyncio.gather(*(sender.refund(one) for one in asked), return_exceptions=True)

        assert sum(isinstance(outcome, GatewayRefused) for outcome in outcomes) == 7
        for one, outcome in zip(asked, outcomes, strict=True):
            if isinstance(outcome, RefundReceipt):
                await ends(sender, one, RefundState.SUCCEEDED)
        assert await refunded(gateway, charge) == Money(1200, "INR")

    async def test_what_was_never_captured_is_not_given_back(self, gateway: Collector, sender: RefundSender) -> None:
        asked = order()
        await gateway.open_page(asked)
        charge = await gateway.look_up(sought(asked))
        assert charge is not None

        with pytest.raises(GatewayRefused):
            await sender.refund(refund_of(charge))

    async def test_a_pending_refund_counts_and_succeeds_later(
        self, sender: RefundSender, counterparty: Counterparty, charge: Charge
    ) -> None:
        asked = refund_of(charge)
        await counterparty.refunds_go(pending_s=0.5)

        receipt = await sender.refund(asked)

        assert receipt.state is RefundState.PENDING
        with pytest.raises(GatewayRefused):
            await sender.refund(refund_of(charge, Money(1, "INR")))
        await ends(sender, asked, RefundState.SUCCEEDED)

    async def test_a_failed_refund_says_why_and_frees_its_amount(
        self, gateway: Collector, sender: RefundSender, counterparty: Counterparty, charge: Charge
    ) -> None:
        asked = refund_of(charge)
        await counterparty.refunds_go(pending_s=0.1, fail=True)
        await sender.refund(asked)

        receipt = await ends(sender, asked, RefundState.FAILED)

        assert receipt.reason
        assert await refunded(gateway, charge) == Money.zero("INR")
        await counterparty.refunds_go()
        second = refund_of(charge)
        await sender.refund(second)
        await ends(sender, second, RefundState.SUCCEEDED)

    async def test_a_refund_that_it_never_heard_of_is_none(self, sender: RefundSender, charge: Charge) -> None:
        assert await sender.look_up_refund(refund_of(charge)) is None

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_leaves_a_refund_unknown_until_it_is_looked_up(
        self,
        *,
        gateway: Collector,
        sender: RefundSender,
        impatient_sender: RefundSender,
        counterparty: Counterparty,
        charge: Charge,
        fate: Fate,
    ) -> None:
        asked = refund_of(charge, Money(700, "INR"))
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_sender.refund(asked)

        assert (await sender.look_up_refund(asked) is not None) is fate.is_done
        await sender.refund(asked)
        await ends(sender, asked, RefundState.SUCCEEDED)
        assert await refunded(gateway, charge) == Money(700, "INR")
