"""Whether we notice that a gateway's notices have stopped coming: its endpoint for us may have been disabled."""

from datetime import timedelta

import pytest
from attrs import evolve

from adapters.cli.operations import Verdict
from adapters.diagnosis import money
from adapters.settings import Settings
from application.ports.payment_gateway import ChargeState
from application.queries.announcements import WITHIN, Announced
from domain.event import Event
from domain.payment import Payment
from tests.support.planted_money import Planting, compare
from tests.support.world import World


async def sell(world: World, event: Event, *, announced: bool) -> Payment:
    """A sale that is told by a notice, or found by a poll alone."""
    buyer = await world.person()
    payment = await world.start_payment(buyer, await world.hold(buyer, event))
    if announced:
        await world.bank_says(payment, ChargeState.CAPTURED)
    else:
        world.bank.becomes(payment.id, ChargeState.CAPTURED, at=world.clock.now())
    world.clock.advance(timedelta(minutes=3))
    await world.deeds.poll_gateways()
    world.clock.advance(60)
    return payment


async def heard(world: World) -> Announced:
    [announced] = await world.deeds.announcements()
    return announced


async def test_payments_that_only_the_poll_found_are_told_with_the_beginning_of_the_silence(every_world: World) -> None:
    world = every_world
    event = await world.event(in_hours=24 * 30)
    await sell(world, event, announced=False)
    await sell(world, event, announced=True)
    before = world.clock.now()
    for _ in range(3):
        await sell(world, event, announced=False)
    world.clock.advance(WITHIN)

    told = await heard(world)

    assert (told.captured, told.unannounced, told.in_a_row, told.is_silent) == (5, 4, 3, True)
    assert told.silent_since is not None
    assert told.silent_since == before + timedelta(minutes=3)  # When the poll found the first of them.


async def test_a_notice_that_may_still_come_is_waited_for(world: World) -> None:
    event = await world.event()
    await sell(world, event, announced=False)

    assert (await heard(world)).captured == 0
    world.clock.advance(WITHIN)
    assert (await heard(world)).unannounced == 1


async def test_a_late_notice_ends_the_silence(world: World) -> None:
    payment = await sell(world, await world.event(), announced=False)
    world.clock.advance(WITHIN)
    assert (await heard(world)).in_a_row == 1

    await world.bank_says(payment, ChargeState.CAPTURED)

    assert (await heard(world)).in_a_row == 0


async def test_what_is_older_than_a_day_is_no_news(world: World) -> None:
    await sell(world, await world.event(), announced=False)
    world.clock.advance(timedelta(days=1, hours=1))

    assert (await heard(world)).captured == 0


async def test_without_the_mark_on_the_payment_nobody_would_notice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: were every way of learning taken for a notice, the silence would not be heard."""
    learn = type(world.deeds.poll_gateways.learn_payment)
    known = learn.__call__
    monkeypatch.setattr(learn, "__call__", lambda self, payment, **_: known(self, payment, announced=True))
    await sell(world, await world.event(), announced=False)
    world.clock.advance(WITHIN)

    assert (await heard(world)).unannounced == 0


async def doctor(world: World) -> dict[str, tuple[Verdict, str, str]]:
    settings = Settings(payments=("pocket",))
    found = [one async for one in money.findings(world.container.store(), settings, world.clock)]
    return {one.subject: (one.verdict, one.said, one.mend) for one in found}


async def test_doctor_tells_of_silence_and_of_open_findings(world: World) -> None:
    assert {verdict for verdict, _, _ in (await doctor(world)).values()} == {Verdict.OK}
    planting = await Planting.of(world)
    await sell(world, planting.event, announced=False)
    world.clock.advance(WITHIN)
    assert (await doctor(world))["webhooks: pocket"][0] is Verdict.NOTE
    for _ in range(2):
        await sell(world, planting.event, announced=False)
    await planting.plant("foreign")
    await compare(world)

    told = await doctor(world)

    verdict, said, mend = told["webhooks: pocket"]
    assert verdict is Verdict.WRONG
    assert "3 payments, since 2026-11-22T12:03" in said
    assert "disabled" in mend
    assert told["books"][0] is Verdict.WRONG


def test_a_single_late_one_is_only_noted() -> None:
    late = Announced("stripe", 5, 1, silent_since=None, in_a_row=0)

    assert money.of_notices(late).verdict is Verdict.OK
    assert not evolve(late, in_a_row=2).is_silent
