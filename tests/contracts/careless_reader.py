"""A reader that takes silence for an answer, and what the contracts must say of it."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import ClassVar

import pytest
from attrs import frozen

from application.ports.payment_gateway import (
    DisputeReader,
    DisputeReport,
    GatewayUnavailable,
    Sought,
    StatementLine,
    StatementReader,
)
from tests.contracts.dashboard import Dashboard, captured
from tests.contracts.dispute_reader import DisputeReaderContract
from tests.contracts.payment_gateway import Collector, Counterparty, Fate
from tests.contracts.statement_reader import StatementReaderContract


@frozen
class CarelessReader:
    """Believes that there is nothing where no answer came, and that a list is over after its first page."""

    disputes: DisputeReader
    statements: StatementReader
    page_size: int

    async def disputes_of(self, asked: Sought) -> Sequence[DisputeReport]:
        try:
            return await self.disputes.disputes_of(asked)
        except GatewayUnavailable:
            return ()

    async def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        told = 0
        try:
            async for line in self.statements.captured(start, end):
                told += 1
                if told > self.page_size:
                    return
                yield line
        except GatewayUnavailable:
            return


@pytest.mark.anyio
class CarelessControl:
    """The control of each provider's readers.

    Fixtures of a subclass: gateway, disputes, statements, impatient_disputes, impatient_statements, counterparty,
    dashboard.
    """

    page_size: ClassVar[int]
    """How many lines of a statement its settings ask for at a time."""

    @pytest.fixture
    def careless(self, disputes: DisputeReader, statements: StatementReader) -> CarelessReader:
        return CarelessReader(disputes, statements, self.page_size)

    @pytest.fixture
    def impatient(self, impatient_disputes: DisputeReader, impatient_statements: StatementReader) -> CarelessReader:
        return CarelessReader(impatient_disputes, impatient_statements, self.page_size)

    async def test_silence_about_disputes_is_noticed(
        self, gateway: Collector, impatient: CarelessReader, counterparty: Counterparty, dashboard: Dashboard
    ) -> None:
        charge = await captured(gateway, counterparty)

        with pytest.raises(pytest.fail.Exception):
            await DisputeReaderContract().test_a_lost_answer_never_reads_as_undisputed(
                impatient_disputes=impatient,
                counterparty=counterparty,
                dashboard=dashboard,
                charge=charge,
                fate=Fate.FAILS,
            )

    async def test_silence_about_a_statement_is_noticed(
        self, gateway: Collector, impatient: CarelessReader, counterparty: Counterparty
    ) -> None:
        charge = await captured(gateway, counterparty)

        with pytest.raises(pytest.fail.Exception):
            await StatementReaderContract().test_a_lost_answer_never_reads_as_a_shorter_statement(
                impatient, counterparty, charge, Fate.FAILS
            )

    async def test_a_statement_that_ends_after_a_page_is_noticed(
        self, gateway: Collector, careless: CarelessReader, counterparty: Counterparty
    ) -> None:
        with pytest.raises(AssertionError):
            await StatementReaderContract().test_more_lines_than_one_page_holds_all_come_once(
                gateway, counterparty, careless
            )
