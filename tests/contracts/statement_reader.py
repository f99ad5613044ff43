"""What every reader of statements promises, on whatever provider."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from application.ports.payment_gateway import (
    Charge,
    GatewayUnavailable,
    RefundSender,
    RefundState,
    StatementLine,
    StatementReader,
)
from domain.money import Money
from tests.contracts.dashboard import Dashboard, captured
from tests.contracts.payment_gateway import PRICE, Collector, Counterparty, Fate, order
from tests.contracts.refund_sender import ends, refund_of

MANY = 5
A_WHILE = timedelta(hours=1)
TICK = timedelta(seconds=1)


async def lines_of(statements: StatementReader, start: datetime, end: datetime) -> list[StatementLine]:
    return [line async for line in statements.captured(start, end)]


async def lately(statements: StatementReader) -> list[StatementLine]:
    now = datetime.now(UTC)
    return await lines_of(statements, now - A_WHILE, now + A_WHILE)


@pytest.mark.anyio
class StatementReaderContract:
    """Fixtures of a subclass: gateway, sender, statements (which asks for fewer than MANY lines at a time),
    impatient_statements, counterparty, dashboard.
    """

    adapter: ClassVar[str]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def charge(self, gateway: Collector, counterparty: Counterparty) -> Charge:
        return await captured(gateway, counterparty)

    async def line_of(self, statements: StatementReader, charge: Charge) -> StatementLine:
        """The one line about a charge; more or fewer fail the test."""
        (line,) = [one for one in await lately(statements) if one.gateway_reference == charge.gateway_reference]
        return line

    async def test_a_captured_payment_is_a_line_with_our_reference(
        self, statements: StatementReader, charge: Charge
    ) -> None:
        line = await self.line_of(statements, charge)

        assert (line.payment_id, line.amount, line.refunded) == (charge.payment_id, PRICE, Money.zero("INR"))
        assert abs(line.captured_at - datetime.now(UTC)) < timedelta(minutes=5)

    async def test_what_took_no_money_is_no_line(
        self, gateway: Collector, counterparty: Counterparty, statements: StatementReader
    ) -> None:
        waiting, declined = order(), order()
        await gateway.open_page(waiting)
        await counterparty.buyer_is_declined(await gateway.open_page(declined))

        told = {line.payment_id for line in await lately(statements)}

        assert not told & {waiting.payment_id, declined.payment_id}

    async def test_a_line_tells_what_went_back(
        self, sender: RefundSender, statements: StatementReader, charge: Charge
    ) -> None:
        refund = refund_of(charge, Money(400, "INR"))
        await sender.refund(refund)
        await ends(sender, refund, RefundState.SUCCEEDED)

        line = await self.line_of(statements, charge)

        assert (line.amount, line.refunded) == (PRICE, Money(400, "INR"))

    async def test_a_payment_by_hand_is_a_line_without_a_reference_of_ours(
        self, statements: StatementReader, dashboard: Dashboard
    ) -> None:
        reference = await dashboard.takes_by_hand(Money(900, "INR"))

        (line,) = [one for one in await lately(statements) if one.gateway_reference == reference]

        assert (line.payment_id, line.amount) == (None, Money(900, "INR"))

    async def test_more_lines_than_one_page_holds_all_come_once(
        self, gateway: Collector, counterparty: Counterparty, statements: StatementReader
    ) -> None:
        paid = {(await captured(gateway, counterparty)).gateway_reference for _ in range(MANY)}

        told = [line.gateway_reference for line in await lately(statements)]

        assert len(told) == len(set(told))
        assert paid <= set(told)

    async def test_the_start_belongs_to_a_statement_and_the_end_does_not(
        self, statements: StatementReader, charge: Charge
    ) -> None:
        at = (await self.line_of(statements, charge)).captured_at
        windows = [(at - A_WHILE, at), (at, at + TICK), (at + TICK, at + A_WHILE)]

        held = [
            charge.gateway_reference in {line.gateway_reference for line in await lines_of(statements, *window)}
            for window in windows
        ]

        assert held == [False, True, False]

    async def test_nothing_was_taken_in_the_future(self, statements: StatementReader, charge: Charge) -> None:
        tomorrow = datetime.now(UTC) + timedelta(days=1)

        assert await lines_of(statements, tomorrow, tomorrow + A_WHILE) == []

    @pytest.mark.parametrize("fate", Fate)
    async def test_a_lost_answer_never_reads_as_a_shorter_statement(
        self, impatient_statements: StatementReader, counterparty: Counterparty, charge: Charge, fate: Fate
    ) -> None:
        await counterparty.next_call(fate)

        with pytest.raises(GatewayUnavailable):
            await lately(impatient_statements)
