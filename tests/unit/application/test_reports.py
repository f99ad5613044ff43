"""Figures by day, month and event, each within what the actor may see."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import NotFound, SignInRequired
from application.queries import reports
from application.queries.reports import Wanted
from domain.account import NotAllowed, Role
from domain.errors import InvalidValue
from domain.event import Event
from domain.ledger import LedgerAccount, LedgerEntry
from domain.money import Money
from domain.totals import Tally
from tests.support.ledger_stories import a_month_of_rows, ids, keep, moved
from tests.support.world import World


async def test_a_month_is_the_sum_of_its_days_on_every_store(every_world: World) -> None:
    one, _, rows = await a_month_of_rows(every_world)
    deeds, operator = every_world.deeds.reports, every_world.operator
    zone = "America/St_Johns"

    month = await deeds.monthly(operator, "2026-11", zone=zone, organizer_id=one.organizer_id)
    days = [
        (day, (await deeds.daily(operator, day, zone=zone, organizer_id=one.organizer_id)).totals)
        for day in month.span.days()
    ]

    tally = Tally()
    for row in rows:
        if row.organizer_id == one.organizer_id and row.at.astimezone(ZoneInfo(zone)).month == 11:
            tally.add(row)
    assert month.totals == tally.totals() != ()
    assert [(day, totals) for day, totals in days if totals] == list(month.days)
    assert sum(totals[0].gross_minor for _, totals in month.days) == month.totals[0].gross_minor


async def test_a_local_day_is_of_two_days_of_utc(world: World) -> None:
    event = await world.event()
    midnight = datetime.combine(date(2026, 11, 6), time(), ZoneInfo("Asia/Kolkata")).astimezone(UTC)
    instants = [
        midnight - timedelta(microseconds=1),
        midnight,
        midnight + timedelta(hours=23, minutes=59),
        midnight + timedelta(days=1),
    ]
    await keep(world, [moved(at, event, number) for number, at in enumerate(instants)])
    day = date(2026, 11, 6)

    kolkata = await world.deeds.reports.daily(world.operator, day, zone="Asia/Kolkata")
    utc = await world.deeds.reports.daily(world.operator, day)

    assert [one.payments for one in kolkata.totals] == [2]
    assert [one.payments for one in utc.totals] == [2]
    assert await ids(world, Wanted(day, day, "Asia/Kolkata"), 10) == ["led/00001", "led/00002"]
    assert await ids(world, Wanted(day, day), 10) == ["led/00002", "led/00003"]


async def test_the_zone_of_the_business_is_a_setting(tmp_path: Path) -> None:
    world = World.of(tmp_path)
    there = evolve(world.deeds.reports, zone="Asia/Kolkata")

    assert (await world.deeds.reports.daily(world.operator, date(2026, 11, 6))).span.zone == "UTC"
    assert (await there.daily(world.operator, date(2026, 11, 6))).span.zone == "Asia/Kolkata"
    assert (await there.monthly(world.operator, "2026-11", zone="UTC")).span.zone == "UTC"


async def test_currencies_stand_apart_and_totals_may_be_larger_than_any_payment(world: World) -> None:
    event, at = await world.event(), datetime(2026, 11, 6, 9, 0, tzinfo=UTC)

    def paid(amount: Money) -> tuple[LedgerEntry, ...]:
        return LedgerEntry(LedgerAccount.GATEWAY, amount), LedgerEntry(LedgerAccount.SALES, amount * -1)

    amounts = [Money(10**13, "IDR"), Money(10**13, "IDR"), Money(1_500, "JPY"), Money(7_125, "KWD")]
    await keep(world, [moved(at, event, n, entries=paid(amount)) for n, amount in enumerate(amounts)])

    report = await world.deeds.reports.of_event(world.operator, event.id)

    assert [(one.currency, one.gross_minor, one.net_minor, one.payments) for one in report.totals] == [
        ("IDR", 2 * 10**13, 2 * 10**13, 2),
        ("JPY", 1_500, 1_500, 1),
        ("KWD", 7_125, 7_125, 1),
    ]


async def two_shops(world: World) -> tuple[Actor, Actor, Event, Event]:
    olga, oleg = await world.organizer(), await world.organizer()
    hers, his = await world.event(olga), await world.event(oleg, price="40.00")
    buyer = await world.person()
    await world.buy(buyer, hers)
    await world.buy(buyer, his)
    return olga, oleg, hers, his


async def test_an_organizer_sees_exactly_their_own(every_world: World) -> None:
    olga, oleg, hers, his = await two_shops(every_world)
    deeds, today = every_world.deeds.reports, every_world.clock.now().date()

    for actor, event, gross in ((olga, hers, 2_500), (oleg, his, 4_000)):
        month = await deeds.monthly(actor, f"{today:%Y-%m}")
        assert month.organizer_id == event.organizer_id
        assert [one.gross_minor for one in (await deeds.daily(actor, today)).totals] == [gross]
        assert [one.gross_minor for one in month.totals] == [gross]
        assert [one.gross_minor for one in (await deeds.of_event(actor, event.id)).totals] == [gross]
        lines = await deeds.transactions(actor, Wanted(today, today))
        assert [line.event_title for line in (await lines.page(None, 10)).items] == [event.title]
        assert {line.moved.event_id async for page in lines.read() for line in page} == {event.id}
    admin = await every_world.person(Role.ADMIN)
    assert [one.gross_minor for one in (await deeds.daily(admin, today)).totals] == [6_500]
    assert [one.gross_minor for one in (await deeds.daily(admin, today, organizer_id=hers.organizer_id)).totals] == [
        2_500
    ]


async def test_what_is_not_theirs_is_not_there(world: World) -> None:
    olga, _, _, his = await two_shops(world)
    deeds, today = world.deeds.reports, world.clock.now().date()
    whose = his.organizer_id

    with pytest.raises(NotFound):
        await deeds.daily(olga, today, organizer_id=whose)
    with pytest.raises(NotFound):
        await deeds.monthly(olga, "2026-11", organizer_id=whose)
    with pytest.raises(NotFound):
        await deeds.of_event(olga, his.id)
    with pytest.raises(NotFound):
        await deeds.of_event(olga, "evt_none")
    with pytest.raises(NotFound):
        await deeds.transactions(olga, Wanted(today, today, organizer_id=whose))
    with pytest.raises(NotFound):
        await deeds.transactions(olga, Wanted(today, today, event_id=his.id))


async def test_without_the_scope_an_organizer_would_see_everybodys(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga, _, _, _ = await two_shops(world)
    monkeypatch.setattr(reports, "_whose", lambda _actor, wanted: wanted)

    seen = await world.deeds.reports.daily(olga, world.clock.now().date())

    assert [one.gross_minor for one in seen.totals] == [6_500]


@pytest.mark.parametrize("who", ["stranger", "buyer", "disabled organizer"])
async def test_nobody_else_sees_any(world: World, who: str) -> None:
    olga, _, hers, _ = await two_shops(world)
    deeds, today = world.deeds.reports, world.clock.now().date()
    if who == "disabled organizer":
        await world.deeds.administer_account.disable(world.operator, olga.name)
        actor = Actor.person(await world.deeds.accounts.show(world.operator, olga.name))
    else:
        actor = Actor.anonymous() if who == "stranger" else await world.person()

    for deed in (
        deeds.daily(actor, today),
        deeds.monthly(actor, "2026-11"),
        deeds.of_event(actor, hers.id),
        deeds.transactions(actor, Wanted(today, today)),
    ):
        with pytest.raises((SignInRequired, NotAllowed, NotFound)):
            await deed


@pytest.mark.parametrize(
    "wanted",
    [
        {"first": date(2026, 11, 1)},
        {"last": date(2026, 11, 1)},
        {},
        {"event_id": "EVENT", "first": date(2026, 11, 1)},
        {"first": date(2026, 11, 2), "last": date(2026, 11, 1)},
        {"first": date(2025, 11, 1), "last": date(2026, 11, 2)},
        {"event_id": "EVENT", "zone": "Mars/Olympus"},
    ],
)
async def test_a_span_that_is_open_or_too_long_is_refused(world: World, wanted: dict[str, Any]) -> None:
    event = await world.event()
    if "event_id" in wanted:
        wanted = wanted | {"event_id": event.id}

    with pytest.raises(InvalidValue):
        await world.deeds.reports.transactions(world.operator, Wanted(**wanted))
