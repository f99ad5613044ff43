"""Comparing day by day: once each, going on where it stopped, and leaving the rest to a named decision."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable, StatementLine
from application.ports.store import Listing
from application.records import AuditRecord
from application.use_cases.reconcile import NothingToCompare, Reconcile, ReconcileCommand
from application.use_cases.reconcile_daily import LOOKS_BACK
from domain.account import NotAllowed, Role
from domain.errors import InvalidValue, NotAllowedNow
from domain.reconciliation import Finding, FindingStatus, Reconciliation, ReconciliationRunning
from tests.support.planted_money import Planting, compare, findings
from tests.support.pocket_gateway import PocketGateway
from tests.support.world import World

YESTERDAY = date(2026, 11, 21)


async def daily(world: World) -> int:
    """What the hourly job does."""
    return (await world.deeds.jobs.run_once())["reconcile_daily"]


async def days(world: World) -> list[Reconciliation]:
    page = await world.container.store().list(Listing("reconciliation", "everything", "all"))
    return [record for record in page.items if isinstance(record, Reconciliation)]


async def test_each_day_is_compared_once_by_itself(every_world: World) -> None:
    world = every_world
    assert await daily(world) == LOOKS_BACK

    assert await daily(world) == 0
    world.clock.advance(timedelta(hours=12, minutes=59))
    assert await daily(world) == 0  # It is another day, which may still change.
    world.clock.advance(timedelta(minutes=2))
    assert await daily(world) == 1
    newest = max(await days(world), key=lambda record: record.id)
    assert newest.id == "pocket/2026-11-22"
    assert newest.is_complete


async def test_two_processes_compare_a_day_once_between_them(
    every_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = every_world
    asked = _counting(monkeypatch)

    done = await asyncio.gather(*(daily(world) for _ in range(4)))

    assert sum(done) == LOOKS_BACK
    assert len(asked) == LOOKS_BACK


async def test_without_the_lease_they_all_compare_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the one above."""
    asked = _counting(monkeypatch)

    async def unclaimed(self: Reconcile, gateway: Any, start: datetime, **_: Any) -> Reconciliation:
        return Reconciliation.begin(gateway.name, start, self.clock.now())

    monkeypatch.setattr(Reconcile, "_claim", unclaimed)
    await asyncio.gather(*(daily(world) for _ in range(4)), return_exceptions=True)

    assert len(asked) > LOOKS_BACK


