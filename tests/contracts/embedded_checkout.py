"""What every checkout inside a page of ours promises, on whatever provider."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

import pytest
from attrs import evolve

from application.ports.payment_gateway import (
    ChargeState,
    EmbeddedCheckout,
    EmbeddedOrder,
    GatewayRefused,
    GatewayUnavailable,
    NoticeNotGenuine,
    PaymentOrder,
    Sought,
)
from domain.money import Money
from tests.contracts.notice_reader import flips
from tests.contracts.payment_gateway import PRICE, Collector, Counterparty, Fate, order, reaches, sought


class Script(Protocol):
    """The provider's own script in a page of ours, and the buyer before it."""

    async def buyer_pays_inside(self, order: EmbeddedOrder) -> Mapping[str, str]:
        """What the script then hands to the page."""


@pytest.mark.anyio
class EmbeddedCheckoutContract:
    """Fixtures of a subclass: gateway, embedded, impatient_embedded, counterparty, script."""

    adapter: ClassVar[str]
    signed_fields: ClassVar[Sequence[str]]
    """All fields of what the script hands over on which its signature depends, and the signature."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    async def test_an_order_waits_for_the_whole_amount(self, gateway: Collector, embedded: EmbeddedCheckout) -> None:
        asked = order()
        opened = await embedded.open_order(asked)

        charge = await gateway.look_up(sought(asked, opened.gateway_reference))

        assert charge is not None
        assert (charge.state, charge.amount) == (ChargeState.PENDING, PRICE)
        assert charge.gateway_reference == opened.gateway_reference
        assert await gateway.look_up(sought(asked)) == charge, "our reference alone finds it too"

    async def test_an_order_asked_again_is_the_same(self, embedded: EmbeddedCheckout) -> None:
        asked = order()

        assert await embedded.open_order(asked) == await embedded.open_order(asked)

    async def test_an_order_asked_many_times_at_once_is_one(self, embedded: EmbeddedCheckout) -> None:
        asked = order()

        opened = await asyncio.gather(*(embedded.open_order(asked) for _ in range(20)))

        assert len({one.gateway_reference for one in opened}) == 1

    async def test_a_payment_id_stands_for_one_order(self, embedded: EmbeddedCheckout) -> None:
        asked = order()
        await embedded.open_order(asked)

        with pytest.raises(GatewayRefused):
            await embedded.open_order(evolve(asked, amount=PRICE + Money(100, "INR")))

    async def test_a_buyer_who_pays_is_captured_and_the_return_is_genuine(
        self, gateway: Collector, embedded: EmbeddedCheckout, script: Script
    ) -> None:
        asked = order()
        opened = await embedded.open_order(asked)

        returned = await script.buyer_pays_inside(opened)

        embedded.check_return(sought(asked, opened.gateway_reference), returned)
        await reaches(gateway, asked, ChargeState.CAPTURED)
        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        embedded.check_return(sought(asked, charge.gateway_reference), returned)

    async def test_no_return_passes_that_was_changed(self, embedded: EmbeddedCheckout, script: Script) -> None:
        asked = order()
        opened = await embedded.open_order(asked)
        returned = await script.buyer_pays_inside(opened)
        ours = sought(asked, opened.gateway_reference)

        for name in self.signed_fields:
            assert _refuses(embedded, ours, {other: text for other, text in returned.items() if other != name})
            for flipped in flips(returned[name].encode()):
                assert _refuses(embedded, ours, {**returned, name: flipped.decode("latin-1")})
            for strange in ("", " ", "é", "\x00", "\udcff", "9" * 5000):
                assert _refuses(embedded, ours, {**returned, name: strange})
        assert _refuses(embedded, ours, {})

    async def test_the_return_of_another_payment_is_refused(self, embedded: EmbeddedCheckout, script: Script) -> None:
        mine, theirs = order(), order()
        opened = await embedded.open_order(mine)
        returned = await script.buyer_pays_inside(await embedded.open_order(theirs))

        assert _refuses(embedded, sought(mine, opened.gateway_reference), returned)
        assert _refuses(embedded, sought(mine), returned), "without its name nothing ties a return to a payment"

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_leaves_an_order_unknown_until_it_is_looked_up(
        self,
        *,
        gateway: Collector,
        embedded: EmbeddedCheckout,
        impatient_embedded: EmbeddedCheckout,
        counterparty: Counterparty,
        fate: Fate,
    ) -> None:
        asked: PaymentOrder = order()
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_embedded.open_order(asked)

        charge = await gateway.look_up(sought(asked))
        assert (charge is not None) is fate.is_done
        opened = await embedded.open_order(asked)
        assert charge is None or charge.gateway_reference == opened.gateway_reference


def _refuses(embedded: EmbeddedCheckout, ours: Sought, returned: Mapping[str, str]) -> bool:
    """Anything but NoticeNotGenuine is a crash, and fails the test."""
    try:
        embedded.check_return(ours, returned)
    except NoticeNotGenuine:
        return True
    return False
