"""What every payment gateway promises, on whatever provider. A subclass gives the gateway and its counterparty."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

import pytest
from attrs import evolve

from application.ports.payment_gateway import (
    ChargeReader,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    PageCloser,
    PaymentGateway,
    PaymentOrder,
    PaymentPage,
    Sought,
)
from domain.ids import PaymentId, make_id
from domain.money import Money
from tests.support.polling import eventually

PRICE = Money(1500, "INR")


class Fate(StrEnum):
    """What befalls the next call. `done`: the provider did it all the same, and only the answer was lost."""

    TIMES_OUT = "times_out"
    TIMES_OUT_DONE = "times_out_done"
    FAILS = "fails"
    FAILS_DONE = "fails_done"
    IS_THROTTLED = "is_throttled"
    ANSWERS_NONSENSE_DONE = "answers_nonsense_done"

    @property
    def is_done(self) -> bool:
        return self.value.endswith("_done")


class Counterparty(Protocol):
    """The provider's side: buyers at its page, and its bad days."""

    async def buyer_pays(self, page: PaymentPage) -> None: ...

    async def buyer_is_declined(self, page: PaymentPage) -> None: ...

    async def buyer_goes_to_the_bank(self, page: PaymentPage) -> None:
        """The 3-D Secure step begins, and nobody has answered yet."""

    async def bank_answers(self, page: PaymentPage, *, approves: bool) -> None: ...

    async def bank_captures_late(self, page: PaymentPage) -> None:
        """The page is over, and the money is taken all the same, a moment later."""

    async def next_call(self, fate: Fate) -> None: ...

    async def refunds_go(self, *, pending_s: float = 0.0, fail: bool = False) -> None:
        """How refunds asked for from now on end."""


def order(amount: Money = PRICE, *, lives_s: float = 900) -> PaymentOrder:
    """An order that nobody placed before."""
    expires_at = datetime.now(UTC) + timedelta(seconds=lives_s)
    return PaymentOrder(
        payment_id=PaymentId(make_id("pay", secrets.token_bytes(16))),
        amount=amount,
        description="2 tickets, “Stehplätze” 🎫",
        buyer_email="buyer@example.org",
        return_url="http://127.0.0.1:9/bookings/1?paid=maybe",
        expires_at=expires_at,
    )


class Collector(PaymentGateway, ChargeReader, Protocol):
    """A gateway that opens pages and knows what became of them."""


def sought(order: PaymentOrder, gateway_reference: str = "") -> Sought:
    """How it is asked about what was ordered a moment ago, by our reference alone unless its own is known."""
    return Sought(order.payment_id, gateway_reference, order.amount, datetime.now(UTC) - timedelta(seconds=30))


async def reaches(gateway: Collector, order: PaymentOrder, state: ChargeState) -> None:
    """Wait until the gateway says so."""
    await eventually(
        lambda: gateway.look_up(sought(order)), lambda charge: charge is not None and charge.state is state
    )


