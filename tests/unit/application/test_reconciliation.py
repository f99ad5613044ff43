"""Our books against the gateway's: every planted difference is found, none is invented, and what can be is put right."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from application.listing import every
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    Sought,
    StatementLine,
)
from application.ports.store import Listing
from application.use_cases.compare_books import CompareBooks
from application.use_cases.reconcile import Compared, Reconcile, ReconcileCommand
from application.use_cases.reconcile_daily import LOOKS_BACK, ReconcileDaily
from domain.account import NotAllowed, Role
from domain.booking import BookingStatus
from domain.errors import InvalidValue, NotAllowedNow
from domain.ledger import LedgerTransaction, balances
from domain.money import Money
from domain.payment import PaymentStatus
from domain.reconciliation import Finding, FindingKind, FindingStatus, Reconciliation, ReconciliationRunning
from tests.support.planted_money import SOUND, WRONG, Planting
from tests.support.world import World


async def compare(world: World, *, days: int = 2) -> Compared:
    """The last days, until now."""
    today = world.clock.now().date()
    command = ReconcileCommand(today - timedelta(days=days - 1), today)
    return await world.deeds.reconcile(world.operator, command)


async def findings(world: World) -> list[Finding]:
    found: list[Finding] = []
    for status in FindingStatus:
        found += [one async for one in every(world.container.store(), Listing("finding", "by_status", status))]
    return found


def told(found: Sequence[Finding]) -> list[tuple[FindingKind, str, FindingStatus]]:
    return sorted((one.kind, one.subject, one.status) for one in found)


async def plant_and_compare(world: World, names: Sequence[str]) -> None:
    """Whatever is planted in whatever order: exactly that is found."""
    planting = await Planting.of(world)
    expected = [await planting.plant(name) for name in names]

    compared = await compare(world)

    assert told(await findings(world)) == sorted(one for one in expected if one is not None)
    assert compared.is_finished


@pytest.mark.parametrize("name", [*SOUND, *WRONG])
async def test_each_difference_is_found_alone(every_world: World, name: str) -> None:
    await plant_and_compare(every_world, [name])


@given(names=st.lists(st.sampled_from((*SOUND, *WRONG)), min_size=2, max_size=10))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_set_of_planted_differences_is_found_and_none_is_invented(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    asyncio.run(plant_and_compare(World.of(tmp_path_factory.mktemp("world")), names))


@given(names=st.lists(st.sampled_from((*SOUND, *WRONG)), min_size=2, max_size=8))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_holds_on_sqlite(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("world")

    async def on_sqlite() -> None:
        store = GatheringStore(await open_sql_store(f"sqlite:///{folder}/relexbooking.db"))
        try:
            await plant_and_compare(World.of(folder, store), names)
        finally:
            await store.close()

    asyncio.run(on_sqlite())