def _counting(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The beginning of every span that the gateway is asked about from now on."""
    asked: list[datetime] = []
    listed = PocketGateway.captured

    async def captured(bank: PocketGateway, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        asked.append(start)
        await asyncio.sleep(0)
        async for line in listed(bank, start, end):
            yield line

    monkeypatch.setattr(PocketGateway, "captured", captured)
    return asked


async def test_a_process_that_died_leaves_the_day_to_the_next_one(world: World) -> None:
    gateway = world.deeds.gateways.named("pocket")
    start = datetime(2026, 11, 21, tzinfo=UTC)
    await world.deeds.reconcile._claim(gateway, start)

    with pytest.raises(ReconciliationRunning):
        await world.deeds.reconcile(world.operator, ReconcileCommand(YESTERDAY, YESTERDAY))
    world.clock.advance(timedelta(minutes=11))
    [again] = (await world.deeds.reconcile(world.operator, ReconcileCommand(YESTERDAY, YESTERDAY))).days

    assert again.is_complete


async def test_a_gateway_that_falls_silent_leaves_the_day_unfinished_and_what_was_done_done(world: World) -> None:
    planting = await Planting.of(world)
    for name in ("foreign", "unheard", "unheard"):
        await planting.plant(name)
    patience = world.bank.calls + 3
    called = PocketGateway._called

    def tiring(bank: PocketGateway) -> None:
        called(bank)
        if bank.calls > patience:
            raise GatewayUnavailable("the line is dead")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PocketGateway, "_called", tiring)
        broken = await compare(world, days=1)
    before = {finding.id: finding.status for finding in await findings(world)}

    assert not broken.is_finished
    assert "pocket did not answer" in broken.days[0].trouble
    assert FindingStatus.OPEN in before.values()
    world.clock.advance(60)
    again = await compare(world, days=1)
    after = {finding.id: finding.status for finding in await findings(world)}
    assert again.is_finished
    assert before.keys() <= after.keys()
    assert sorted(after.values()) == [FindingStatus.HEALED, FindingStatus.HEALED, FindingStatus.OPEN]


async def test_the_job_tries_an_unfinished_day_again(world: World) -> None:
    world.bank.down = True
    assert await daily(world) == 0
    assert [bool(record.trouble) for record in await days(world)] == [True]  # It is not asked about the other days.

    world.bank.down = False
    assert await daily(world) == LOOKS_BACK
    assert not any(record.trouble for record in await days(world))


async def test_a_gateway_that_refuses_to_tell_of_one_payment_is_no_reason_to_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    planting = await Planting.of(world)
    expected = await planting.plant("gone_there")
    await planting.plant("unheard")
    assert expected
    look_up = world.bank.look_up

    async def tight_lipped(_bank: PocketGateway, sought: Any) -> Any:
        if sought.payment_id == expected[1]:
            raise GatewayRefused("no such payment")
        return await look_up(sought)

    monkeypatch.setattr(PocketGateway, "look_up", tight_lipped)
    assert (await compare(world)).is_finished
    assert (await compare(world)).is_finished

    assert {finding.status for finding in await findings(world)} == {FindingStatus.OPEN, FindingStatus.HEALED}


async def test_a_long_comparison_stays_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    planting = await Planting.of(world)
    for _ in range(4):
        await planting.plant("unheard")
    learn = world.bank.look_up

    async def slow(_bank: PocketGateway, sought: Any) -> Any:
        world.clock.advance(timedelta(minutes=4))
        return await learn(sought)

    monkeypatch.setattr(PocketGateway, "look_up", slow)
    [day] = (await compare(world, days=1)).days

    assert day.finished_at is not None
    assert day.finished_at - day.started_at > timedelta(minutes=30)
    assert day.version > 2  # It said so in between.


async def test_a_dry_run_finds_all_and_keeps_nothing(world: World) -> None:
    planting = await Planting.of(world)
    for name in ("sound", "unheard", "foreign"):
        await planting.plant(name)
    today = world.clock.now().date()

    told = await world.deeds.reconcile.foretell(world.operator, ReconcileCommand(today, today))

    assert [(day.matched, day.findings) for day in told.days] == [(1, 2)]
    assert len(told.differences) == 2
    assert await findings(world) == []
    assert await days(world) == []


async def open_finding(world: World) -> Finding:
    planting = await Planting.of(world)
    await planting.plant("foreign")
    await compare(world)
    [finding] = await findings(world)
    return finding


async def test_a_person_decides_by_name_and_it_stays_decided(every_world: World) -> None:
    world = every_world
    finding = await open_finding(world)
    admin = await world.person(Role.ADMIN)

    decided = await world.deeds.decide_finding(admin, finding.id, " sold at the desk, by card ")
    await compare(world)

    [kept] = await findings(world)
    assert kept == decided
    assert (kept.status, kept.decision, kept.decided_by) == (
        FindingStatus.DECIDED,
        "sold at the desk, by card",
        admin.name,
    )
    with pytest.raises(NotAllowedNow, match="sold at the desk"):
        await world.deeds.decide_finding(admin, finding.id, "something else")
    page = await world.container.store().list(Listing("audit", "by_subject", finding.id))
    assert [(r.actor, r.action) for r in page.items if isinstance(r, AuditRecord)] == [(admin.name, "finding.decide")]


async def test_a_decision_has_words_and_comes_from_an_administrator(world: World) -> None:
    finding = await open_finding(world)

    with pytest.raises(InvalidValue):
        await world.deeds.decide_finding(world.operator, finding.id, "  ")
    for actor in (await world.person(), await world.organizer()):
        with pytest.raises(NotAllowed):
            await world.deeds.decide_finding(actor, finding.id, "mine")
        with pytest.raises(NotAllowed):
            await world.deeds.reconcile(actor, ReconcileCommand(YESTERDAY, YESTERDAY))
        with pytest.raises(NotAllowed):
            await world.deeds.reconciliations.findings(actor, FindingStatus.OPEN, None, 10)
    assert [one.status for one in await findings(world)] == [FindingStatus.OPEN]


@pytest.mark.parametrize(
    ("first", "last"),
    [(YESTERDAY, YESTERDAY - timedelta(days=1)), (date(2024, 1, 1), YESTERDAY), (date(2030, 1, 1), date(2030, 1, 2))],
)
async def test_days_that_make_no_sense_are_refused(world: World, first: date, last: date) -> None:
    with pytest.raises(InvalidValue):
        await world.deeds.reconcile(world.operator, ReconcileCommand(first, last))


async def test_a_gateway_without_a_list_has_nothing_to_compare(world: World) -> None:
    known = world.deeds.gateways.known
    assert isinstance(known, dict)
    known["pocket"] = evolve(known["pocket"], statements=None)

    assert await daily(world) == 0
    with pytest.raises(NothingToCompare):
        await compare(world)