@pytest.mark.anyio
class PaymentGatewayContract:
    """Fixtures of a subclass: gateway, impatient_gateway (gives up after a fraction of a second), counterparty."""

    adapter: ClassVar[str]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    async def test_it_is_known_by_its_name(self, gateway: Collector) -> None:
        assert gateway.name == self.adapter

    async def test_a_payment_that_it_never_heard_of_is_none(self, gateway: Collector) -> None:
        assert await gateway.look_up(sought(order())) is None

    @pytest.mark.parametrize("amount", [PRICE, Money(50, "EUR"), Money(700, "JPY"), Money(1230, "KWD")], ids=str)
    async def test_an_open_page_waits_for_the_whole_amount(self, gateway: Collector, amount: Money) -> None:
        asked = order(amount)
        page = await gateway.open_page(asked)

        charge = await gateway.look_up(sought(asked))

        assert charge is not None
        assert (charge.state, charge.amount) == (ChargeState.PENDING, amount)
        assert charge.refunded == Money.zero(amount.currency)
        assert charge.gateway_reference == page.gateway_reference

    async def test_an_order_asked_again_gets_the_same_page(self, gateway: Collector) -> None:
        asked = order()

        assert await gateway.open_page(asked) == await gateway.open_page(asked)

    async def test_an_order_asked_many_times_at_once_gets_one_page(self, gateway: Collector) -> None:
        asked = order()

        pages = await asyncio.gather(*(gateway.open_page(asked) for _ in range(20)))

        assert len(set(pages)) == 1

    async def test_a_payment_id_stands_for_one_order(self, gateway: Collector) -> None:
        asked = order()
        await gateway.open_page(asked)

        with pytest.raises(GatewayRefused):
            await gateway.open_page(evolve(asked, amount=Money(1, "INR")))

    async def test_a_buyer_who_pays_is_captured(self, gateway: Collector, counterparty: Counterparty) -> None:
        asked = order()

        await counterparty.buyer_pays(await gateway.open_page(asked))

        await reaches(gateway, asked, ChargeState.CAPTURED)

    async def test_a_declined_buyer_is_failed(self, gateway: Collector, counterparty: Counterparty) -> None:
        asked = order()

        await counterparty.buyer_is_declined(await gateway.open_page(asked))

        await reaches(gateway, asked, ChargeState.FAILED)

    @pytest.mark.parametrize(("approves", "end"), [(True, ChargeState.CAPTURED), (False, ChargeState.FAILED)])
    async def test_the_bank_has_the_last_word(
        self, gateway: Collector, counterparty: Counterparty, *, approves: bool, end: ChargeState
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_goes_to_the_bank(page)
        await reaches(gateway, asked, ChargeState.REQUIRES_ACTION)

        await counterparty.bank_answers(page, approves=approves)

        await reaches(gateway, asked, end)

    async def test_a_failed_payment_may_be_captured_after_all(
        self, gateway: Collector, counterparty: Counterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await counterparty.buyer_is_declined(page)
        await reaches(gateway, asked, ChargeState.FAILED)

        await counterparty.bank_captures_late(page)

        await reaches(gateway, asked, ChargeState.CAPTURED)

    def lives_out(self, counterparty: Counterparty) -> None:
        """Let the time pass that a page lives. Nothing to do, unless the provider's pages live longer than a test."""

    async def test_a_page_ends_at_its_time(self, gateway: Collector, counterparty: Counterparty) -> None:
        asked = order(lives_s=0.5)
        await gateway.open_page(asked)

        self.lives_out(counterparty)

        await reaches(gateway, asked, ChargeState.FAILED)

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_leaves_a_page_unknown_until_it_is_looked_up(
        self, gateway: Collector, impatient_gateway: Collector, counterparty: Counterparty, fate: Fate
    ) -> None:
        asked = order()
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_gateway.open_page(asked)

        charge = await gateway.look_up(sought(asked))
        assert (charge is not None) is fate.is_done
        page = await gateway.open_page(asked)
        assert charge is None or charge.gateway_reference == page.gateway_reference

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_never_reads_as_never_heard_of(
        self, gateway: Collector, impatient_gateway: Collector, counterparty: Counterparty, fate: Fate
    ) -> None:
        asked = order()
        await gateway.open_page(asked)
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_gateway.look_up(sought(asked))


@pytest.mark.anyio
class PageCloserContract:
    """Fixtures of a subclass: gateway, closer, impatient_closer, counterparty."""

    adapter: ClassVar[str]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    async def test_a_closed_page_takes_no_money(
        self, gateway: Collector, closer: PageCloser, counterparty: Counterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)

        await closer.close_page(sought(asked))
        await counterparty.buyer_pays(page)

        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        assert charge.state is ChargeState.FAILED

    async def test_a_page_is_closed_once_or_twice(self, gateway: Collector, closer: PageCloser) -> None:
        asked = order()
        await gateway.open_page(asked)

        await closer.close_page(sought(asked))
        await closer.close_page(sought(asked))

        await reaches(gateway, asked, ChargeState.FAILED)

    async def test_an_unknown_page_is_no_error(self, closer: PageCloser) -> None:
        await closer.close_page(sought(order()))

    async def test_a_paid_page_stays_paid(
        self, gateway: Collector, closer: PageCloser, counterparty: Counterparty
    ) -> None:
        asked = order()
        await counterparty.buyer_pays(await gateway.open_page(asked))
        await reaches(gateway, asked, ChargeState.CAPTURED)

        await closer.close_page(sought(asked))

        await reaches(gateway, asked, ChargeState.CAPTURED)

    async def test_a_closed_page_may_be_captured_after_all(
        self, gateway: Collector, closer: PageCloser, counterparty: Counterparty
    ) -> None:
        asked = order()
        page = await gateway.open_page(asked)
        await closer.close_page(sought(asked))

        await counterparty.bank_captures_late(page)

        await reaches(gateway, asked, ChargeState.CAPTURED)

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_is_no_answer(
        self, gateway: Collector, impatient_closer: PageCloser, counterparty: Counterparty, fate: Fate
    ) -> None:
        asked = order()
        await gateway.open_page(asked)
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await impatient_closer.close_page(sought(asked))

        charge = await gateway.look_up(sought(asked))
        assert charge is not None
        assert charge.state is (ChargeState.FAILED if fate.is_done else ChargeState.PENDING)
